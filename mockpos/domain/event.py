"""The event a listing is for, with its venue and performers.

Times are local to the venue, as printed on the ticket and as TEvo writes them
(its ``occurs_at_local``); 00:00 with ``time_tba`` means the time is still to be announced.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mockpos.domain.clock import Millis, from_datetime


class EventState(StrEnum):
    """The three states that TEvo gives an event."""

    SHOWN = "shown"
    POSTPONED = "postponed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Venue:
    """Where it happens. ``time_zone`` is an IANA name, or None where nobody said."""

    name: str
    city: str = ""
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One performance on one date. ``performers`` has the headliner or home team first.

    ``fixed_date`` says that the date is somebody's own: it stays when a world is moved ahead of today.
    """

    event_id: str
    name: str
    venue: Venue
    local_date: date
    local_time: time = time(0, 0)
    time_tba: bool = False
    performers: tuple[str, ...] = ()
    state: EventState = EventState.SHOWN
    category: str = ""
    fixed_date: bool = field(default=False, compare=False)

    def is_over(self, now: Millis) -> bool:
        """Tell whether the event's local day has ended, TBA or not (spec/control.md, "Clock")."""
        return now >= end_of_day(self.local_date, self.venue.time_zone)


@lru_cache(maxsize=4096)
def end_of_day(day: date, time_zone: str | None) -> Millis:
    """Return the moment a local day ends; in UTC where the zone is unknown.

    Midnight is looked up in the zone itself, so that a night of 23 or 25 hours is right.
    """
    if day == date.max:  # what some files write for a date nobody knows: there is no day after it
        day -= timedelta(days=1)
    midnight = datetime.combine(day + timedelta(days=1), time(0, 0), tzinfo=_zone(time_zone))
    return from_datetime(midnight)


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "America" is a folder of zones
        return UTC
