"""What the use cases need of the world, as Protocols that stores implement."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from mockpos.domain.clock import Millis
from mockpos.domain.event import Event
from mockpos.domain.hold import Hold, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock

Entity = Listing | Stock | Hold | Tombstone | Invoice
"""Whatever a transaction can put. Each kind has its own key: Remote ID, Global ID or Order ID."""


@dataclass(frozen=True, slots=True)
class DroppedListing:
    """The wish to take a listing out of the inventory."""

    remote_id: str


Change = Entity | DroppedListing
"""What a commit is made of."""


class Transaction(Protocol):
    """One atomic look at, and change of, a world.

    What was put is seen by later reads of the same transaction. Leaving it normally
    commits everything; leaving it by an exception leaves the world as it was, save
    that holds found expired stay expired (contract rule 5).
    """

    @property
    def now(self) -> Millis:
        """The moment of the transaction: read once, never before the last committed one."""

    def listing(self, remote_id: str) -> Listing | None:
        """Find a listing by its Remote ID."""

    def stock(self, listing: Listing) -> Stock:
        """Return what is free, held and sold of a listing."""

    def hold(self, global_id: str) -> Hold | None:
        """Find a hold by its Global ID, alive or remembered."""

    def tombstone(self, global_id: str) -> Tombstone | None:
        """Find what an early release left behind."""

    def invoice(self, global_id: str) -> Invoice | None:
        """Find the invoice of a hold."""

    def order_holder(self, order_id: str) -> str | None:
        """Return the Global ID that was invoiced (first) under this order."""

    def listings(self) -> Iterator[Listing]:
        """Iterate over the inventory as it was when the transaction began."""

    def live_holds(self, remote_id: str, most: int | None = None) -> list[Hold]:
        """Return the live holds on a listing as when the transaction began, or the first, in the order they were held.

        Those whose tickets were sold elsewhere are left out: they would give nothing back.
        """

    def is_built_in(self, remote_id: str) -> bool:
        """Tell whether a listing stands beside the inventory: it never changes."""

    def next_expiry(self, remote_id: str) -> Millis | None:
        """Return when the first live hold on a listing lapses."""

    def next_invoice_id(self) -> str:
        """Return an invoice id that no committed invoice has."""

    def put(self, entity: Entity) -> None:
        """Write an entity. Without this call nothing changes."""

    def drop_listing(self, remote_id: str) -> None:
        """Take a listing out of the inventory. The caller makes sure nothing was held or sold of it."""


class Store(Protocol):
    """A place that keeps one world."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a transaction; one at a time, in some order."""

    def listings(self) -> Iterator[tuple[Listing, Stock]]:
        """Iterate over one consistent moment of the inventory, in the order it was filled."""

    def catch_up(self, remote_id: str | None, global_id: str) -> None:
        """Let end what has lapsed on a listing, or on that of a hold, before a call that asks for it."""

    def peek(self, global_id: str) -> Hold | None:
        """Look at a hold as last committed; a hold that is due may not have expired yet."""

    def listing_count(self) -> int:
        """Return how many listings there are."""


def distinct_events(listings: Iterable[Listing]) -> dict[str, Event]:
    """Return the events these listings are for, by their id."""
    return {listing.event.event_id: listing.event for listing in listings if listing.event}
