"""Seats of a listing: which are free, which a hold takes.

A position is a seat's place in the listing's order, from 0. The free seats of a listing are the bits of one
number, so that a call on a listing of 16,000 in pieces costs what one on a listing of 4 costs. The few seats
of a hold are runs of positions, which people and files can read.
"""

import re
from collections.abc import Iterable, Iterator

Run = tuple[int, int]
"""Neighbouring positions: the first, and one past the last."""

Runs = tuple[Run, ...]
"""Runs in ascending order that neither touch nor overlap."""

SeatSet = int
"""Seats as bits: bit ``n`` is set where the seat at position ``n`` is among them."""

_ONES = re.compile("1+")


def size(runs: Iterable[Run]) -> int:
    """Return how many seats are in the runs."""
    return sum(stop - start for start, stop in runs)


def first_seats(quantity: int) -> SeatSet:
    """Return the seats at the first positions, as many as these."""
    return (1 << quantity) - 1


def seat_set(runs: Iterable[Run]) -> SeatSet:
    """Return the seats in the runs as bits."""
    seats = 0
    for start, stop in runs:
        seats |= first_seats(stop - start) << start
    return seats


def runs_of(seats: SeatSet) -> Runs:
    """Return seats as runs."""
    lowest_seat = seats & -seats
    if seats and not seats & (seats + lowest_seat):  # neighbours, as nearly always
        return ((lowest_seat.bit_length() - 1, seats.bit_length()),)
    return tuple(_each_run(seats))


def take(free: SeatSet, quantity: int) -> tuple[Runs, SeatSet]:
    """Choose seats for a hold: (taken, still free). Contract rule 1.

    The lowest run of neighbours that fits; when none fits, the lowest free seats.
    ``quantity`` must not exceed what is free.
    """
    starts, width = free, 1  # a bit of ``starts`` is set where so many neighbours begin
    while width < quantity and starts:
        step = min(width, quantity - width)
        starts &= starts >> step
        width += step
    if starts:
        start = (starts & -starts).bit_length() - 1
        return ((start, start + quantity),), free ^ (first_seats(quantity) << start)
    taken = tuple(lowest(_each_run(free), quantity))
    if size(taken) < quantity:
        raise ValueError(f"{quantity} seats asked, only {free.bit_count()} are free")
    return taken, free ^ seat_set(taken)


def lowest(runs: Iterable[Run], quantity: int) -> Iterator[Run]:
    """Return the lowest seats of the runs, up to so many."""
    for start, stop in runs:
        stop = min(stop, start + quantity)
        yield start, stop
        quantity -= stop - start
        if not quantity:
            return


def give_back(free: SeatSet, returned: Runs) -> SeatSet:
    """Return the free seats with these among them again. Raises ValueError when one of them is free already."""
    seats = seat_set(returned)
    twice = free & seats
    if twice:
        raise ValueError(f"seat at position {(twice & -twice).bit_length() - 1} is free already")
    return free | seats


def remove(free: SeatSet, wanted: Runs) -> SeatSet | None:
    """Return the free seats without exactly these, or None when one of them is not free."""
    seats = seat_set(wanted)
    return free ^ seats if free & seats == seats else None


def _each_run(seats: SeatSet) -> Iterator[Run]:
    first = (seats & -seats).bit_length() - 1 if seats else 0
    for run in _ONES.finditer(f"{seats >> first:b}"[::-1]):  # the text of the bits, from the first position on
        yield first + run.start(), first + run.end()
