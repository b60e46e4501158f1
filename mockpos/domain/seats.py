"""Seats of a listing: how they are labelled, which are free, which a hold takes.

A seat is labelled ``5``, ``A5`` or ``5A``, and has a position: its place in the listing's order, from 0. Everything but
a ``Numbering`` knows positions only. The free seats of a listing are the bits of one number, so that a call on a
listing of 16,000 in pieces costs what one on a listing of 4 costs. The few seats of a hold are runs of positions,
which people and files can read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from mockpos.domain.counted import counted

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


MOST_NUMBERED = 1_000_000
"""The most seats that a numbered listing may have."""

MOST_NAMED = 100
"""The most seats of a listing whose labels follow no number, so that each has to be kept."""

LONGEST_LABEL = 12
LABEL_PATTERN = "[0-9A-Za-z][0-9A-Za-z .]*"
_LABEL = re.compile(LABEL_PATTERN, re.ASCII)
_PARTS = re.compile(r"[0-9]+|[A-Za-z]+|[ .]+", re.ASCII)
_NUMBER = "#"
_LOOKALIKES = "IO"
"""Letters that rows of lettered seats often leave out, for they read as 1 and 0 on a ticket."""


class Numbering(NamedTuple):
    """How positions become labels: ``low``, ``low + step``, ..., in the place of ``#`` in ``form``.

    ``step`` is 1, or 2 for a row that is numbered odd or even. Without a form the label is the number; one without
    ``#`` is the labels themselves, with commas between them. A tuple: every hold has one, and its log line as well.
    """

    low: int
    step: int = 1
    form: str = ""

    def label(self, position: int) -> str:
        """Return what is printed on the seat at this position."""
        if not self.form:
            return str(self.low + position * self.step)
        if self.is_named:
            return _names(self.form)[position]
        return self.form.replace(_NUMBER, str(self.low + position * self.step))

    def labels(self, runs: Runs) -> list[str]:
        """Return the labels of all positions in these runs, in order."""
        if self.form:
            return [self.label(position) for start, stop in runs for position in range(start, stop)]
        low, step = self.low, self.step
        return [str(low + position * step) for start, stop in runs for position in range(start, stop)]

    def position(self, label: str) -> int:
        """Return the position of a label. Raises ValueError for one that no seat has."""
        if self.is_named:
            return _names(self.form).index(label)
        before, _, after = self.form.partition(_NUMBER)
        digits = label.removeprefix(before).removesuffix(after) if self.form else label
        position, off = divmod(int(digits) - self.low, self.step)
        if off or position < 0 or (self.form and self.label(position) != label):
            raise ValueError(label)
        return position

    @property
    def is_named(self) -> bool:
        """Tell whether each label is kept, for they follow no number."""
        return bool(self.form) and _NUMBER not in self.form


@lru_cache(maxsize=4096)
def numbered(low: int, step: int, form: str = "") -> Numbering:
    """Return the numbering of a row; the same one for rows numbered alike, of which there may be a million."""
    return Numbering(low, step, form)


@lru_cache(maxsize=4096)
def numbering_between(quantity: int, first: str, last: str = "") -> Numbering:
    """Return the numbering of a row from one label to another; without the other it counts up.

    Between them is one number that grows by one or by twos (``A5`` to ``A8``), or one letter (``5A`` to ``5D``).
    Raises ValueError for labels between which there are not so many seats.
    """
    low, high = _parts(first), _parts(last or first)
    places = [place for place, part in enumerate(low) if place < len(high) and part != high[place]]
    if len(low) != len(high) or len(places) > 1:
        raise ValueError(f"{first} to {last} are no row of seats: one number or one letter must differ")
    place = places[0] if places else _counting(low)
    before, part, after = "".join(low[:place]), low[place], "".join(low[place + 1 :])
    if part.isdigit() and (high[place].isdigit() or not places) and not _is_padded(part, before + after):
        return _by_number(quantity, int(part), int(high[place]), f"{before}{_NUMBER}{after}", is_open=not last)
    row = _padded if part.isdigit() else _letters
    return _named([f"{before}{each}{after}" for each in row(quantity, part, high[place], is_open=not last)])


def row_between(quantity: int, first: str, last: str) -> Numbering | None:
    """Return the numbering from one label to another, or None where there are not so many seats between them."""
    try:
        return numbering_between(quantity, first, last)
    except ValueError:
        return None


def numbering_of_labels(labels: Sequence[str]) -> Numbering:
    """Return the numbering of a row whose labels are these, in their order. Raises ValueError."""
    if len(set(labels)) < len(labels):
        raise ValueError(f"the seat {next(one for one in labels if labels.count(one) > 1)} is named twice")
    for label in labels:
        _parts(label)
    try:
        regular = numbering_between(len(labels), labels[0], labels[-1])
    except ValueError:
        return _named(labels)
    return regular if regular.labels(((0, len(labels)),)) == list(labels) else _named(labels)


def _named(labels: Sequence[str]) -> Numbering:
    if len(labels) > MOST_NAMED:
        raise ValueError(f"{len(labels)} seats follow no number; such listings have {MOST_NAMED} at most")
    return numbered(1, 1, ",".join(labels))


def is_label(text: str) -> bool:
    """Tell whether a text can be what is printed on a seat."""
    return len(text) <= LONGEST_LABEL and _LABEL.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _names(form: str) -> tuple[str, ...]:
    return tuple(form.split(","))


def _parts(label: str) -> list[str]:
    """Return a label's numbers, words and what is between them. Raises ValueError for what is no label."""
    if not is_label(label):
        raise ValueError(f"{label[:40]!r} is not a seat; a seat is a number such as 5, or a label such as A5 or 5A")
    return _PARTS.findall(label)


def _counting(parts: list[str]) -> int:
    """Return which part of a lone label counts up: its last number, else its last word."""
    numbers = [place for place, part in enumerate(parts) if part.isdigit()]
    return numbers[-1] if numbers else max(place for place, part in enumerate(parts) if part.isalpha())


def _is_padded(number: str, around: str) -> bool:
    """Tell whether a number's leading zeros belong to the label: beside letters they do."""
    return bool(around) and number.startswith("0") and number != "0"


def _by_number(quantity: int, low: int, high: int, form: str, *, is_open: bool) -> Numbering:
    form = "" if form == _NUMBER else form
    for step in (1, 2):
        if is_open or high == low + (quantity - 1) * step:
            return numbered(low, step, form)
    first, last = (numbered(each, 1, form).label(0) for each in (low, high))
    raise ValueError(f"{first} to {last} cannot be {_wanted(quantity, low, form)}")


def _wanted(quantity: int, low: int, form: str) -> str:
    if quantity == 1:
        return f"one seat: the last must be {numbered(low, 1, form).label(0)} too"
    together, by_twos = (numbered(low, step, form).label(quantity - 1) for step in (1, 2))
    return f"{quantity} seats: the last must be {together}, or {by_twos} where a row is numbered odd or even"


def _padded(quantity: int, low: str, high: str, *, is_open: bool) -> list[str]:
    labels = [str(int(low) + number).zfill(len(low)) for number in range(quantity)]
    if not is_open and labels[-1] != high:
        raise ValueError(f"{low} to {high} cannot be {counted(quantity, 'seat')}")
    return labels


def _letters(quantity: int, low: str, high: str, *, is_open: bool) -> list[str]:
    """Return the letters from one to another; I and O may be missing among them."""
    if len(low) != 1 or len(high) != 1 or low.isupper() != high.isupper() or not (low + high).isalpha():
        if quantity == 1 and low == high:
            return [low]
        raise ValueError(f"{low} to {high} are no row of seats: one number or one letter must differ")
    last = chr(min(ord(low) + quantity - 1, ord("Z" if low.isupper() else "z"))) if is_open else high
    letters = [chr(code) for code in range(ord(low), ord(last) + 1)]
    without = [letter for letter in letters if letter.upper() not in _LOOKALIKES]
    for row in (letters, without):
        if len(row) == quantity:
            return row
    raise ValueError(
        f"{low} to {last} are {counted(len(letters), 'letter')}, but the listing has {counted(quantity, 'seat')}"
    )
