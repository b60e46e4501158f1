"""The words and numbers of single cells: yes and no, whole numbers, one of a few names."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from mockpos.domain.listing import ListingType, TicketFormat, ViewType
from mockpos.domain.split import SplitType

T = TypeVar("T")

_DIGITS = re.compile(r"\d{1,12}", re.ASCII)
_INSIGNIFICANT = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """Return a word without letter case, spaces and punctuation: ``E-Ticket`` is ``eticket``."""
    return _INSIGNIFICANT.sub("", word).casefold()


def whole_number(cell: str) -> int:
    """Read a whole number from 0, of at most 12 digits. Raises ValueError."""
    if _DIGITS.fullmatch(cell) is None:
        raise ValueError(f"{cell!r} is not a whole number")
    return int(cell)


def positive(cell: str) -> int:
    """Read a whole number from 1. Raises ValueError."""
    number = whole_number(cell)
    if number == 0:
        raise ValueError("must be at least 1")
    return number


def yes_or_no(cell: str) -> bool:
    """Read ``Y`` or ``N`` and what is commonly written for them. Raises ValueError."""
    return one_of(_TRUTHS, cell, "Y or N")


def one_of(names: Mapping[str, T], cell: str, expected: str) -> T:
    """Read one of a few names, whatever their case and punctuation. Raises ValueError."""
    try:
        return names[plain(cell)]
    except KeyError:
        raise ValueError(f"{cell!r} is not {expected}") from None


def split_type(cell: str) -> SplitType:
    """Read a SplitType. ``DEFAULT`` is the account's default, which is ``ANY`` here. Raises ValueError."""
    return one_of(_SPLIT_TYPES, cell, "one of ANY, NEVERLEAVEONE, PAIRS, ALL, CUSTOM, DEFAULT")


def listing_type(cell: str) -> ListingType:
    """Read ``event`` or ``parking``. Raises ValueError."""
    return one_of(_LISTING_TYPES, cell, "event or parking")


def view_type(cell: str) -> ViewType:
    """Read what can be seen. Raises ValueError."""
    return one_of(_VIEW_TYPES, cell, "one of Full, Obstructed, Partially Obstructed")


def ticket_format(cell: str) -> TicketFormat | None:
    """Read a StockType, or return None for one that nobody here knows."""
    return _FORMATS.get(plain(cell))


_TRUTHS = {
    **dict.fromkeys(("y", "yes", "true", "t", "1"), True),
    **dict.fromkeys(("n", "no", "false", "f", "0"), False),
}
_SPLIT_TYPES = {**{plain(split): split for split in SplitType}, "default": SplitType.ANY}
_LISTING_TYPES = {plain(kind): kind for kind in ListingType}
_VIEW_TYPES = {plain(view): view for view in ViewType}
_FORMATS = {
    # The names that brokers' systems use, beside TEvo's own.
    **dict.fromkeys(("electronic", "pdf", "printathome", "instantdownload"), TicketFormat.ETICKET),
    **dict.fromkeys(("hard", "hardstock", "paper"), TicketFormat.PHYSICAL),
    **dict.fromkeys(
        ("mobile", "mobiletransfer", "mobileqr", "mobilescreencap", "electronictransfer"), TicketFormat.TM_MOBILE
    ),
    **dict.fromkeys(("flash",), TicketFormat.FLASH_SEATS),
    **dict.fromkeys(("paperlesscard", "paperlesswalkin"), TicketFormat.PAPERLESS),
    **{plain(ticket_format): ticket_format for ticket_format in TicketFormat},
}
