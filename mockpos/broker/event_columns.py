"""The event of a row: one object for all rows of the same event.

A file repeats its event on every row. Rows that agree in event, venue, date and time,
or in EventID where there is one, are for the same event, in this file and in the next.
"""

from datetime import date, time
from functools import partial
from hashlib import blake2b
from zoneinfo import ZoneInfo

from mockpos.broker.cells import Notices, Row, one_of
from mockpos.broker.columns import plain
from mockpos.broker.times import Moment, local_time, may_be_evening, moment_in, names_zone
from mockpos.domain.event import Event, EventState, Venue

_COLUMNS = (
    "Event", "Venue", "EventDate", "EventTime", "EventID", "City", "TimeZone", "Performers", "EventState", "Category",
)  # fmt: skip
_NAMING = ("Event", "Venue", "EventDate")
_NO_MOMENT = Moment(date.min)
_ZONED = "A time was taken as the venue's own, whatever time zone it names"
_MAYBE_EVENING = "A time without AM or PM was read as one of 24 hours"
_FURTHER = ("City", "TimeZone", "Performers", "EventState", "Category")
_STATES = {**{plain(state): state for state in EventState}, "cancelled": EventState.CANCELED}
_STATE = partial(one_of, _STATES, expected="one of shown, postponed, canceled")


class Events:
    """The events of one file."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._by_cells: dict[tuple[str, ...], Event] = {}
        self._first: dict[str, tuple[Event, int]] = {}

    def read(self, row: Row) -> Event | None:
        """Return the event a row is for. None when the row names none, or after refusing the row.

        Only a row that says whether it is mapped may leave the event out: mockpos writes
        such rows, while TEvo's columns must be filled.
        """
        cells = tuple([row.exact(column) for column in _COLUMNS])
        known = self._by_cells.get(cells)
        if known is not None:
            return known
        if row.exact("Mapped").strip() and not any(row.exact(column).strip() for column in _NAMING):
            return None
        faults = len(row.reasons)
        event = _event_of(row, self._notices)
        if len(row.reasons) == faults:
            event = self._agreed(event, row)
        if len(row.reasons) > faults:
            return None
        self._by_cells[cells] = event
        return event

    def _agreed(self, event: Event, row: Row) -> Event:
        """Return what an earlier row said of the same event; a further cell may be empty, but not differ."""
        first, line = self._first.setdefault(event.event_id, (event, row.line))
        here, there = _said(event), _said(first)
        differing = [
            column for column in here if here[column] != there[column] and (column not in _FURTHER or row.text(column))
        ]
        if differing:
            row.refuse(f"The row describes its event otherwise than line {line} does, in {', '.join(differing)}")
        return first


def event_id_of(name: str, venue: str, day: date, at: time | None) -> str:
    """Make the id of an event that has none: the same on every import. Letter case and spacing do not count."""
    parts = (name, venue, day.isoformat(), at.isoformat() if at is not None else "TBA")
    said = "\n".join(map(_same, parts))
    return "ev-" + blake2b(said.encode(), digest_size=8).hexdigest()


def performers_in(name: str, venue: str) -> tuple[str, ...]:
    """Return who performs, from the event's name: of ``away at home`` the home team first (domain.md, 2.3).

    ``Phish at Madison Square Garden`` names one performer and the venue.
    """
    at = name.casefold().rfind(" at ")
    if at <= 0 or len(name.casefold()) != len(name):
        return (name,)
    away, home = name[:at].strip(), name[at + 4 :].strip()
    return (away,) if home.casefold() == venue.casefold() else (home, away)


def performers_cell(event: Event) -> str:
    """Write Performers. A lone ``|`` says that there are none, for empty would mean: as the event's name says."""
    return "|".join(event.performers) or "|"


def _event_of(row: Row, notices: Notices) -> Event:
    name, venue = row.text("Event"), row.text("Venue")
    moment = row.read("EventDate", moment_in, _NO_MOMENT)
    at = _time_of(row, moment, notices)
    return Event(
        event_id=row.text("EventID") or event_id_of(name, venue, moment.day, at),
        name=name,
        venue=Venue(venue, row.text("City"), row.read("TimeZone", _time_zone, None)),
        local_date=moment.day,
        local_time=at if at is not None else time(0, 0),
        time_tba=at is None,
        performers=row.read("Performers", _names, performers_in(name, venue)),
        state=row.read("EventState", _STATE, EventState.SHOWN),
        category=row.text("Category"),
        fixed_date=True,
    )


def _time_of(row: Row, moment: Moment, notices: Notices) -> time | None:
    """Return the time: what EventTime says, else what stands behind the date."""
    cell, column = row.text("EventTime"), "EventTime"
    if not cell and moment.time:
        cell, column = moment.time, "EventDate"
    elif not cell and not row.has("EventTime") and moment is not _NO_MOMENT:
        row.refuse("EventDate has no time behind it, and the file has no EventTime.")
    try:
        at = local_time(cell)
    except ValueError as error:
        row.refuse(f"{column}: {error}")
        return None
    if at is not None and (names_zone(cell) or (column == "EventDate" and moment.zoned)):
        notices.add(_ZONED, row.line, row.text(column))
    if at is not None and may_be_evening(cell):
        notices.add(_MAYBE_EVENING, row.line, cell)
    return at


def _names(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split("|") if name.strip())


def _time_zone(cell: str) -> str | None:
    try:
        return ZoneInfo(cell).key
    except (LookupError, ValueError, OSError):  # OSError: the name of a directory of zones, as "America"
        raise ValueError(f"{cell!r} is not a time zone; write it as America/Chicago") from None


def _said(event: Event) -> dict[str, object]:
    """Return what a row says of its event, by column, in a form to compare."""
    venue = event.venue
    return {
        "Event": _same(event.name),
        "Venue": _same(venue.name),
        "EventDate": event.local_date,
        "EventTime": (event.local_time, event.time_tba),
        "City": _same(venue.city),
        "TimeZone": venue.time_zone,
        "Performers": [_same(performer) for performer in event.performers],
        "EventState": event.state,
        "Category": _same(event.category),
    }


def _same(text: str) -> str:
    """Return a text as it is compared: letter case and spacing do not count."""
    return " ".join(text.casefold().split())
