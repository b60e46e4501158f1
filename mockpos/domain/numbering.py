"""How the seats of a listing are labelled: ``5``, ``6``, ...; ``A5``, ``A6``, ...; ``5A``, ``5B``, ...

Seats are labels with an order. A position is a seat's place in it, from 0; everything else knows positions only.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from mockpos.domain.counted import counted
from mockpos.domain.seats import Runs

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
