"""SeatFrom and SeatThru: from two cells to a listing's numbering, and back."""

from mockpos.broker.words import whole_number
from mockpos.domain.seats import Numbering, numbered

_NOT_NUMBERED = frozenset({"", "*", "n/a", "null"})
"""What TEvo ignores in a seat cell (Import File Specification, SeatFrom)."""


def numbering_of(quantity: int, seat_from: str, seat_thru: str) -> Numbering | None:
    """Return how the seats are numbered, or None where they are not.

    (thru - from) / (quantity - 1) is 1, or 2 in a row numbered odd or even; SeatFrom
    alone counts up. Raises ValueError for anything else.
    """
    low = _seat("SeatFrom", seat_from)
    high = _seat("SeatThru", seat_thru)
    if low is None:
        if high is not None:
            raise ValueError(f"SeatThru is {high}, but SeatFrom is empty")
        return None
    if high is None:
        return numbered(low, 1)
    for step in (1, 2):
        if high == low + (quantity - 1) * step:
            return numbered(low, step)
    raise ValueError(f"SeatFrom {low} to SeatThru {high} cannot be {_seats(low, quantity)}")


def seat_cells(numbering: Numbering | None, quantity: int) -> tuple[str, str]:
    """Write SeatFrom and SeatThru."""
    if numbering is None:
        return "", ""
    return str(numbering.low), str(numbering.number(quantity - 1))


def _seat(name: str, cell: str) -> int | None:
    if cell.casefold() in _NOT_NUMBERED:
        return None
    try:
        return whole_number(cell)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _seats(low: int, quantity: int) -> str:
    if quantity == 1:
        return f"one seat: SeatThru must be {low} too"
    together = Numbering(low).number(quantity - 1)
    by_twos = Numbering(low, 2).number(quantity - 1)
    return f"{quantity} seats: SeatThru must be {together}, or {by_twos} where a row is numbered odd or even"
