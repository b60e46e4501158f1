"""Splits: in which quantities a broker lets a listing be bought.

TEvo's listing carries the valid quantities (``splits``: "which quantities are
available to purchase"); the rules behind them are those of brokers' systems.
All are judged on what is free now, so they move as tickets are held and sold.
"""

from enum import StrEnum

LARGEST_QUANTITY = 1000
"""The most tickets that one hold may ask for (spec: the contract's ``quantity``)."""


class SplitType(StrEnum):
    """Who may buy how many. The values are what files and answers carry."""

    ANY = "any"
    NEVER_LEAVE_ONE = "never_leave_one"
    AVOID_ONE_AND_THREE = "avoid_one_and_three"
    PAIRS = "pairs"
    ALL = "all"
    CUSTOM = "custom"


def allows(split: SplitType, custom: tuple[int, ...], quantity: int, free: int) -> bool:
    """Tell whether ``quantity`` may be taken when ``free`` tickets are left.

    ``pairs`` sells even quantities, and a single last ticket rather than strand it.
    """
    if not 1 <= quantity <= free:
        return False
    left = free - quantity
    match split:
        case SplitType.ANY:
            allowed = True
        case SplitType.NEVER_LEAVE_ONE:
            allowed = left != 1
        case SplitType.AVOID_ONE_AND_THREE:
            allowed = left not in (1, 3)
        case SplitType.PAIRS:
            allowed = quantity % 2 == 0 or free == 1
        case SplitType.ALL:
            allowed = left == 0
        case SplitType.CUSTOM:
            allowed = quantity in custom
    return allowed


def valid_quantities(split: SplitType, custom: tuple[int, ...], free: int) -> list[int]:
    """List what may be bought now, ascending, up to the most that one hold may ask for."""
    most = min(free, LARGEST_QUANTITY)
    return [quantity for quantity in range(1, most + 1) if allows(split, custom, quantity, free)]
