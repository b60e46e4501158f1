"""Moves a committed world ahead of today: each date by whole weeks, so that what it means stays."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from mockpos.domain.event import Event
from mockpos.domain.listing import Listing

_WEEK = 7


def moved_anchor(anchor: date, today: date) -> date:
    """Return the day that a world's events lie ahead of once it is moved to today: from today to six days later."""
    return _later(anchor, _ahead(anchor, today))


def shifted(listings: Iterable[Listing], *, anchor: date, today: date) -> Iterator[Listing]:
    """Move dates as far as today is from the anchor, to the whole week that keeps their meaning.

    What was ahead of the anchor is ahead of today, and an event that was over then is over now.
    A listing's in-hand date moves with its event. Listings that shared an event share the moved one.
    An event with a fixed date stays where it is.
    """
    ahead, over = _ahead(anchor, today), timedelta(days=(today - anchor).days // _WEEK * _WEEK)
    moved: dict[str, Event] = {}
    for listing in listings:
        event, by = listing.event, ahead
        if event is not None:
            by = timedelta(0) if event.fixed_date else over if event.local_date < anchor else ahead
            if event.event_id not in moved:
                moved[event.event_id] = replace(event, local_date=_later(event.local_date, by)) if by else event
            event = moved[event.event_id]
        in_hand_on = _later(listing.in_hand_on, by) if listing.in_hand_on is not None else None
        is_moved = event is not listing.event or in_hand_on != listing.in_hand_on
        yield replace(listing, event=event, in_hand_on=in_hand_on) if is_moved else listing


def _ahead(anchor: date, today: date) -> timedelta:
    return timedelta(days=-((anchor - today).days // _WEEK) * _WEEK)


def _later(day: date, by: timedelta) -> date:
    """Return a moved date; one at the end of all dates, which some files write for an unknown one, stays."""
    try:
        return day + by
    except OverflowError:
        return day
