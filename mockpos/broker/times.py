"""Dates and times as brokers' files write them: ``12/13/2026`` and ``6:05PM``, and what other programs make of them."""

import re
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

_US = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})([/-])(\d{1,2})\2(\d{1,2})", re.ASCII)
_NAMED = re.compile(r"(?:[a-z]{3,9},? +)?([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})", re.ASCII | re.I)
_NAMED_DAY_FIRST = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})[ -](\d{4}|\d{2})", re.ASCII | re.I)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip

_TIME = re.compile(
    r"(\d{1,2})(?::(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?)?(?: *([ap])\.? *m\.?)?(?: +[ecmp][sd]?t)?", re.ASCII | re.I
)
_DATE_AND_TIME = re.compile(r"(.*?\d)(?:[T ]+| +at +)(\d{1,2}:.*?)(?: *(Z|UTC|[+-]\d\d:?\d\d))?", re.ASCII | re.I)

_TBA_WORDS = frozenset({"", "tba", "tbd", "null", "none", "nan", "n/a", "na", "-", "--"})
_TBA_TIMES = frozenset({time(3, 0), time(3, 30)})
"""TEvo takes these hours of the night for "to be announced" (Import File Specification, EventTime)."""

_YEARS_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """What a cell says of a date: the day, the text of a time behind it, and whether that had a time zone."""

    day: date
    time: str = ""
    zoned: bool = False


@lru_cache(maxsize=4096)
def moment_in(text: str) -> Moment:
    """Read a date that may have a time behind it. Raises ValueError."""
    match = _DATE_AND_TIME.fullmatch(text)
    if match is None:
        return Moment(us_date(text))
    at = match[2].strip()
    if _TIME.fullmatch(at) is None:
        raise ValueError(f"{text!r} is not a date; write it as mm/dd/yyyy")
    return Moment(us_date(match[1].rstrip(",")), at, match[3] is not None)


def day_in(text: str) -> date:
    """Read a date; a time behind it is of no matter. Raises ValueError."""
    return moment_in(text).day


@lru_cache(maxsize=4096)
def us_date(text: str) -> date:
    """Read ``mm/dd/yyyy``, ``yyyy-mm-dd`` or a date with the month's name. Raises ValueError.

    Leading zeros may be missing; a year of two digits is of this century. ``14/05/2027`` is refused, not guessed.
    """
    if match := _US.fullmatch(text):
        month, day, year = int(match[1]), int(match[3]), _year(match[4])
    elif match := _ISO.fullmatch(text):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    elif (match := _NAMED.fullmatch(text)) and _month(match[1]):
        month, day, year = _month(match[1]), int(match[2]), int(match[3])
    elif (match := _NAMED_DAY_FIRST.fullmatch(text)) and _month(match[2]):
        day, month, year = int(match[1]), _month(match[2]), _year(match[3])
    else:
        hint = ", not as a spreadsheet's number" if text.isdecimal() else ""
        raise ValueError(f"{text!r} is not a date; write it as mm/dd/yyyy{hint}")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no {text}; write dates as mm/dd/yyyy") from None


@lru_cache(maxsize=4096)
def local_time(text: str) -> time | None:
    """Read ``6:05PM`` or ``18:05``, or return None for every spelling of "to be announced". Raises ValueError.

    ``00:00:00`` is one of them, being what TEvo stores for them; ``12:00AM`` is midnight.
    """
    if text.casefold() in _TBA_WORDS:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        return _time_behind_a_date(text)
    if match[2] is None and match[4] is None:  # a lone number
        raise ValueError(f"{text!r} is not a time; write it as 6:05PM, or TBA")
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    hours = range(1, 13) if match[4] else range(24)
    if hour not in hours or minute > 59 or second > 59:
        raise ValueError(f"there is no {text}; write times as 6:05PM, or TBA")
    if not match[4]:
        read = time(hour, minute, second)
        return None if read in _TBA_TIMES or read == time(0, 0) else read
    read = time(hour % 12 + (12 if match[4] in "pP" else 0), minute, second)
    return None if read in _TBA_TIMES else read


def may_be_evening(text: str) -> bool:
    """Tell whether a time says neither AM nor PM, and could mean either: ``7:30``, not ``07:30`` or ``19:30``."""
    match = _TIME.fullmatch(text)
    return match is not None and not match[4] and not match[1].startswith("0") and 1 <= int(match[1]) <= 11


def furthest_date(today: date) -> date:
    """Return the last date that TEvo does not ignore for being more than ten years ahead."""
    try:
        return today.replace(year=today.year + _YEARS_AHEAD)
    except ValueError:  # 29 February
        return today.replace(year=today.year + _YEARS_AHEAD, day=28)


def write_date(day: date) -> str:
    """Write ``12/13/2026``."""
    return f"{day.month:02d}/{day.day:02d}/{day.year:04d}"


def write_time(at: time) -> str:
    """Write ``6:05PM``, with seconds only where there are some."""
    seconds = f":{at.second:02d}" if at.second else ""
    return f"{at.hour % 12 or 12}:{at.minute:02d}{seconds}{'PM' if at.hour >= 12 else 'AM'}"


def _time_behind_a_date(text: str) -> time | None:
    """Read the time of a cell that a spreadsheet gave a date as well, such as ``12/30/1899 19:30``."""
    try:
        found = moment_in(text)
    except ValueError:
        found = None
    if found is None or not found.time:
        raise ValueError(f"{text!r} is not a time; write it as 6:05PM, or TBA")
    return local_time(found.time)


def _year(digits: str) -> int:
    """Return a year; one of two digits is of this century."""
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _month(name: str) -> int:
    """Return the number of a month by its name or its first three letters; 0 for any other word."""
    word = name.casefold()
    if word == "sept":
        return 9
    return _MONTH_NAMES.index(word) + 1 if word in _MONTH_NAMES else _MONTHS.index(word) + 1 if word in _MONTHS else 0
