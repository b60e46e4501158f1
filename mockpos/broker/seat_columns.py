"""SeatFrom, SeatThru and Seats: from cells to a listing's numbering, and back."""

import re
from functools import lru_cache

from mockpos.broker.cells import EMPTY_WORDS, Notices, Row, positive, refuse_made_date, split_type, whole_number
from mockpos.broker.columns import plain
from mockpos.domain.counted import counted
from mockpos.domain.listing import SplitType
from mockpos.domain.seats import Numbering, numbering_between, numbering_of_labels, row_between

_NOT_NUMBERED = frozenset({
    "na", "null", "none", "nan", "ga", "generaladmission", "tba", "tbd", "unassigned", "unreserved", "noseats",
    "openseating", "sro", "standing", "standingroom", "standingroomonly",
})  # fmt: skip
"""What TEvo ignores in a seat cell (Import File Specification, SeatFrom), and what brokers and programs write there."""

_AROUND_SEATS = re.compile(r"^[\s,;|(\[{\"']*(?:seats?[.:]? *)?|[\s,;|)\]}\"']+$", re.I)
_BEFORE_A_SEAT = re.compile(r"^(?:seats?|#|no\.)[.:# ]*(?=.*\d)", re.I)
_BETWEEN_SEATS = re.compile(r"[\s\"']*[,;|&/\n]+[\s\"']*| +and +", re.I)
_SEAT = r"((?:[a-z]+ )?[^\s\u2013\u2014-]+)"
_RANGE = re.compile(rf"{_SEAT} *(?:-|\u2013|\u2014| to | thru | through ) *{_SEAT}", re.I)
_MOST_LISTED = 1000


def numbering_of(quantity: int, seat_from: str, seat_thru: str, seats: str = "") -> Numbering | None:
    """Return how the seats are labelled, or None where they are not. ``seats`` lists all of them in one cell.

    (thru - from) / (quantity - 1) is 1, or 2 in a row numbered odd or even; SeatFrom alone counts up; the two may
    stand the other way round. Raises ValueError for anything else.
    """
    column, listed = _listed(seat_from, seat_thru, seats)
    if listed:
        return _numbering_of_list(quantity, column, listed)
    low = _seat("SeatFrom", seat_from)
    high = _seat("SeatThru", seat_thru)
    if not low:
        if high:
            raise ValueError(f"SeatThru is {high}, but SeatFrom is empty")
        return None
    try:
        return numbering_between(quantity, low, high)
    except ValueError as error:
        backwards = row_between(quantity, high, low) if high else None
        if backwards is None:
            raise ValueError(f"SeatFrom and SeatThru: {error}") from None
        return backwards


def seat_cells(numbering: Numbering | None, quantity: int) -> tuple[str, str]:
    """Write SeatFrom and SeatThru; the first lists all seats where two do not say what is between them."""
    if numbering is None:
        return "", ""
    first, last = numbering.label(0), numbering.label(quantity - 1)
    if not numbering.is_named or row_between(quantity, first, last) == numbering:
        return first, last
    return ",".join(numbering.labels(((0, quantity),))), ""


def _listed(seat_from: str, seat_thru: str, seats: str) -> tuple[str, str]:
    """Return the cell that lists all seats, and its column; nothing where SeatFrom and SeatThru say it."""
    if not _is_empty(seats) and _is_empty(seat_from) and _is_empty(seat_thru):
        return "Seats", seats
    if _is_list(seat_from) and (_is_empty(seat_thru) or seat_thru == seat_from):
        return "SeatFrom", seat_from
    return "", ""


def _is_empty(cell: str) -> bool:
    return not cell.strip("*-[]") or plain(cell) in _NOT_NUMBERED


def _is_list(cell: str) -> bool:
    if _is_empty(cell) or cell.startswith("-"):
        return False
    parts = _parts_of_list(cell)
    return len(parts) > 1 or (len(parts) == 1 and (parts[0] != cell or _range_in(cell) is not None))


def _parts_of_list(cell: str) -> list[str]:
    """Return the seats and ranges that a cell lists; spaces are between seats, not within a label such as ``BOX 5``."""
    found: list[str] = []
    for piece in filter(None, _BETWEEN_SEATS.split(_AROUND_SEATS.sub("", cell))):
        words = piece.split()
        are_seats = all(len(word) == 1 or any(map(str.isdigit, word)) for word in words)
        found += words if are_seats and _range_in(piece) is None else [piece]
    return found


def _range_in(part: str) -> tuple[str, str] | None:
    """Return the ends of a range; ``A-5`` is none, for one end has a number and the other a letter only."""
    match = _RANGE.fullmatch(part)
    if match is None or match[1].isalpha() != match[2].isalpha():
        return None
    return match[1], match[2]


def _numbering_of_list(quantity: int, column: str, cell: str) -> Numbering:
    refuse_made_date(cell, column)
    labels = list(dict.fromkeys(_labels(column, cell)))
    if len(labels) == 1 and quantity > 1:
        try:
            return numbering_between(quantity, labels[0])
        except ValueError as error:
            raise ValueError(f"{column}: {error}") from None
    if len(labels) != quantity:
        raise ValueError(f"{column}: {cell[:60]!r} names {counted(len(labels), 'seat')} for a Quantity of {quantity}")
    if all(map(str.isdecimal, labels)):
        labels.sort(key=int)
    numbering = _row(column, labels)
    if numbering.is_named and all(map(str.isdecimal, labels)):
        raise ValueError(f"{column}: {cell[:60]!r} are no neighbours; make a listing of each run of seats")
    return numbering


def _labels(column: str, cell: str) -> list[str]:
    """Return the seats that a cell lists, one by one or as ranges."""
    found: list[str] = []
    for part in _parts_of_list(cell):
        ends = _range_in(part)
        found += _range(column, *(_label(column, end) for end in ends)) if ends else [_label(column, part)]
    return found


def _range(column: str, low: str, high: str) -> list[str]:
    """Return the labels from one to another, whichever is the higher one."""
    if low.isdecimal() and high.isdecimal():
        first, last = sorted((int(low), int(high)))
        if last - first >= _MOST_LISTED:
            raise ValueError(f"{column}: {low}-{high} is more than {_MOST_LISTED} seats")
        return [str(number) for number in range(first, last + 1)]
    if high.isdecimal():  # A5-8
        high = f"{low.rstrip('0123456789')}{high}"
    for quantity in range(2, _MOST_LISTED + 1):
        numbering = row_between(quantity, low, high) or row_between(quantity, high, low)
        if numbering is not None and numbering.step == 1:
            return numbering.labels(((0, quantity),))
    raise ValueError(f"{column}: {low}-{high} is no row of seats")


def _seat(name: str, cell: str) -> str:
    return "" if _is_empty(cell) else _label(name, cell)


def _label(name: str, cell: str) -> str:
    """Return a seat's label; a number as spreadsheets write it, such as 5.0, is that number, and ``Seat 5`` is 5."""
    cell = _BEFORE_A_SEAT.sub("", cell)
    try:
        return str(whole_number(cell))
    except ValueError:
        pass
    refuse_made_date(cell, name)
    if not any(map(str.isalpha, cell)):
        raise ValueError(f"{name}: {cell!r} is not a whole number")
    _row(name, [cell])
    return cell


def _row(name: str, labels: list[str]) -> Numbering:
    try:
        return numbering_of_labels(labels)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


_BETWEEN = re.compile(r"[:,|;/&\s]+")
_UNUSED_VALUES = "SplitValue counts for CUSTOM only, and was passed over beside another SplitType"


def read_splits(row: Row, quantity: int, notices: Notices) -> tuple[SplitType, tuple[int, ...]]:
    """Read how a listing of this many tickets is split. Without a SplitType, values make it custom.

    A custom split of which no value fits is refused: nothing of it could ever be bought. SplitValue may have the word
    of a SplitType that is not there.
    """
    none: tuple[int, ...] = ()
    said = row.text("SplitValue")
    is_empty = not said or said.casefold() in EMPTY_WORDS
    if not row.text("SplitType") and not is_empty and said.isascii() and said[0].isalpha():
        return row.read("SplitValue", split_type, SplitType.ANY), none
    values = row.read("SplitValue", split_values, none)
    kind = row.read("SplitType", split_type, SplitType.CUSTOM if values else SplitType.ANY)
    if kind is not SplitType.CUSTOM:
        if values:
            notices.add(_UNUSED_VALUES, row.line, f"{row.text('SplitType')} beside {said}"[:60])
        return kind, none
    if is_empty:
        row.refuse("SplitType is CUSTOM, but SplitValue is empty: list the quantities, as 1:2:4.")
    elif values and quantity and values[0] > quantity:
        row.refuse(f"SplitValue: none of {said} fits a Quantity of {quantity}, so nothing could be bought.")
    return kind, values


@lru_cache(maxsize=1024)
def split_values(cell: str) -> tuple[int, ...]:
    """Read ``1:2:4``, also with ``,`` or ``|``, in any order. Equal lists share one tuple. Raises ValueError."""
    try:
        return tuple(sorted({positive(value) for value in _BETWEEN.split(cell.strip("[](){}")) if value}))
    except ValueError as error:
        raise ValueError(f"{error}; write the quantities as 1:2:4") from None


def split_cells(kind: SplitType, values: tuple[int, ...]) -> tuple[str, str]:
    """Write SplitType and SplitValue, in the brokers' spelling."""
    return kind.value.replace("_", "").upper(), ":".join(map(str, values)) if kind is SplitType.CUSTOM else ""
