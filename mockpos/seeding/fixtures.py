"""Writes the worlds that ship with mockpos: ``python -m mockpos.seeding.fixtures fixtures``.

They hold no name drawn by Faker, so that a new version of it leaves them as they are.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from mockpos.codecs.file_layout import Table, write_world
from mockpos.codecs.listings import event_document, listing_document
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, Stock
from mockpos.seeding.listings import listings_of
from mockpos.seeding.odds import stream
from mockpos.seeding.offers import Desk
from mockpos.seeding.seat_map import SeatMap
from mockpos.seeding.showcase import ANCHOR, ARENA_LISTINGS, BOOKINGS, QUICK_START, TICKET_HOLDERS, TINY_LISTINGS

_SEED = 1
_FIRST_NUMBER = 1001


def write_fixtures(folder: Path) -> None:
    """Write ``arena.json`` and ``tiny.json``, always the same bytes."""
    _write(folder / "arena.json", [*ARENA_LISTINGS, *_ordinary_listings(), QUICK_START])
    _write(folder / "tiny.json", [*TINY_LISTINGS, QUICK_START])


def _ordinary_listings() -> Iterator[Listing]:
    """Draw what surrounds the hand-made listings, in rows other than theirs."""
    by_hand = {listing.remote_id for listing in ARENA_LISTINGS}
    closed = {(listing.section, listing.row) for listing in ARENA_LISTINGS if listing.numbering is not None}
    numbers = (f"TG-{number}" for number in count(_FIRST_NUMBER))
    remote_ids = (remote_id for remote_id in numbers if remote_id not in by_hand)
    desk = Desk(stream(_SEED, "arena"), ANCHOR, TICKET_HOLDERS)
    for booking in BOOKINGS:
        yield from listings_of(desk, booking, remote_ids, SeatMap(booking.layout, closed))


def _write(path: Path, listings: Iterable[Listing]) -> None:
    listings = list(listings)
    with path.open("wb") as stream_of_bytes:
        write_world(stream_of_bytes, _tables(listings))


def _tables(listings: list[Listing]) -> Iterator[Table]:
    events: dict[str, Event] = {}
    for listing in listings:
        if listing.event is not None:
            events.setdefault(listing.event.event_id, listing.event)
    yield "meta", [{"format": 1, "generation": 0, "anchor": ANCHOR.isoformat()}]
    yield "events", (event_document(events[event_id]) for event_id in sorted(events))
    yield "listings", (listing_document(listing, Stock.untouched(listing)) for listing in listings)
    yield "holds", ()
    yield "invoices", ()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m mockpos.seeding.fixtures FOLDER")
    write_fixtures(Path(sys.argv[1]))
