"""Moving a world ahead of today keeps what its dates mean."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mockpos.domain.event import Event, Venue
from mockpos.domain.listing import Listing
from mockpos.seeding.offers import seed_listings
from mockpos.seeding.shift import shifted

ANCHOR = date(2026, 11, 23)
TODAYS = [
    *(ANCHOR + timedelta(days=days) for days in range(8)),
    *(ANCHOR - timedelta(days=days) for days in (1, 6, 7, 8, 400)),
    date(2027, 6, 1),
    date(2028, 2, 29),
    date(2040, 1, 1),
]


def event_on(day: date, event_id: str = "EV-1") -> Event:
    return Event(event_id, "A Play", Venue("Old Mill Theatre"), day)


def listing_for(event: Event | None, in_hand_on: date | None = None) -> Listing:
    return Listing(
        remote_id="TG-1", section="1", row="1", quantity=2, wholesale_price=Decimal("5.00"), event=event,
        in_hand=in_hand_on is None, in_hand_on=in_hand_on,
    )  # fmt: skip


def moved_to(today: date, event: Event) -> Event:
    (listing,) = shifted([listing_for(event)], anchor=ANCHOR, today=today)
    assert listing.event is not None
    return listing.event


@pytest.mark.parametrize("today", TODAYS)
@pytest.mark.parametrize("days_ahead", [1, 2, 6, 7, 12, 270])
def test_an_event_ahead_of_the_anchor_is_ahead_of_today_on_the_same_weekday(today: date, days_ahead: int) -> None:
    event = event_on(ANCHOR + timedelta(days=days_ahead))
    moved = moved_to(today, event)
    assert moved.local_date > today
    assert moved.local_date.weekday() == event.local_date.weekday()
    assert days_ahead <= (moved.local_date - today).days < days_ahead + 7


@pytest.mark.parametrize("today", TODAYS)
@pytest.mark.parametrize("days_ago", [1, 2, 6, 7, 30])
def test_an_event_that_was_over_stays_over(today: date, days_ago: int) -> None:
    event = event_on(ANCHOR - timedelta(days=days_ago))
    moved = moved_to(today, event)
    assert moved.local_date < today
    assert moved.local_date.weekday() == event.local_date.weekday()


@pytest.mark.parametrize("today", TODAYS)
def test_an_event_on_the_anchor_day_is_not_over(today: date) -> None:
    moved = moved_to(today, event_on(ANCHOR))
    assert moved.local_date >= today


@pytest.mark.parametrize("days", [-3, 5])
def test_an_in_hand_date_keeps_its_distance_to_the_event(days: int) -> None:
    event_day = ANCHOR + timedelta(days=days)
    listing = listing_for(event_on(event_day), event_day - timedelta(days=2))
    (moved,) = shifted([listing], anchor=ANCHOR, today=date(2027, 5, 5))
    assert moved.event is not None
    assert moved.in_hand_on == moved.event.local_date - timedelta(days=2)


def test_a_listing_without_an_event_moves_too() -> None:
    (moved,) = shifted([listing_for(None, date(2026, 12, 1))], anchor=ANCHOR, today=date(2026, 11, 24))
    assert moved.in_hand_on == date(2026, 12, 8)


def test_nothing_moves_on_the_anchor_day() -> None:
    world = list(seed_listings(count=300, seed=1, anchor=ANCHOR))
    assert list(shifted(world, anchor=ANCHOR, today=ANCHOR)) == world


def test_only_dates_move_and_events_stay_shared() -> None:
    world = list(seed_listings(count=300, seed=1, anchor=ANCHOR))
    moved = list(shifted(world, anchor=ANCHOR, today=date(2027, 5, 5)))
    for before, after in zip(world, moved, strict=True):
        assert replace(after, event=before.event, in_hand_on=before.in_hand_on) == before
        if before.event and after.event:
            assert replace(after.event, local_date=before.event.local_date) == before.event
    events = [listing.event for listing in moved if listing.event]
    assert len({id(event) for event in events}) == len({event.event_id for event in events})
