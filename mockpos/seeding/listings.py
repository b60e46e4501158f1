"""A world of listings from a seed, one after another, so that a million need little memory.

Import the result into a store, or write it down with ``codecs.file_layout``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import count as numbers

from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, ListingType
from mockpos.seeding.odds import happens, stream
from mockpos.seeding.offers import Desk
from mockpos.seeding.programme import Booking, draw_programme
from mockpos.seeding.seat_map import SeatMap

FIRST_NUMBER = 100_001

_RETIRED = 4


def seed_events(*, count: int, seed: int, anchor: date) -> list[Event]:
    """Return the events that ``seed_listings`` has its listings for, in order.

    A file names events before listings; this is how to know them before the first listing is drawn.
    """
    return [booking.event for booking in draw_programme(count=count, seed=seed, anchor=anchor).bookings]


def seed_listings(
    *, count: int, seed: int, anchor: date, progress: Callable[[int], None] | None = None
) -> Iterator[Listing]:
    """Draw this many listings for events after the anchor day; listings of one event share it.

    The same count, seed and anchor give the same listings in any process. ``progress`` is told how
    many there are so far, after each event.
    """
    programme = draw_programme(count=count, seed=seed, anchor=anchor)
    desk = Desk(stream(seed, "listings"), anchor, programme.ticket_holders)
    remote_ids = (f"TG-{number}" for number in numbers(FIRST_NUMBER))
    done = 0
    for booking in programme.bookings:
        yield from listings_of(desk, booking, remote_ids, SeatMap(booking.layout))
        done += booking.listings
        if progress is not None:
            progress(done)


def listings_of(desk: Desk, booking: Booking, remote_ids: Iterable[str], seats: SeatMap) -> Iterator[Listing]:
    """Draw the listings of one event; a few are replaced by another of them."""
    current: str | None = None
    for _, remote_id in zip(range(booking.listings), remote_ids, strict=False):
        listing = desk.offer(remote_id, booking, seats)
        if current is not None and happens(desk.rng, _RETIRED):
            listing = replace(listing, retired=True, superseded_by=current)
        elif listing.mapped and listing.broadcast and listing.listing_type is ListingType.EVENT:
            current = remote_id
        yield listing
