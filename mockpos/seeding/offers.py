"""What a broker asks and says of tickets: splits, delivery, notes, and what is wrong with a few."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count as numbers

from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, ListingType, SplitType, TicketFormat, ViewType
from mockpos.seeding.odds import Odds, Random, between, draw_prices, happens, one_of, stream
from mockpos.seeding.programme import Booking, draw_programme
from mockpos.seeding.venues import SeatMap

_QUANTITIES = Odds(
    *((1, 80), (2, 350), (3, 70), (4, 270), (5, 35), (6, 80), (7, 10), (8, 50), (9, 5), (10, 20)),
    *((quantity, 3) for quantity in range(11, 21)),
)
_FORMATS = Odds(
    (TicketFormat.TM_MOBILE, 55),
    (TicketFormat.ETICKET, 25),
    (TicketFormat.PHYSICAL, 8),
    (TicketFormat.FLASH_SEATS, 6),
    (TicketFormat.PAPERLESS, 4),
    (TicketFormat.GUEST_LIST, 2),
)
_SINGLE = Odds((SplitType.ANY, 4), (SplitType.ALL, 1))
_FEW = Odds((SplitType.ANY, 35), (SplitType.NEVER_LEAVE_ONE, 30), (SplitType.PAIRS, 20), (SplitType.ALL, 15))
_MANY = Odds(
    (SplitType.ANY, 25),
    (SplitType.NEVER_LEAVE_ONE, 40),
    (SplitType.PAIRS, 20),
    (SplitType.ALL, 7),
    (SplitType.CUSTOM, 8),
)

_PARKING, _REMARKABLE, _NOT_IN_HAND = 25, 160, 300
_REMARKS = Odds(
    ("public", 60), ("broker", 30), ("internal", 45), ("poor view", 20), ("not broadcast", 12), ("unmapped", 8)
)
_POOR_VIEWS = Odds((ViewType.OBSTRUCTED, 2), (ViewType.PARTIALLY_OBSTRUCTED, 3))

_PUBLIC_NOTES = (
    "Aisle seats.", "Includes entry to the club lounge.", "Tickets are transferred by phone.",
    "Row is the first of its section.", "Valid ID needed at the door.", "No re-entry.", "Seats are side by side.",
    "Includes a food and drink credit of $25.",
)  # fmt: skip
_OBSTRUCTED_NOTES = ("Limited view of the stage.", "A rail crosses the view.", "The scoreboard cannot be seen.")
_BROKER_NOTES = ("Ask for {name} before splitting.", "Ships the day before.", "{name} can upload within the hour.")
_INTERNAL_NOTES = ("Season account of {name}.", "Bought from {name}.", "Paid for by {name}.", "Check barcodes first.")

_PARKING_LOTS = ("Lot A", "Lot B", "Lot C", "Lot East", "Garage North", "Garage South")


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker at work: who draws, on which day, and from whom the tickets were bought."""

    rng: Random
    anchor: date
    ticket_holders: tuple[str, ...]

    def offer(self, remote_id: str, booking: Booking, seats: SeatMap) -> Listing:
        """Offer some tickets, or parking, for an event."""
        rng = self.rng
        parking = happens(rng, _PARKING)
        listing = _parking(rng, remote_id, booking) if parking else self._tickets(remote_id, booking, seats)
        return self._with_remarks(listing) if happens(rng, _REMARKABLE) else listing

    def _tickets(self, remote_id: str, booking: Booking, seats: SeatMap) -> Listing:
        rng = self.rng
        place = seats.place(rng, _QUANTITIES.draw(rng))
        split, custom = _split(rng, place.quantity)
        wholesale, retail = draw_prices(rng, booking.dollars, place.section.price)
        in_hand_on = self._in_hand_on(booking.event.local_date) if happens(rng, _NOT_IN_HAND) else None
        return Listing(
            remote_id=remote_id,
            event=booking.event,
            section=place.section.name,
            row=place.row,
            quantity=place.quantity,
            numbering=place.numbering,
            split_type=split,
            custom_splits=custom,
            ticket_format=_FORMATS.draw(rng),
            in_hand=in_hand_on is None,
            in_hand_on=in_hand_on,
            wholesale_price=wholesale,
            retail_price=retail,
        )

    def _in_hand_on(self, event_day: date) -> date:
        """Return a day from the anchor to the day before the event, often shortly before it."""
        days_ahead = (event_day - self.anchor).days
        return event_day - timedelta(days=between(self.rng, 1, max(1, min(21, days_ahead))))

    def _with_remarks(self, listing: Listing) -> Listing:
        """Return the listing with what is special about it; most have nothing."""
        rng = self.rng
        match _REMARKS.draw(rng):
            case "public":
                return replace(listing, external_notes=one_of(rng, _PUBLIC_NOTES))
            case "broker":
                return replace(listing, broker_notes=self._note(_BROKER_NOTES))
            case "internal":
                return replace(listing, internal_notes=self._note(_INTERNAL_NOTES))
            case "not broadcast":
                return replace(listing, broadcast=False)
            case "unmapped":
                return replace(listing, mapped=False, event=None if happens(rng, 500) else listing.event)
            case _:
                return _with_poor_view(rng, listing)

    def _note(self, notes: tuple[str, ...]) -> str:
        return one_of(self.rng, notes).format(name=one_of(self.rng, self.ticket_holders))


def _with_poor_view(rng: Random, listing: Listing) -> Listing:
    if listing.listing_type is ListingType.PARKING:
        return listing
    return replace(listing, view_type=_POOR_VIEWS.draw(rng), external_notes=one_of(rng, _OBSTRUCTED_NOTES))


def _parking(rng: Random, remote_id: str, booking: Booking) -> Listing:
    wholesale, retail = draw_prices(rng, 30, 100)
    return Listing(
        remote_id=remote_id,
        event=booking.event,
        section=one_of(rng, _PARKING_LOTS),
        row="GA",
        quantity=between(rng, 1, 3),
        wholesale_price=wholesale,
        retail_price=retail,
        listing_type=ListingType.PARKING,
    )


def _split(rng: Random, quantity: int) -> tuple[SplitType, tuple[int, ...]]:
    """Return a split that brokers use for so many tickets, with its quantities if it is custom."""
    odds = _SINGLE if quantity == 1 else _FEW if quantity <= 3 else _MANY
    split = odds.draw(rng)
    if split is not SplitType.CUSTOM:
        return split, ()
    fewest = between(rng, 1, 2)
    return split, tuple(sorted({fewest, 2, quantity - 2, quantity}))


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
    broker = Broker(stream(seed, "listings"), anchor, programme.ticket_holders)
    remote_ids = (f"TG-{number}" for number in numbers(FIRST_NUMBER))
    done = 0
    for booking in programme.bookings:
        yield from listings_of(broker, booking, remote_ids, SeatMap(booking.layout))
        done += booking.listings
        if progress is not None:
            progress(done)


def listings_of(broker: Broker, booking: Booking, remote_ids: Iterable[str], seats: SeatMap) -> Iterator[Listing]:
    """Draw the listings of one event; a few are replaced by another of them."""
    current: str | None = None
    for _, remote_id in zip(range(booking.listings), remote_ids, strict=False):
        listing = broker.offer(remote_id, booking, seats)
        if current is not None and happens(broker.rng, _RETIRED):
            listing = replace(listing, retired=True, superseded_by=current)
        elif listing.mapped and listing.broadcast and listing.listing_type is ListingType.EVENT:
            current = remote_id
        yield listing
