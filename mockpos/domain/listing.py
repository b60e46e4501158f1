"""A listing (TEvo: ticket group): neighbouring tickets that a broker offers together.

What a broker says about the tickets is the ``Listing``; how many of them are
free, held and sold is its ``Stock``. They change for different reasons, and a
listing that nobody has touched needs no stock: all of it is free.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from mockpos.domain.clock import Millis
from mockpos.domain.event import Event, EventState
from mockpos.domain.numbering import Numbering
from mockpos.domain.seats import SeatSet, first_seats
from mockpos.domain.split import SplitType


class TicketFormat(StrEnum):
    """How the tickets are delivered; TEvo's names, whose letter case differs between its sources."""

    ETICKET = "Eticket"
    FLASH_SEATS = "Flash_seats"
    GUEST_LIST = "Guest_list"
    PAPERLESS = "Paperless"
    PHYSICAL = "Physical"
    TM_MOBILE = "TM_Mobile"


class ListingType(StrEnum):
    """Tickets to the event, or parking beside it."""

    EVENT = "event"
    PARKING = "parking"


class ViewType(StrEnum):
    """What can be seen from there."""

    FULL = "Full"
    OBSTRUCTED = "Obstructed"
    PARTIALLY_OBSTRUCTED = "Partially Obstructed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the broker offers. Prices are US dollars for one ticket, to the cent."""

    remote_id: str
    section: str
    row: str
    quantity: int
    wholesale_price: Decimal
    event: Event | None = None
    numbering: Numbering | None = None
    split_type: SplitType = SplitType.ANY
    custom_splits: tuple[int, ...] = ()
    ticket_format: TicketFormat = TicketFormat.ETICKET
    in_hand: bool = True
    in_hand_on: date | None = None
    retail_price: Decimal | None = None
    internal_notes: str = ""
    broker_notes: str = ""
    external_notes: str = ""
    listing_type: ListingType = ListingType.EVENT
    view_type: ViewType = ViewType.FULL
    broadcast: bool = True
    mapped: bool = True
    retired: bool = False
    superseded_by: str | None = None

    def not_for_sale_because(self, now: Millis) -> str | None:
        """Say why it cannot be bought at all at this moment, or None when it can."""
        if not self.mapped:
            return "not mapped to an event"
        if not self.broadcast:
            return "not broadcast"
        if self.event is None:
            return None
        if self.event.state is EventState.POSTPONED:
            return "event postponed"
        if self.event.state is EventState.CANCELED:
            return "event canceled"
        return "event over" if self.event.is_over(now) else None


class Stock(NamedTuple):
    """How much of one listing is free and sold; the rest is under live holds.

    ``free`` are the free seats of a numbered listing, and none for an unnumbered one.
    At all times quantity = available + held + sold (contract rule 1). A tuple for the reason ``Hold`` is one.
    """

    remote_id: str
    available: int
    held: int = 0
    sold: int = 0
    free: SeatSet = 0
    last_sold_at: Millis | None = None

    @classmethod
    def untouched(cls, listing: Listing) -> "Stock":
        """Return the stock of a listing nobody has touched: all of it free."""
        free = first_seats(listing.quantity) if listing.numbering else 0
        return cls(listing.remote_id, listing.quantity, free=free)
