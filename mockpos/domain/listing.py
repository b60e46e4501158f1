"""A listing (TEvo: ticket group): neighbouring tickets that a broker offers together.

What a broker says about the tickets is the ``Listing``; how many of them are
free, held and sold is its ``Stock``. They change for different reasons, and a
listing that nobody has touched needs no stock: all of it is free.

The ``SplitType`` says in which quantities a broker lets it be bought. TEvo's listing carries the valid ones
(``splits``: "which quantities are available to purchase"); the rules behind them are those of brokers' systems.
All are judged on what is free now, so they move as tickets are held and sold.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from mockpos.domain.clock import Millis
from mockpos.domain.event import Event, EventState
from mockpos.domain.seats import Numbering, SeatSet, first_seats

LARGEST_QUANTITY = 1000
"""The most tickets that one hold may ask for (spec: the contract's ``quantity``)."""


class SplitType(StrEnum):
    """Who may buy how many. The values are what files and answers carry."""

    ANY = "any"
    NEVER_LEAVE_ONE = "never_leave_one"
    AVOID_ONE_AND_THREE = "avoid_one_and_three"
    PAIRS = "pairs"
    ALL = "all"
    CUSTOM = "custom"


def allows(split: SplitType, custom: tuple[int, ...], quantity: int, free: int) -> bool:
    """Tell whether ``quantity`` may be taken when ``free`` tickets are left.

    ``pairs`` sells even quantities, and a single last ticket rather than strand it.
    """
    if not 1 <= quantity <= free:
        return False
    left = free - quantity
    match split:
        case SplitType.ANY:
            allowed = True
        case SplitType.NEVER_LEAVE_ONE:
            allowed = left != 1
        case SplitType.AVOID_ONE_AND_THREE:
            allowed = left not in (1, 3)
        case SplitType.PAIRS:
            allowed = quantity % 2 == 0 or free == 1
        case SplitType.ALL:
            allowed = left == 0
        case SplitType.CUSTOM:
            allowed = quantity in custom
    return allowed


def valid_quantities(split: SplitType, custom: tuple[int, ...], free: int) -> list[int]:
    """List what may be bought now, ascending, up to the most that one hold may ask for."""
    most = min(free, LARGEST_QUANTITY)
    return [quantity for quantity in range(1, most + 1) if allows(split, custom, quantity, free)]


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


MOST_FOUND = 1000
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two listings of one row that share seats, which can be sold twice: how many, and the first of them."""

    first: Listing
    second: Listing
    seats: tuple[str, ...]
    count: int

    def __str__(self) -> str:
        shown = ", ".join(self.seats) + (", ..." if self.count > len(self.seats) else "")
        place = f"section {self.first.section}, row {self.first.row or '(none)'}"
        return f"{self.second.remote_id} has seats that {self.first.remote_id} has too ({place}, seats {shown})"


def overlaps(listings: Iterable[Listing]) -> list[Overlap]:
    """Find the pairs of listings that share seats, up to ``MOST_FOUND``. Retired ones share none."""
    rows: defaultdict[tuple[str, str, str], list[Listing]] = defaultdict(list)
    for listing in listings:
        if listing.numbering is not None and listing.event is not None and not listing.retired:
            rows[listing.event.event_id, listing.section.casefold(), listing.row.casefold()].append(listing)
    return list(islice((overlap for row in rows.values() for overlap in _within(row)), MOST_FOUND))


def _within(row: list[Listing]) -> Iterator[Overlap]:
    """Find those of one row: each is compared with those that reach up to its first seat."""
    reaching: list[int] = []
    for place in sorted(range(len(row)), key=lambda place: _span(row[place]).start):
        reaching = [one for one in reaching if _may_reach(row[one], row[place])]
        for other in reaching:
            first, second = row[min(other, place)], row[max(other, place)]
            shared = _shared(first, second)
            if shared:
                yield Overlap(first, second, tuple(shared[:_SHOWN]), len(shared))
        reaching.append(place)


def _numbering(listing: Listing) -> Numbering:
    assert listing.numbering is not None
    return listing.numbering


def _span(listing: Listing) -> range:
    """Return the numbers of a listing's seats, as far as they have any."""
    low, step, _ = _numbering(listing)
    return range(low, low + step * listing.quantity, step)


def _may_reach(one: Listing, listing: Listing) -> bool:
    return _numbering(one).is_named or _numbering(listing).is_named or _span(one)[-1] >= _span(listing).start


def _shared(one: Listing, other: Listing) -> list[str]:
    """Return the labels of the seats that both have, in the order of the first."""
    numbering, theirs = _numbering(one), _numbering(other)
    if numbering.is_named or theirs.is_named:
        labels = set(theirs.labels(((0, other.quantity),)))
        return [label for label in numbering.labels(((0, one.quantity),)) if label in labels]
    if numbering.form != theirs.form:
        return []
    numbers, others = _span(one), _span(other)
    return [numbering.label(position) for position, number in enumerate(numbers) if number in others]
