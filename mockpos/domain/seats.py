"""Seats of a listing: how they are numbered, which are free, which a hold takes.

A position is a seat's place in the listing's order, from 0. Free seats are kept
as runs of positions, so that a listing of 40,000 costs what one of 4 costs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

Run = tuple[int, int]
"""Neighbouring positions: the first, and one past the last."""

Runs = tuple[Run, ...]
"""Runs in ascending order that neither touch nor overlap."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """How positions become printed seat numbers: ``low``, ``low + step``, ...

    ``step`` is 1, or 2 for a row that is numbered odd or even.
    """

    low: int
    step: int = 1

    def number(self, position: int) -> int:
        """Return the number printed on the seat at this position."""
        return self.low + position * self.step

    def labels(self, runs: Runs) -> list[str]:
        """Return the printed numbers of all positions in these runs, in order."""
        low, step = self.low, self.step
        return [str(low + position * step) for start, stop in runs for position in range(start, stop)]


@lru_cache(maxsize=4096)
def numbered(low: int, step: int) -> Numbering:
    """Return the numbering of a row; the same one for rows numbered alike, of which there may be a million."""
    return Numbering(low, step)


def size(runs: Iterable[Run]) -> int:
    """Return how many seats are in the runs."""
    return sum(stop - start for start, stop in runs)


def take(free: Runs, quantity: int) -> tuple[Runs, Runs]:
    """Choose seats for a hold: (taken, still free). Contract rule 1.

    The lowest run of neighbours that fits; when none fits, the lowest free seats.
    ``quantity`` must not exceed what is free.
    """
    for index, (start, stop) in enumerate(free):
        if stop - start >= quantity:
            end = start + quantity
            rest = ((end, stop),) if end < stop else ()
            return ((start, end),), free[:index] + rest + free[index + 1 :]
    taken: list[Run] = []
    wanted = quantity
    for index, (start, stop) in enumerate(free):
        if stop - start > wanted:
            taken.append((start, start + wanted))
            return tuple(taken), ((start + wanted, stop), *free[index + 1 :])
        taken.append((start, stop))
        wanted -= stop - start
        if not wanted:
            return tuple(taken), free[index + 1 :]
    raise ValueError(f"{quantity} seats asked, only {size(free)} are free")


def give_back(free: Runs, returned: Runs) -> Runs:
    """Return the free runs with these seats among them again, neighbours joined."""
    joined: list[Run] = []
    for start, stop in sorted(free + returned):
        if joined and start < joined[-1][1]:
            raise ValueError(f"seat at position {start} is free already")
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return tuple(joined)


def remove(free: Runs, wanted: Runs) -> Runs | None:
    """Return the free runs without exactly these seats, or None when one of them is not free."""
    rest: list[Run] = []
    pending = list(reversed(wanted))
    for start, stop in free:
        at = start
        while pending and pending[-1][0] < stop:
            first, last = pending.pop()
            if first < at or last > stop:
                return None
            if at < first:
                rest.append((at, first))
            at = last
        if at < stop:
            rest.append((at, stop))
    return None if pending else tuple(rest)
