"""Business time: an injected clock, in UTC milliseconds.

A ``Millis`` is a whole number of milliseconds since 1970-01-01T00:00:00Z. It
sorts, stores and compares cheaply and has exactly the precision that the wire
shows. Nothing in this package reads the machine's clock.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NewType, Protocol

Millis = NewType("Millis", int)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)


class Clock(Protocol):
    """Whatever tells the business time."""

    def now(self) -> Millis:
        """Return the present moment."""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How a sandbox's clock differs from the machine's: moved by so much, or standing still at a moment."""

    offset_ms: int = 0
    frozen_at: Millis | None = None

    @property
    def is_real(self) -> bool:
        """True when it shows what the machine's clock shows."""
        return self.offset_ms == 0 and self.frozen_at is None

    def shown(self, machine: Millis) -> Millis:
        """Return what a clock set so shows when the machine's shows a moment."""
        return Millis(machine + self.offset_ms) if self.frozen_at is None else self.frozen_at

    def moved_to(self, at: Millis, machine: Millis) -> "ClockSetting":
        """Return the setting that shows ``at`` now; it stands still or goes on as this one does."""
        return ClockSetting(at - machine) if self.frozen_at is None else ClockSetting(0, at)


REAL_TIME = ClockSetting()
"""A clock that shows what the machine's shows."""


def rfc3339(at: Millis) -> str:
    """Write a moment as RFC 3339 in UTC with milliseconds: ``2026-11-23T14:02:07.120Z``."""
    second, millisecond = divmod(at, 1000)
    return _to_the_second(second) + _MILLISECONDS[millisecond]


_MILLISECONDS = tuple(f".{millisecond:03d}Z" for millisecond in range(1000))
"""Written out: a format takes as long as all the rest, and every hold has two moments."""


@lru_cache(maxsize=64)
def _to_the_second(seconds: int) -> str:
    """Write whole seconds since 1970. Calls of one moment name few: the present one, and when their holds lapse."""
    return (_NAIVE_EPOCH + timedelta(seconds=seconds)).isoformat()


def from_datetime(moment: datetime) -> Millis:
    """Turn an aware datetime into milliseconds, cutting off what is finer.

    Raises ValueError for a naive datetime: it names no moment.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone, so it names no moment")
    return Millis((moment - _EPOCH) // timedelta(milliseconds=1))


def to_datetime(at: Millis) -> datetime:
    """Turn milliseconds into an aware datetime in UTC."""
    return _EPOCH + timedelta(milliseconds=at)


def parse_rfc3339(text: str) -> Millis:
    """Read what ``rfc3339`` wrote. Raises ValueError for anything that names no moment."""
    return from_datetime(datetime.fromisoformat(text))


_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)")
_RATE = re.compile(r"(\d{1,9})\s*/\s*(s|m|h)")


def parse_duration(text: str) -> int:
    """Read a duration into whole milliseconds. Raises ValueError that says how to write one."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        meant = f"; did you mean {text.strip()}s?" if re.fullmatch(r"\s*\d{1,12}\s*", text) else ";"
        raise ValueError(f"{text[:60]!r} is not a duration{meant} write it as 250ms, 2s, 15m, 1.5h or 1d")
    return round(float(match[1]) * _UNITS[match[2]])


def show_duration(milliseconds: int) -> str:
    """Write milliseconds the shortest exact way: 900000 is ``15m``."""
    for unit in ("d", "h", "m", "s"):
        if milliseconds and milliseconds % _UNITS[unit] == 0:
            return f"{milliseconds // _UNITS[unit]}{unit}"
    return f"{milliseconds}ms"


def stands_still(milliseconds: int) -> str:
    """Say that time stands still, for how long, why, and the way out."""
    unit = next((unit for unit in ("d", "h", "m") if milliseconds >= 2 * _UNITS[unit]), "s")
    return (
        f"stands still for {milliseconds // _UNITS[unit]:,}{unit}: the machine's clock jumped back; "
        "`mockpos clock reset` goes on at its time"
    )


def parse_rate(text: str) -> tuple[int, float]:
    """Read a rate into (calls, in so many seconds). Raises ValueError that says how to write one."""
    match = _RATE.fullmatch(text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is not a rate; write it as 5/s, 100/m or 1000/h")
    return int(match[1]), _UNITS[match[2]] / 1000
