"""The words, numbers and prices of single cells: yes and no, whole numbers, dollars, one of a few names."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TypeVar

from mockpos.domain.listing import ListingType, TicketFormat, ViewType
from mockpos.domain.money import parse_price
from mockpos.domain.split import SplitType

T = TypeVar("T")

_WHOLE = re.compile(r"(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.0{1,6})?", re.ASCII)
_PRICE = re.compile(
    r"(?:US *)?\$? *((?:\d{1,3}(?:,\d{3})+|\d{1,40})(?:\.\d{0,40})?|\.\d{1,40}) *\$? *(?:USD?)?", re.ASCII | re.I
)
_OTHER_CURRENCY = re.compile(r"[€£¥₹₩]|\b(?:EUR|GBP|CAD|AUD|NZD|MXN|CHF|JPY)\b|\b(?:CA?|AU?|NZ|MX)\$", re.I)
_USD_FIRST = re.compile(r"USD *", re.I)
_CENT = Decimal("0.01")
_INSIGNIFICANT = re.compile(r"[\W_]+")

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_MADE_DATE = re.compile(
    rf"\d{{1,2}}-{_MONTH}(?:-\d\d(?:\d\d)?)?|{_MONTH}-\d{{1,2}}"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d(?: 00:00:00)?",
    re.ASCII | re.IGNORECASE,
)
_DECIMAL = re.compile(r"(\d+)\.0+", re.ASCII)
_DROPPED_DIGITS = re.compile(r"\d(?:[.,]\d+)?E\+\d\d+", re.ASCII)

EMPTY_WORDS = frozenset({"nan", "null", "none", "n/a", "#n/a", "na", "-", "--"})
"""What programs write into a cell that is empty."""


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """Return a word without letter case, spaces and punctuation: ``E-Ticket`` is ``eticket``."""
    return _INSIGNIFICANT.sub("", word).casefold()


def whole_number(cell: str) -> int:
    """Read a whole number from 0, of at most 12 digits; ``4.0`` is one, as spreadsheets write it. Raises ValueError."""
    match = _WHOLE.fullmatch(cell)
    if match is None:
        raise ValueError(f"{cell!r} is not a whole number")
    return int(match[1].replace(",", ""))


def refuse_made_date(cell: str, column: str = "") -> None:
    """Refuse what a spreadsheet makes of ``5-8``, such as ``8-May``. Raises ValueError."""
    if _MADE_DATE.fullmatch(cell):
        of = "seats" if column else "it"
        named = f"{column}: " if column else ""
        raise ValueError(f"{named}{cell!r} is a date that a spreadsheet made of {of}; format the column as text")


def undamaged(cell: str) -> str:
    """Read a label that a spreadsheet may have taken for a number or a date: ``109.0`` is 109. Raises ValueError."""
    refuse_made_date(cell)
    if _DROPPED_DIGITS.fullmatch(cell):
        raise ValueError(f"{cell!r} is a number that a spreadsheet shortened; format the column as text")
    decimal = _DECIMAL.fullmatch(cell)
    return decimal[1] if decimal else cell


def positive(cell: str) -> int:
    """Read a whole number from 1. Raises ValueError."""
    number = whole_number(cell)
    if number == 0:
        raise ValueError("must be at least 1")
    return number


@lru_cache(maxsize=65_536)
def dollars(cell: str) -> tuple[Decimal, bool]:
    """Read a price such as ``122``, ``$1,200.00`` or ``45 USD``, and tell whether fractions of a cent were rounded.

    ``25,00`` is refused, not guessed. Raises ValueError.
    """
    match = _PRICE.fullmatch(_USD_FIRST.sub("", cell, count=1) if cell[:3].casefold() == "usd" else cell)
    if match is None:
        if _OTHER_CURRENCY.search(cell):
            raise ValueError(f"{cell!r} is not a price in US dollars; write it as 122.00")
        return parse_price(cell), False  # which says what is wrong with it
    amount = match[1].replace(",", "")
    if len(amount.partition(".")[2]) <= 2:
        return parse_price(amount), False
    rounded = Decimal(amount).quantize(_CENT, ROUND_HALF_UP)
    return parse_price(str(rounded)), rounded != Decimal(amount)


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
    return one_of(_SPLIT_TYPES, cell, "one of ANY, NEVERLEAVEONE, AVOIDONEANDTHREE, PAIRS, ALL, CUSTOM, DEFAULT")


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
_SPLIT_TYPES = {
    **{plain(split): split for split in SplitType},
    # What other systems call the same.
    **dict.fromkeys(("default", "nopreference", "anysplit", "anynumber", "anyquantity"), SplitType.ANY),
    **dict.fromkeys(("nosplit", "nosplits", "none", "donotsplit", "dontsplit", "allornothing"), SplitType.ALL),
    **dict.fromkeys(
        (
            "avoidone",
            "avoidsingle",
            "avoidsingles",
            "avoidleavingone",
            "avoidleavingsingle",
            "nosingle",
            "nosingles",
            "dontleaveone",
            "donotleaveone",
            "leavenosingles",
            "neverleavesingle",
            "neverleave1",
            "avoid1",
            "avoidleaving1",
        ),
        SplitType.NEVER_LEAVE_ONE,
    ),
    **dict.fromkeys(
        ("avoidonethree", "avoid1and3", "avoid13", "avoidoneorthree", "avoid1or3", "neverleaveoneorthree"),
        SplitType.AVOID_ONE_AND_THREE,
    ),
    **dict.fromkeys(
        ("even", "evens", "pair", "pairsonly", "evennumbers", "multiplesof2", "multiplesoftwo"), SplitType.PAIRS
    ),
}
_LISTING_TYPES = {plain(kind): kind for kind in ListingType}
_VIEW_TYPES = {plain(view): view for view in ViewType}
_FORMATS = {
    # The names that brokers' systems use, beside TEvo's own.
    **dict.fromkeys(("electronic", "pdf", "email", "printathome", "instantdownload"), TicketFormat.ETICKET),
    **dict.fromkeys(("hard", "hardstock", "paper", "mail", "fedex", "ups", "willcall"), TicketFormat.PHYSICAL),
    **dict.fromkeys(
        ("mobile", "mobiletransfer", "mobileqr", "mobilescreencap", "electronictransfer"), TicketFormat.TM_MOBILE
    ),
    **dict.fromkeys(("flash",), TicketFormat.FLASH_SEATS),
    **dict.fromkeys(("paperlesscard", "paperlesswalkin"), TicketFormat.PAPERLESS),
    **{plain(ticket_format): ticket_format for ticket_format in TicketFormat},
}
