"""A world: everything one inventory consists of, in maps that cost nothing to copy.

A copy of a world shares what is in its maps, so a consistent view for a checkpoint, a snapshot
or a sandbox costs next to nothing and never moves under its reader. Reads and
writes are by key; no call looks at all listings.

What ended is kept packed and in a bounded number (contract rule 9).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from immutables import Map

from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.hold import Hold, HoldStatus, Tombstone
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Entity
from mockpos.store.bounded_map import BoundedMap
from mockpos.store.packed import PackedHolds, pack, unpack_hold, unpack_invoice
from mockpos.store.shared_map import SharedMap


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a world remembers of what ended."""

    closed_holds: int = 1_000_000
    tombstones: int = 100_000


@dataclass(frozen=True, slots=True)
class DroppedListing:
    """The wish to take a listing out of the inventory."""

    remote_id: str


Change = Entity | DroppedListing


_HELD = HoldStatus.HELD


class World:
    """The state of one inventory. Changed only through ``apply``, by one thread at a time.

    ``anchor`` is the day that its events were made to lie ahead of; None for a broker's own dates.
    """

    __slots__ = (
        "anchor",
        "clock",
        "closed",
        "committed_at",
        "invoices_made",
        "listing_order",
        "listings",
        "live",
        "orders",
        "stock",
        "tombstones",
    )

    def __init__(self, limits: Limits) -> None:
        self.anchor: date | None = None
        self.listings: Map[str, Listing] = Map()
        self.listing_order: tuple[str, ...] = ()
        self.stock: SharedMap[Stock] = SharedMap()
        self.live = PackedHolds()
        self.closed: BoundedMap[bytes] = BoundedMap(limits.closed_holds)
        self.tombstones: BoundedMap[Millis] = BoundedMap(limits.tombstones)
        self.orders: SharedMap[str] = SharedMap()
        self.invoices_made = 0
        self.committed_at = Millis(0)
        self.clock = ClockSetting()

    def copy(self) -> "World":
        """Return a world that is the same now and does not move when this one does. No other thread may change it."""
        twin = World.__new__(World)
        for name in World.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.stock, twin.live, twin.orders = self.stock.copy(), self.live.copy(), self.orders.copy()
        twin.closed, twin.tombstones = self.closed.copy(), self.tombstones.copy()
        return twin

    def untouched(self) -> "World":
        """Return a world with the same listings, nothing of them held or sold, and nothing remembered."""
        fresh = World(Limits(self.closed.limit, self.tombstones.limit))
        fresh.anchor, fresh.listings, fresh.listing_order = self.anchor, self.listings, self.listing_order
        return fresh

    def stock_of(self, listing: Listing) -> Stock:
        """Return what is free, held and sold of a listing."""
        return self.stock.get(listing.remote_id) or Stock.untouched(listing)

    def each_listing(self) -> Iterator[tuple[Listing, Stock]]:
        """Iterate over the inventory in the order it was filled."""
        for remote_id in self.listing_order:
            listing = self.listings[remote_id]
            yield listing, self.stock_of(listing)

    def listings_from(self, place: int, remote_id: str) -> Iterator[tuple[int, Listing, Stock]]:
        """Iterate over the inventory as it is now, each with its place, from where a listing stands.

        It was at ``place`` when a page before this one ended; where it is gone, ``place`` alone counts.
        """
        order, listings, stock = self.listing_order, self.listings, self.stock.still()
        if remote_id and order[place : place + 1] != (remote_id,) and remote_id in listings:
            place = order.index(remote_id)
        found = ((at, listings[order[at]]) for at in range(place, len(order)))
        return ((at, one, stock.get(one.remote_id) or Stock.untouched(one)) for at, one in found)

    def ended_from(self, number: int, most: int) -> list[tuple[int, Hold, Invoice | None]]:
        """Return up to ``most`` holds that ended, each with its number and invoice, in the order they ended.

        A number stays a hold's own while others are forgotten.
        """
        packed = self.closed.items_from(number, most)
        return [(at, unpack_hold(key, each), unpack_invoice(key, each)) for at, key, each in packed]

    def hold(self, global_id: str) -> Hold | None:
        """Find a hold, alive or remembered."""
        hold: Hold | None = self.live.get(global_id)
        if hold is not None:
            return hold
        packed = self.closed.get(global_id)
        return unpack_hold(global_id, packed) if packed is not None else None

    def invoice(self, global_id: str) -> Invoice | None:
        """Find the invoice of a hold."""
        packed = self.closed.get(global_id)
        return unpack_invoice(global_id, packed) if packed is not None else None

    def each_closed(self) -> Iterator[tuple[Hold, Invoice | None]]:
        """Iterate over the holds that ended, those that ended first first, with their invoices."""
        for global_id, packed in self.closed.items():
            yield unpack_hold(global_id, packed), unpack_invoice(global_id, packed)

    def apply(self, changes: Sequence[Change], at: Millis) -> None:
        """Take over committed changes. Applying the same ones again changes nothing."""
        listings: list[Listing] = []
        dropped: set[str] = set()
        for change in changes:
            if type(change) is Stock:  # the most frequent first: a hold is a stock and a live hold
                self.stock.put(change.remote_id, change)
            elif type(change) is Hold and change.status is _HELD:
                self.live.put(change)
            elif type(change) is Hold:
                self._close(change, _invoice_of(change.global_id, changes))
            elif type(change) is Tombstone:
                self._remember(change)
            elif type(change) is Listing:
                listings.append(change)
            elif type(change) is DroppedListing:
                dropped.add(change.remote_id)
        if listings:
            self.fill(listings)
        if dropped:
            self._drop(dropped)
        self.committed_at = max(self.committed_at, at)

    def keep_clock(self, setting: ClockSetting, at: Millis) -> None:
        """Remember how the clock was set, and that it is ``at`` now: set back on purpose, time does go back."""
        self.clock = setting
        self.committed_at = at

    def fill(self, listings: Iterable[Listing]) -> None:
        """Add or replace listings, many at the cost of many rather than of their square."""
        ids = list(self.listing_order)
        with self.listings.mutate() as changed:
            for listing in listings:
                if listing.remote_id not in changed:
                    ids.append(listing.remote_id)
                changed[listing.remote_id] = listing
            self.listings = changed.finish()
        if len(ids) != len(self.listing_order):
            self.listing_order = tuple(ids)

    def _close(self, hold: Hold, invoice: Invoice | None) -> None:
        if hold.global_id in self.live:
            self.live.remove(hold.global_id)
        if invoice is not None:
            if invoice.order_id not in self.orders:
                self.orders.put(invoice.order_id, hold.global_id)
            self.invoices_made = max(self.invoices_made, invoice_number(invoice.invoice_id))
        self.closed.put(hold.global_id, pack(hold, invoice))
        for global_id, packed in self.closed.pop_excess():
            forgotten = unpack_invoice(global_id, packed)
            if forgotten is not None and self.orders.get(forgotten.order_id) == global_id:
                self.orders.pop(forgotten.order_id)

    def _remember(self, tombstone: Tombstone) -> None:
        self.tombstones.put(tombstone.global_id, tombstone.left_at)
        for _ in self.tombstones.pop_excess():
            pass

    def _drop(self, remote_ids: set[str]) -> None:
        gone = [remote_id for remote_id in remote_ids if remote_id in self.listings]
        with self.listings.mutate() as listings:
            for remote_id in gone:
                del listings[remote_id]
                if remote_id in self.stock:
                    self.stock.pop(remote_id)
            self.listings = listings.finish()
        self.listing_order = tuple(kept for kept in self.listing_order if kept in self.listings)


def _invoice_of(global_id: str, changes: Sequence[Change]) -> Invoice | None:
    """Find the invoice that a commit makes for a hold."""
    for change in changes:
        if type(change) is Invoice and change.global_id == global_id:
            return change
    return None


def invoice_number(invoice_id: str) -> int:
    """Return the number in an invoice id that a store gave out; 0 for any other."""
    digits = invoice_id.removeprefix("INV-")
    return int(digits) if digits.isdecimal() else 0
