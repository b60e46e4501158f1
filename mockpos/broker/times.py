"""Dates and times as TEvo's import file writes them: ``12/13/2026`` and ``6:05PM``."""

import re
from datetime import date, time
from functools import lru_cache

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))? *([ap])m", re.ASCII | re.IGNORECASE)

_TBA_WORDS = frozenset({"", "tba", "null", "00:00", "00:00:00"})
_TBA_TIMES = frozenset({time(3, 0), time(3, 30)})
"""TEvo takes these hours of the night for "to be announced" (Import File Specification, EventTime)."""

_YEARS_AHEAD = 10


@lru_cache(maxsize=4096)
def us_date(text: str) -> date:
    """Read ``mm/dd/yyyy``; leading zeros may be missing. Raises ValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date; write it as mm/dd/yyyy")
    month, day, year = map(int, match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no {text}; write dates as mm/dd/yyyy") from None


@lru_cache(maxsize=4096)
def local_time(text: str) -> time | None:
    """Read ``6:05PM``, or return None for every spelling of "to be announced". Raises ValueError.

    ``00:00:00`` is one of them, being what TEvo stores for them; ``12:00AM`` is midnight.
    """
    if text.casefold() in _TBA_WORDS:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time; write it as 6:05PM, or TBA")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if not 1 <= hour <= 12 or minute > 59 or second > 59:
        raise ValueError(f"there is no {text}; write times as 6:05PM, or TBA")
    read = time(hour % 12 + (12 if match[4] in "pP" else 0), minute, second)
    return None if read in _TBA_TIMES else read


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
