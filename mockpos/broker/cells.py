"""The cells of a broker's row: words, numbers and prices, and what is wrong with them."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import TypeVar

from mockpos.broker.columns import ALWAYS_FILLED, plain
from mockpos.domain.listing import ListingType, SplitType, TicketFormat, ViewType
from mockpos.domain.money import parse_price

T = TypeVar("T")

_WHOLE = re.compile(r"(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.0{1,6})?", re.ASCII)
_PRICE = re.compile(
    r"(?:US *)?\$? *((?:\d{1,3}(?:,\d{3})+|\d{1,40})(?:\.\d{0,40})?|\.\d{1,40}) *\$? *(?:USD?)?", re.ASCII | re.I
)
_OTHER_CURRENCY = re.compile(r"[€£¥₹₩]|\b(?:EUR|GBP|CAD|AUD|NZD|MXN|CHF|JPY)\b|\b(?:CA?|AU?|NZ|MX)\$", re.I)
_USD_FIRST = re.compile(r"USD *", re.I)
_CENT = Decimal("0.01")

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


def one_of(names: Mapping[str, T], cell: str, expected: str) -> T:
    """Read one of a few names, whatever their case and punctuation. Raises ValueError."""
    try:
        return names[plain(cell)]
    except KeyError:
        raise ValueError(f"{cell!r} is not {expected}") from None


def ticket_format(cell: str) -> TicketFormat | None:
    """Read a StockType, or return None for one that nobody here knows."""
    return _FORMATS.get(plain(cell))


_TRUTHS = {
    **dict.fromkeys(("y", "yes", "true", "t", "1"), True),
    **dict.fromkeys(("n", "no", "false", "f", "0"), False),
}
_NEVER_LEAVE_ONE = (
    "avoidone", "avoidsingle", "avoidsingles", "avoidleavingone", "avoidleavingsingle", "nosingle", "nosingles",
    "dontleaveone", "donotleaveone", "leavenosingles", "neverleavesingle", "neverleave1", "avoid1", "avoidleaving1",
)  # fmt: skip
_SPLIT_TYPES = {
    **{plain(split): split for split in SplitType},
    # What other systems call the same.
    **dict.fromkeys(("default", "nopreference", "anysplit", "anynumber", "anyquantity"), SplitType.ANY),
    **dict.fromkeys(("nosplit", "nosplits", "none", "donotsplit", "dontsplit", "allornothing"), SplitType.ALL),
    **dict.fromkeys(_NEVER_LEAVE_ONE, SplitType.NEVER_LEAVE_ONE),
    **dict.fromkeys(
        ("avoidonethree", "avoid1and3", "avoid13", "avoidoneorthree", "avoid1or3", "neverleaveoneorthree"),
        SplitType.AVOID_ONE_AND_THREE,
    ),
    **dict.fromkeys(
        ("even", "evens", "pair", "pairsonly", "evennumbers", "multiplesof2", "multiplesoftwo"), SplitType.PAIRS
    ),
}
yes_or_no = partial(one_of, _TRUTHS, expected="Y or N")
split_type = partial(
    one_of, _SPLIT_TYPES, expected="one of ANY, NEVERLEAVEONE, AVOIDONEANDTHREE, PAIRS, ALL, CUSTOM, DEFAULT"
)
"""``DEFAULT`` is the account's default, which is ``ANY`` here."""

listing_type = partial(one_of, {plain(kind): kind for kind in ListingType}, expected="event or parking")
view_type = partial(
    one_of, {plain(view): view for view in ViewType}, expected="one of Full, Obstructed, Partially Obstructed"
)
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


_LONGEST_FAULT = 200
WRITTEN_FOR_NOTHING = frozenset({"nan", "NaN", "NULL", "#N/A"})
"""What programs write into a text that is empty, in their own letter case: nobody means these words."""

_SPREADSHEET_ERROR = re.compile(r"#(?:REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|N/A|#{3,})")
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
_QUOTED_NUMBER = re.compile(r"'(?=[\d$][\d$.,:/-]*(?: ?[ap]m)?$)", re.IGNORECASE)


class Row:
    """Reads cells and collects every fault, so that a broker corrects a row once. ``line`` counts from 1."""

    __slots__ = ("_cells", "_places", "line", "reasons")

    def __init__(self, line: int, cells: list[str], places: Mapping[str, int]) -> None:
        self.line = line
        self.reasons: list[str] = []
        self._cells = cells
        self._places = places

    def has(self, column: str) -> bool:
        """Tell whether the file has a column."""
        return column in self._places

    def exact(self, column: str) -> str:
        """Return a cell as it is written; empty where the file has no such column."""
        place = self._places.get(column)
        return self._cells[place] if place is not None else ""

    def text(self, column: str) -> str:
        """Return a cell without the spaces around it. Refuses an empty one where TEvo does."""
        place = self._places.get(column)
        if place is None:
            return ""
        cell = _as_meant(self._cells[place].strip())
        if column not in ALWAYS_FILLED:
            return cell
        if _SPREADSHEET_ERROR.fullmatch(cell):
            self.refuse(f"{column}: {cell} is a spreadsheet's error, and no value: correct it there.")
            return ""
        if not cell or cell in WRITTEN_FOR_NOTHING:
            self.refuse(f"{column} is empty.")
            return ""
        return cell

    def read(self, column: str, convert: Callable[[str], T], otherwise: T) -> T:
        """Convert a cell; an empty cell, and one that ``convert`` refuses by ValueError, gives ``otherwise``.

        Where a cell may be empty, it may also have what programs write for nothing, such as ``nan`` or ``N/A``.
        """
        cell = self.text(column)
        if not cell:
            return otherwise
        try:
            return convert(cell)
        except ValueError as error:
            if column not in ALWAYS_FILLED and cell.casefold() in EMPTY_WORDS:
                return otherwise
            self.refuse(f"{column}: {error}")
            return otherwise

    def refuse(self, reason: str) -> None:
        """Note what is wrong, as one sentence."""
        if len(reason) > _LONGEST_FAULT:
            reason = reason[: _LONGEST_FAULT - 3] + "..."
        self.reasons.append(reason if reason.endswith(".") else reason + ".")


def _as_meant(cell: str) -> str:
    """Take away what makes a spreadsheet leave a cell alone: ``="605696419"`` and ``'605696419`` are 605696419."""
    if cell[:1] == "=":
        formula = _FORMULA_TEXT.fullmatch(cell)
        return formula[1].strip() if formula else cell
    return _QUOTED_NUMBER.sub("", cell, count=1) if cell[:1] == "'" else cell


class Notices:
    """Collects remarks while a file is read."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int, int]] = {}

    def add(self, kind: str, line: int, example: str = "") -> None:
        """Remark on a row. ``kind`` is a sentence without its stop; the first example is shown."""
        example, first, count = self._seen.get(kind, (example, line, 0))
        self._seen[kind] = (example, first, count + 1)

    def sentences(self) -> list[str]:
        """Return the remarks, in the order in which they first came up."""
        return [_sentence(kind, *seen) for kind, seen in self._seen.items()]


def _sentence(kind: str, example: str, first: int, count: int) -> str:
    where = f"line {first}" if count == 1 else f"{count:,} rows, the first on line {first}"
    shown = f", such as {example!r}" if example else ""
    return f"{kind} ({where}{shown})."
