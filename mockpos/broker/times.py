"""Dates and times as brokers' files write them: ``12/13/2026`` and ``6:05PM``, and what other programs make of them."""

import re
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from mockpos.broker.columns import plain


def _patterns(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.ASCII | re.IGNORECASE) for pattern in patterns)


_DATES = _patterns(
    r"(?P<month>\d{1,2})(?P<between>[/-])(?P<day>\d{1,2})(?P=between)(?P<year>\d{4}|\d{2})",
    r"(?P<year>\d{4})(?P<between>[/.-])(?P<month>\d{1,2})(?P=between)(?P<day>\d{1,2})",
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)",
    r"(?P<month>[a-z]{3,9})\.?[ -](?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,? |-)(?P<year>\d{4})",
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[a-z]{3,9})\.?(?:,? |-)(?P<year>\d{4}|\d{2})",
    r"(?P<year>\d{4})[ -](?P<month>[a-z]{3,9})[ -](?P<day>\d{1,2})",
)
_DAY_NAME = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:\.\d{1,9})?)?"
    r"|(?P<minute_>\d\d)(?P<second_>\d\d)?)?(?: ?(?P<half>[ap])\.?(?: ?m\.?)?)?"
)
_ZONE = r"(?: ?\(?(?:[ecmp][sd]?t|local(?: time)?|(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))\)?(?:\[[\w/+-]+\])?)?"
_DAY_NAMES, _TIME, _DATE_AND_TIME, _DAY_FRACTION = _patterns(
    rf"^{_DAY_NAME}[.,]* |,? ?\({_DAY_NAME}\)",
    _CLOCK + _ZONE,
    rf"(?P<date>.*?\d),?(?:T| (?:at |@ ?|- )?)(?P<time>{_CLOCK}|tb[ad]){_ZONE}",
    r"0?\.\d+",
)

_TBA_WORDS = frozenset({
    "tba", "tbd", "tbc", "timetba", "timetbd", "tobeannounced", "tobedetermined", "tobeconfirmed", "null", "none",
    "nan", "na",
})  # fmt: skip
_NOON = frozenset({"noon", "12noon", "1200noon"})
_TBA_TIMES = frozenset({time(3, 0), time(3, 30)})
"""TEvo takes these hours of the night for "to be announced" (Import File Specification, EventTime)."""

_YEARS_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """What a cell says of a date: the day, the text of a time behind it, and whether that names a time zone."""

    day: date
    time: str = ""
    zoned: bool = False


@lru_cache(maxsize=4096)
def moment_in(text: str) -> Moment:
    """Read a date that may have a time behind it. Raises ValueError."""
    if _date_in(text) is None:
        match = _DATE_AND_TIME.fullmatch(_without_day_name(text))
        if match and _date_in(match["date"]) and not _is_lone_number(match):
            return Moment(us_date(match["date"]), match["time"], match["zone"] is not None)
    return Moment(us_date(text))


def day_in(text: str) -> date:
    """Read a date; a time behind it is of no matter. Raises ValueError."""
    return moment_in(text).day


@lru_cache(maxsize=4096)
def us_date(text: str) -> date:
    """Read ``mm/dd/yyyy``, ``yyyy-mm-dd``, ``yyyymmdd`` or a date with the month's name. Raises ValueError.

    Leading zeros may be missing; a year of two digits is of this century. ``14/05/2027`` is refused, not guessed.
    """
    match = _date_in(text)
    if match is None:
        hint = ", not as a spreadsheet's number" if text.isdecimal() else ""
        raise ValueError(f"{text!r} is not a date; write it as mm/dd/yyyy{hint}")
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    month = int(match["month"]) if match["month"].isdecimal() else _month(match["month"])
    try:
        return date(year, month, int(match["day"]))
    except ValueError:
        raise ValueError(f"there is no {text}; write dates as mm/dd/yyyy") from None


@lru_cache(maxsize=4096)
def local_time(text: str) -> time | None:
    """Read ``6:05PM``, ``18:05`` or ``1805``, or return None for every spelling of "to be announced".

    ``00:00:00`` is one of them, being what TEvo stores for them; ``12:00AM`` is midnight. Raises ValueError.
    """
    if not text.strip("-") or plain(text) in _TBA_WORDS:
        return None
    if plain(text) in _NOON:
        return time(12, 0)
    match = _time_in(text)
    if _DAY_FRACTION.fullmatch(text):
        raise ValueError(f"{text!r} is not a time; write it as 6:05PM, or TBA, not as a spreadsheet's number")
    if match is None:
        return _time_behind_a_date(text)
    if _is_lone_number(match):
        raise ValueError(f"{text!r} is not a time; write it as 6:05PM, or TBA")
    half = match["half"]
    hour, minute, second = (int(match[part] or 0) for part in ("hour", *_minute_and_second(match)))
    hours = range(1, 13) if half else range(24)
    if hour not in hours or minute > 59 or second > 59:
        raise ValueError(f"there is no {text}; write times as 6:05PM, or TBA")
    if not half:
        read = time(hour, minute, second)
        return None if read in _TBA_TIMES or read == time(0, 0) else read
    read = time(hour % 12 + (12 if half in "pP" else 0), minute, second)
    return None if read in _TBA_TIMES else read


def _time_in(text: str) -> re.Match[str] | None:
    """Return how a text is written as a time; None for what is none."""
    return _TIME.fullmatch(" ".join(text.split()))


def names_zone(text: str) -> bool:
    """Tell whether a time is in UTC, or so many hours from it: not ``7:30 PM EST``, which is the venue's own."""
    match = _time_in(text)
    return match is not None and match["zone"] is not None


def may_be_evening(text: str) -> bool:
    """Tell whether a time says neither AM nor PM, and could mean either: ``7:30``, not ``07:30`` or ``19:30``."""
    match = _time_in(text)
    return (
        match is not None and not match["half"] and not match["hour"].startswith("0") and 1 <= int(match["hour"]) <= 11
    )


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


def _minute_and_second(match: re.Match[str]) -> tuple[str, str]:
    """Return the names of the groups that have them: with something between them, or without."""
    return ("minute_", "second_") if match["minute_"] else ("minute", "second")


def _is_lone_number(match: re.Match[str]) -> bool:
    """Tell whether digits may be anything: ``7``, ``19`` and ``730``, not ``7PM``, ``7:30`` or ``1930``."""
    if match["hour"] is None or match["half"] or match["minute"]:
        return False
    return match["minute_"] is None or len(match["hour"]) == 1


def _time_behind_a_date(text: str) -> time | None:
    """Read the time of a cell that a spreadsheet gave a date as well, such as ``12/30/1899 19:30``."""
    try:
        found = moment_in(text)
    except ValueError:
        found = None
    if found is None or not found.time:
        raise ValueError(f"{text!r} is not a time; write it as 6:05PM, or TBA")
    return local_time(found.time)


def _without_day_name(text: str) -> str:
    return _DAY_NAMES.sub("", " ".join(text.split()))


def _date_in(text: str) -> re.Match[str] | None:
    """Return how a text is written as a date, the name of its day left out; None for what is none."""
    plain_text = _without_day_name(text)
    match = next((match for pattern in _DATES if (match := pattern.fullmatch(plain_text))), None)
    return match if match and (match["month"].isdecimal() or _month(match["month"])) else None


def _month(name: str) -> int:
    """Return the number of a month by its name or its first three letters; 0 for any other word."""
    word = name.casefold()
    if word == "sept":
        return 9
    return next((n for n, month in enumerate(_MONTHS, 1) if word in (month, month[:3])), 0)
