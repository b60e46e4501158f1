"""Writes the worlds that ship with mockpos: ``python -m tests.seeding.shipped_worlds fixtures``.

One arena's events by hand, a listing for each thing worth trying, and ordinary listings drawn around them.
Documentation, the catalogue of codes and tests name the hand-made ones by their Remote IDs, so an id and what is said
of it here is a promise. No name is drawn by Faker, so that a new version of it leaves the files as they are.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from itertools import count
from pathlib import Path

from mockpos.codecs.documents import event_document, listing_document
from mockpos.codecs.file_layout import Table, write_world
from mockpos.domain.event import Event, EventState, Venue
from mockpos.domain.listing import Listing, SplitType, Stock, TicketFormat
from mockpos.domain.seats import Numbering
from mockpos.seeding.odds import stream
from mockpos.seeding.offers import Broker, listings_of
from mockpos.seeding.programme import Booking
from mockpos.seeding.venues import FOR_A_GAME, LAYOUTS, SeatMap, VenueKind

ANCHOR = date(2026, 11, 23)
TICKET_HOLDERS = ("Agnes Larkspur", "Tobias Emberley", "Odette Thistlewood", "Ruben Ashgrove", "Marta Coldbrook")

_HERONS = "Harbor City Herons"
_ARENA = Venue("Harborlight Arena", "Harbor City", "America/New_York")


def _game(event_id: str, visitors: str, day: date, at: time | None) -> Event:
    return Event(
        event_id=event_id,
        name=f"{visitors} at {_HERONS}",
        venue=_ARENA,
        local_date=day,
        local_time=at or time(0, 0),
        time_tba=at is None,
        performers=(_HERONS, visitors),
        category="Basketball",
    )


def _show(event_id: str, performer: str, title: str, day: date, *, category: str, state: EventState) -> Event:
    return Event(
        event_id=event_id,
        name=f"{performer}: {title}",
        venue=_ARENA,
        local_date=day,
        local_time=time(20, 0),
        performers=(performer,),
        state=state,
        category=category,
    )


GAME = _game("EV-1", "Copper Valley Kestrels", date(2026, 12, 5), time(19, 30))
SECOND_GAME = _game("EV-2", "Northgate Tinkers", date(2026, 12, 18), time(19, 0))
GAME_TBA = _game("EV-3", "Saltmarsh Ferrymen", date(2027, 1, 16), None)
CONCERT = _show(
    *("EV-4", "The Paper Meridians", "Long Way Round Tour", date(2027, 2, 12)),
    category="Pop / Rock",
    state=EventState.SHOWN,
)
POSTPONED = _show(
    *("EV-5", "Odette Pennywhistle", "Slow Fireworks Tour", date(2027, 3, 6)),
    category="Country",
    state=EventState.POSTPONED,
)
CANCELED = _show(
    *("EV-6", "Barnaby Quillfeather", "One More Orchard", date(2027, 3, 20)),
    category="Comedy",
    state=EventState.CANCELED,
)

BOOKINGS = (
    Booking(GAME, FOR_A_GAME[VenueKind.ARENA], 90, 60),
    Booking(SECOND_GAME, FOR_A_GAME[VenueKind.ARENA], 75, 45),
    Booking(GAME_TBA, FOR_A_GAME[VenueKind.ARENA], 80, 30),
    Booking(CONCERT, LAYOUTS[VenueKind.ARENA], 135, 45),
    Booking(POSTPONED, LAYOUTS[VenueKind.ARENA], 95, 5),
    Booking(CANCELED, LAYOUTS[VenueKind.ARENA], 60, 2),
)
"""The events, and how many ordinary listings are drawn for each."""


def _offer(remote_id: str, event: Event, place: str, quantity: int, prices: str, **seats: int) -> Listing:
    """Make an ordinary listing: place is "section/row", prices are "wholesale/retail"."""
    section, row = place.split("/")
    wholesale, retail = prices.split("/")
    return Listing(
        remote_id=remote_id,
        event=event,
        section=section,
        row=row,
        quantity=quantity,
        numbering=Numbering(seats["low"], seats.get("step", 1)) if seats else None,
        ticket_format=TicketFormat.TM_MOBILE,
        wholesale_price=Decimal(wholesale),
        retail_price=Decimal(retail),
    )


ARENA_LISTINGS = (
    _offer("TG-1042", GAME, "109/22", 8, "120.00/149.00", low=5),
    replace(_offer("TG-PAIRS", GAME, "112/9", 4, "95.00/118.00", low=1), split_type=SplitType.PAIRS),
    _offer("TG-LAST", GAME, "204/6", 1, "48.50/60.00", low=11),
    replace(_offer("TG-RETIRED", GAME, "109/22", 4, "120.00/149.00", low=13), retired=True, superseded_by="TG-1042"),
    _offer("TG-POSTPONED", POSTPONED, "103/4", 4, "88.00/109.00", low=1),
    _offer("TG-CANCELED", CANCELED, "106/12", 2, "52.00/65.00", low=7),
    replace(_offer("TG-UNMAPPED", SECOND_GAME, "118/3", 2, "81.00/99.00", low=3), mapped=False),
    replace(_offer("TG-UNBROADCAST", SECOND_GAME, "118/5", 2, "79.00/97.00", low=3), broadcast=False),
    _offer("TG-GA", CONCERT, "Floor GA/GA", 250, "140.00/175.00"),
    _offer("TG-ODD", CONCERT, "117/14", 6, "130.00/162.00", low=1, step=2),
    replace(
        _offer("TG-CUSTOM", CONCERT, "111/8", 7, "155.00/189.00", low=4),
        split_type=SplitType.CUSTOM,
        custom_splits=(1, 2, 3, 4, 5, 7),
    ),
    replace(_offer("TG-ALL", CONCERT, "Floor B/2", 4, "310.00/385.00", low=9), split_type=SplitType.ALL),
)

QUICK_START = _offer("TG-5000", CONCERT, "Floor E/1", 60, "120.00/149.00", low=1)
"""The listing of the README: for the last event, and with tickets enough for many tries."""

TINY_LISTINGS = tuple(
    listing
    for listing in ARENA_LISTINGS
    if listing.remote_id in ("TG-1042", "TG-PAIRS", "TG-LAST", "TG-RETIRED", "TG-POSTPONED", "TG-GA")
)
"""Few enough for a person to read."""

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
    broker = Broker(stream(_SEED, "arena"), ANCHOR, TICKET_HOLDERS)
    for booking in BOOKINGS:
        yield from listings_of(broker, booking, remote_ids, SeatMap(booking.layout, closed))


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
        sys.exit("usage: python -m tests.seeding.shipped_worlds FOLDER")
    write_fixtures(Path(sys.argv[1]))
