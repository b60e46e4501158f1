"""Moves a committed world ahead of today: each date by whole weeks, so that what it means stays."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from mockpos.domain.event import Event
from mockpos.domain.listing import Listing

Entity = TypeVar("Entity", Event, Listing)

_WEEK = 7
_STAY = timedelta(0)


def moved_anchor(anchor: date, today: date) -> date:
    """Return the day that a world's events lie ahead of once it is moved to today: from today to six days later."""
    return _later(anchor, timedelta(days=_days_ahead(anchor, today)))


def shifted(entities: Iterable[Entity], *, anchor: date, today: date) -> Iterator[Entity]:
    """Move dates as far as today is from the anchor, to the whole week that keeps their meaning.

    What was ahead of the anchor is ahead of today, and an event that was over then is over now.
    A listing's in-hand date moves with its event. Listings that shared an event share the moved one.
    An event with a fixed date stays where it is.
    """
    weeks = _Weeks(anchor, today)
    for entity in entities:
        yield weeks.event(entity) if isinstance(entity, Event) else weeks.listing(entity)


class _Weeks:
    """The two shifts there are: up for what lies ahead, down for what was over."""

    def __init__(self, anchor: date, today: date) -> None:
        self._anchor = anchor
        self._ahead = timedelta(days=_days_ahead(anchor, today))
        self._over = timedelta(days=(today - anchor).days // _WEEK * _WEEK)
        self._moved: dict[str, Event] = {}

    def event(self, event: Event) -> Event:
        moved = self._moved.get(event.event_id)
        if moved is None:
            by = self._by(event)
            moved = replace(event, local_date=_later(event.local_date, by)) if by else event
            self._moved[event.event_id] = moved
        return moved

    def listing(self, listing: Listing) -> Listing:
        event = self.event(listing.event) if listing.event is not None else None
        in_hand_on = _later(listing.in_hand_on, self._by(listing.event)) if listing.in_hand_on is not None else None
        if event is listing.event and in_hand_on == listing.in_hand_on:
            return listing
        return replace(listing, event=event, in_hand_on=in_hand_on)

    def _by(self, event: Event | None) -> timedelta:
        if event is not None and event.fixed_date:
            return _STAY
        over = event is not None and event.local_date < self._anchor
        return self._over if over else self._ahead


def _days_ahead(anchor: date, today: date) -> int:
    return -((anchor - today).days // _WEEK) * _WEEK


def _later(day: date, by: timedelta) -> date:
    """Return a moved date; one at the end of all dates, which some files write for an unknown one, stays."""
    try:
        return day + by
    except OverflowError:
        return day
