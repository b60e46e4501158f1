"""SeatFrom, SeatThru and Seats: from cells to a listing's numbering, and back."""

import itertools
import re

from mockpos.broker.words import whole_number
from mockpos.domain.seats import Numbering, numbered

_NOT_NUMBERED = frozenset({
    "", "*", "**", "-", "--", "n/a", "na", "#n/a", "null", "none", "nan", "ga", "general admission", "tba", "tbd",
})  # fmt: skip
"""What TEvo ignores in a seat cell (Import File Specification, SeatFrom), and what brokers and programs write there."""

_BETWEEN_SEATS = re.compile(r" *[,;|&/] *| +")
_RANGE = re.compile(r"([^-\u2013]+?) *(?:-|\u2013| to | thru | through ) *([^-\u2013]+)", re.I)
_SPREADSHEET_DATE = re.compile(
    r"\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\d{1,2}/\d{1,2}/\d{2,4}", re.I
)
_MOST_LISTED = 1000


def numbering_of(quantity: int, seat_from: str, seat_thru: str, seats: str = "") -> Numbering | None:
    """Return how the seats are numbered, or None where they are not. ``seats`` lists all of them in one cell.

    (thru - from) / (quantity - 1) is 1, or 2 in a row numbered odd or even; SeatFrom alone counts up; the two may
    stand the other way round. Raises ValueError for anything else.
    """
    column, listed = _listed(seat_from, seat_thru, seats)
    if listed:
        return _numbering_of_list(quantity, column, listed)
    low = _seat("SeatFrom", seat_from)
    high = _seat("SeatThru", seat_thru)
    if low is None:
        if high is not None:
            raise ValueError(f"SeatThru is {high}, but SeatFrom is empty")
        return None
    if high is None:
        return numbered(low, 1)
    for first, last in ((low, high), (high, low)):
        for step in (1, 2):
            if last == first + (quantity - 1) * step:
                return numbered(first, step)
    raise ValueError(f"SeatFrom {low} to SeatThru {high} cannot be {_seats(low, quantity)}")


def seat_cells(numbering: Numbering | None, quantity: int) -> tuple[str, str]:
    """Write SeatFrom and SeatThru."""
    if numbering is None:
        return "", ""
    return str(numbering.low), str(numbering.number(quantity - 1))


def _listed(seat_from: str, seat_thru: str, seats: str) -> tuple[str, str]:
    """Return the cell that lists all seats, and its column; nothing where SeatFrom and SeatThru say it."""
    if not _is_empty(seats) and _is_empty(seat_from) and _is_empty(seat_thru):
        return "Seats", seats
    if _is_list(seat_from) and (_is_empty(seat_thru) or seat_thru == seat_from):
        return "SeatFrom", seat_from
    return "", ""


def _is_empty(cell: str) -> bool:
    return cell.casefold() in _NOT_NUMBERED


def _is_list(cell: str) -> bool:
    return (
        not _is_empty(cell) and any(character.isdigit() for character in cell) and len(_BETWEEN_SEATS.split(cell)) > 1
    ) or (_RANGE.fullmatch(cell) is not None and not cell.startswith("-"))


def _numbering_of_list(quantity: int, column: str, cell: str) -> Numbering:
    if _SPREADSHEET_DATE.fullmatch(cell):
        raise ValueError(f"{column}: {cell!r} is a date that a spreadsheet made of seats; format the column as text")
    numbers = sorted(_numbers(column, cell))
    if len(numbers) == 1 and quantity > 1:
        return numbered(numbers[0], 1)
    if len(numbers) != quantity:
        raise ValueError(f"{column}: {cell[:60]!r} names {len(numbers)} seats for a Quantity of {quantity}")
    steps = {second - first for first, second in itertools.pairwise(numbers)}
    if steps - {1} and steps - {2}:
        raise ValueError(f"{column}: {cell[:60]!r} are no neighbours; make a listing of each run of seats")
    return numbered(numbers[0], next(iter(steps), 1))


def _numbers(column: str, cell: str) -> set[int]:
    """Return the seats that a cell lists, one by one or as ranges."""
    found: set[int] = set()
    whole = _RANGE.fullmatch(cell)
    for part in [cell] if whole else _BETWEEN_SEATS.split(cell.strip(" ,;|")):
        between = _RANGE.fullmatch(part)
        low, high = (_number(column, end) for end in (between.groups() if between else (part, part)))
        low, high = min(low, high), max(low, high)
        if high - low >= _MOST_LISTED:
            raise ValueError(f"{column}: {part[:60]!r} is more than {_MOST_LISTED} seats")
        found.update(range(low, high + 1))
    return found


def _seat(name: str, cell: str) -> int | None:
    return None if _is_empty(cell) else _number(name, cell)


def _number(name: str, cell: str) -> int:
    try:
        return whole_number(cell)
    except ValueError as error:
        hint = (
            "; a spreadsheet made a date of seats: format the column as text"
            if _SPREADSHEET_DATE.fullmatch(cell)
            else ""
        )
        raise ValueError(f"{name}: {error}{hint}") from None


def _seats(low: int, quantity: int) -> str:
    if quantity == 1:
        return f"one seat: SeatThru must be {low} too"
    together = Numbering(low).number(quantity - 1)
    by_twos = Numbering(low, 2).number(quantity - 1)
    return f"{quantity} seats: SeatThru must be {together}, or {by_twos} where a row is numbered odd or even"
