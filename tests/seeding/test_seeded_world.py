"""A seeded world is the same every time, and one that a broker could have."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from msgspec.json import decode, encode

from mockpos.codecs.documents import event_document, listing_document, read_event, read_listing
from mockpos.domain.event import EventState
from mockpos.domain.listing import Listing, ListingType, SplitType, Stock, ViewType, valid_quantities
from mockpos.seeding.odds import stream
from mockpos.seeding.offers import Broker, listings_of, seed_events, seed_listings
from mockpos.seeding.programme import Booking
from mockpos.seeding.venues import LAYOUTS, SeatMap, VenueKind
from tests.conftest import a_listing

ANCHOR = date(2026, 11, 23)
COUNT = 12_000

# A world of 500 as Python 3.11 and Faker 40 draw it, without the names, which are Faker's to change.
NUMBERS_OF_500 = "0fad68f65a3fd720dc5cb20c856b22e7e876e26ec2905ec736f52bb14f7ef919"

DIGEST_PROGRAM = """
import sys
from datetime import date
sys.path.insert(0, {folder!r})
import test_seeded_world
print(test_seeded_world.digest(test_seeded_world.seed_listings(count=500, seed=3, anchor=date(2026, 11, 23))))
"""


def digest(listings: Iterable[Listing]) -> str:
    """Return a fingerprint of listings with their events."""
    written = hashlib.sha256()
    for listing in listings:
        event = event_document(listing.event) if listing.event else None
        written.update(encode([listing_document(listing, Stock.untouched(listing)), event]))
    return written.hexdigest()


def numbers_digest(listings: Iterable[Listing]) -> str:
    """Return a fingerprint of what is not a name or a note."""
    written = hashlib.sha256()
    for one in listings:
        day = one.event.local_date.isoformat() if one.event else ""
        seats = (one.numbering.low, one.numbering.step) if one.numbering else ()
        fields = [one.remote_id, day, one.section, one.row, one.quantity, seats, one.split_type, one.custom_splits]
        prices = [f"{one.wholesale_price}", f"{one.retail_price}"]
        written.update(encode([*fields, *prices, one.ticket_format, str(one.in_hand_on), one.superseded_by]))
    return written.hexdigest()


@pytest.fixture(scope="module")
def world() -> list[Listing]:
    return list(seed_listings(count=COUNT, seed=11, anchor=ANCHOR))


def world_of(count: int, seed: int) -> list[Listing]:
    return list(seed_listings(count=count, seed=seed, anchor=ANCHOR))


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_another_process_draws_the_same_world(hash_seed: str) -> None:
    program = DIGEST_PROGRAM.format(folder=os.path.dirname(__file__))
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(world_of(500, 3))


def test_the_numbers_of_a_seed_stay_what_they_were_in_earlier_releases() -> None:
    assert numbers_digest(world_of(500, 3)) == NUMBERS_OF_500


def test_another_seed_draws_another_world() -> None:
    assert numbers_digest(world_of(500, 4)) != numbers_digest(world_of(500, 3))


def test_worlds_drawn_in_turns_do_not_disturb_each_other() -> None:
    first, second = (seed_listings(count=200, seed=5, anchor=ANCHOR) for _ in range(2))
    assert all(one == other for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("count", [0, 1, 2, 6, 39, 200, 1_000, COUNT])
def test_there_are_as_many_listings_as_asked_with_ids_of_their_own(count: int) -> None:
    ids = [listing.remote_id for listing in world_of(count, 2)]
    assert len(ids) == len(set(ids)) == count
    assert ids[:1] == ["TG-100001"][:count]


@pytest.mark.parametrize(("count", "fewest", "most"), [(200, 10, 100), (12_000, 30, 300), (100_000, 250, 2_500)])
def test_the_number_of_events_grows_with_the_world(count: int, fewest: int, most: int) -> None:
    assert fewest <= len(seed_events(count=count, seed=1, anchor=ANCHOR)) <= most


def test_the_events_told_beforehand_are_those_of_the_listings(world: list[Listing]) -> None:
    seen = {listing.event.event_id: listing.event for listing in world if listing.event}
    events = seed_events(count=COUNT, seed=11, anchor=ANCHOR)
    assert list(seen.values()) == events
    assert len({event.event_id for event in events}) == len(events)


def test_listings_of_an_event_share_it(world: list[Listing]) -> None:
    assert len({id(listing.event) for listing in world}) <= len({listing.event for listing in world})


def test_progress_is_told_up_to_the_last_listing() -> None:
    told: list[int] = []
    assert sum(1 for _ in seed_listings(count=700, seed=1, anchor=ANCHOR, progress=told.append)) == told[-1] == 700
    assert told == sorted(told)
    assert len(told) > 5


def test_no_seat_is_offered_twice(world: list[Listing]) -> None:
    offered: Counter[tuple[str, str, str, str]] = Counter()
    for listing in world:
        if listing.event and listing.numbering:
            for position in range(listing.quantity):
                seat = listing.numbering.label(position)
                offered[listing.event.event_id, listing.section, listing.row, seat] += 1
    assert max(offered.values()) == 1


def test_a_house_that_is_nearly_full_still_has_seats_for_all_its_listings() -> None:
    layout = LAYOUTS[VenueKind.THEATRE]
    seats, rng = SeatMap(layout), stream(1, "test")
    places = [seats.place(rng, 20) for _ in range(layout.most_listings)]
    assert all(1 <= place.quantity <= 20 for place in places)


def test_no_venue_has_two_events_at_one_time() -> None:
    events = seed_events(count=50_000, seed=2, anchor=ANCHOR)
    slots = Counter((event.venue, event.local_date, event.local_time) for event in events if not event.time_tba)
    assert max(slots.values()) == 1


def test_documents_of_all_listings_read_back_as_they_were(world: list[Listing]) -> None:
    events = {}
    for listing in world:
        if listing.event and listing.event.event_id not in events:
            read = read_event(decode(encode(event_document(listing.event))))
            events[read.event_id] = read
            assert read == listing.event
    for listing in world:
        document = decode(encode(listing_document(listing, Stock.untouched(listing))))
        assert read_listing(document, events) == listing


def test_every_listing_can_be_bought_in_some_quantity(world: list[Listing]) -> None:
    for listing in world:
        assert 1 <= listing.quantity <= 20
        assert valid_quantities(listing.split_type, listing.custom_splits, listing.quantity)
        assert all(1 <= quantity <= listing.quantity for quantity in listing.custom_splits)
        assert bool(listing.custom_splits) == (listing.split_type is SplitType.CUSTOM)


def test_events_lie_from_days_to_months_ahead_of_the_anchor(world: list[Listing]) -> None:
    days = sorted({(listing.event.local_date - ANCHOR).days for listing in world if listing.event})
    assert days[0] >= 3
    assert 200 < days[-1] < 300


def test_tickets_are_in_hand_after_the_anchor_and_before_the_event(world: list[Listing]) -> None:
    for listing in world:
        assert listing.in_hand == (listing.in_hand_on is None)
        if listing.in_hand_on and listing.event:
            assert ANCHOR <= listing.in_hand_on < listing.event.local_date


def test_retail_is_above_wholesale_and_both_are_whole_cents(world: list[Listing]) -> None:
    for listing in world:
        assert listing.retail_price is not None
        assert 0 < listing.wholesale_price < listing.retail_price
        assert listing.wholesale_price.as_tuple().exponent == listing.retail_price.as_tuple().exponent == -2


def test_better_sections_cost_more(world: list[Listing]) -> None:
    def usual(level: str) -> float:
        prices = sorted(one.wholesale_price for one in world if one.section.startswith(level) and one.numbering)
        return float(prices[len(prices) // 2])

    assert usual("Orchestra") > usual("Mezzanine") > usual("Balcony")


SHARES = {
    "twos and fours": (lambda one: one.quantity in (2, 4), 0.50, 0.75),
    "split any": (lambda one: one.split_type is SplitType.ANY, 0.20, 0.45),
    "split never leave one": (lambda one: one.split_type is SplitType.NEVER_LEAVE_ONE, 0.20, 0.45),
    "split pairs": (lambda one: one.split_type is SplitType.PAIRS, 0.10, 0.30),
    "split all": (lambda one: one.split_type is SplitType.ALL, 0.05, 0.20),
    "split custom": (lambda one: one.split_type is SplitType.CUSTOM, 0.01, 0.10),
    "unnumbered": (lambda one: one.numbering is None, 0.02, 0.25),
    "odd or even": (lambda one: one.numbering is not None and one.numbering.step == 2, 0.02, 0.30),
    "not in hand": (lambda one: not one.in_hand, 0.20, 0.40),
    "parking": (lambda one: one.listing_type is ListingType.PARKING, 0.01, 0.05),
    "poor view": (lambda one: one.view_type is not ViewType.FULL, 0.002, 0.04),
    "not broadcast": (lambda one: not one.broadcast, 0.002, 0.03),
    "unmapped": (lambda one: not one.mapped, 0.002, 0.02),
    "unmapped and without an event": (lambda one: one.event is None, 0.001, 0.02),
    "retired": (lambda one: one.retired, 0.001, 0.02),
    "public note": (lambda one: bool(one.external_notes), 0.02, 0.15),
    "broker note": (lambda one: bool(one.broker_notes), 0.01, 0.10),
    "internal note": (lambda one: bool(one.internal_notes), 0.01, 0.10),
    "postponed": (lambda one: one.event is not None and one.event.state is EventState.POSTPONED, 0.0005, 0.10),
    "canceled": (lambda one: one.event is not None and one.event.state is EventState.CANCELED, 0.0005, 0.10),
    "time to be announced": (lambda one: one.event is not None and one.event.time_tba, 0.005, 0.15),
}


@pytest.mark.parametrize("what", SHARES)
def test_a_plausible_share_of_listings_is(what: str, world: list[Listing]) -> None:
    is_so, least, most = SHARES[what]
    assert least <= sum(map(is_so, world)) / len(world) <= most


def test_a_replaced_listing_names_one_of_the_same_event_that_can_be_bought(world: list[Listing]) -> None:
    by_id = {listing.remote_id: listing for listing in world}
    for listing in world:
        assert listing.retired == (listing.superseded_by is not None)
        if listing.superseded_by is not None:
            replacement = by_id[listing.superseded_by]
            assert replacement.event is not None
            assert listing.event in (None, replacement.event)
            assert replacement.mapped
            assert replacement.broadcast
            assert replacement.listing_type is ListingType.EVENT
            assert not replacement.retired


def test_parking_takes_the_place_of_no_tickets() -> None:
    class Offers:
        """Offers parking first, then tickets, and replaces whatever can be."""

        class rng:  # noqa: N801  # stands for a generator
            random = staticmethod(lambda: 0.0)

        def offer(self, remote_id: str, *_: object) -> Listing:
            kind = ListingType.PARKING if remote_id == "P" else ListingType.EVENT
            return a_listing(remote_id, listing_type=kind)

    drawn = listings_of(cast(Broker, Offers()), cast(Booking, SimpleNamespace(listings=3)), "PAB", cast(SeatMap, None))
    assert [(each.remote_id, each.superseded_by) for each in drawn] == [("P", None), ("A", None), ("B", "A")]


def test_only_unmapped_listings_have_no_event(world: list[Listing]) -> None:
    assert all(not listing.mapped for listing in world if listing.event is None)


def test_events_have_what_a_ticket_says() -> None:
    for event in seed_events(count=20_000, seed=1, anchor=ANCHOR):
        assert event.name
        assert event.venue.city
        assert event.performers
        assert event.category
        assert ZoneInfo(event.venue.time_zone or "").key == event.venue.time_zone
        if " at " in event.name and event.category in ("Basketball", "Hockey", "Football", "Soccer", "Baseball"):
            home, away = event.performers
            assert event.name == f"{away} at {home}"
            assert home.startswith(event.venue.city)


def test_a_tour_plays_several_cities() -> None:
    events = seed_events(count=20_000, seed=1, anchor=ANCHOR)
    tours = [event for event in events if event.name.endswith(" Tour")]
    cities = Counter(name for name, _ in {(event.name, event.venue.city) for event in tours})
    assert max(cities.values()) >= 3


def test_theatres_are_dark_on_mondays() -> None:
    events = [event for event in seed_events(count=50_000, seed=1, anchor=ANCHOR) if event.category == "Theatre"]
    assert events
    assert all(event.local_date.weekday() != 0 for event in events)


@pytest.mark.parametrize("anchor", [date(2024, 2, 29), date(2030, 12, 31)])
def test_a_world_moves_with_its_anchor(anchor: date) -> None:
    events = seed_events(count=300, seed=1, anchor=anchor)
    assert all(timedelta(days=3) <= event.local_date - anchor < timedelta(days=300) for event in events)
