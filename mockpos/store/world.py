"""A world: everything one inventory consists of, in dictionaries that cost nothing to copy.

A copy of a world shares what is in its dictionaries, so a consistent view for a checkpoint, a snapshot
or a sandbox costs next to nothing and never moves under its reader. Reads and
writes are by key; no call looks at all listings.

Holds are kept as records, those that ended with their invoices and in a bounded number (contract rule 9).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mockpos.copy_on_write import BoundedDict, CopyOnWriteDict, KeyList
from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.hold import Hold, HoldStatus, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Change, DroppedListing
from mockpos.store.expiry import HoldsOnListings, LapseQueue, LiveHolds, lapse_of
from mockpos.store.records import has_invoice, read_ended, read_ended_hold, read_hold, write, write_ended


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a world remembers of what ended."""

    closed_holds: int = 200_000
    tombstones: int = 100_000


_HELD = HoldStatus.HELD
_COPIED = (
    "listings", "listing_order", "stock", "live", "closed", "tombstones", "orders", "lapses", "on_listings",
)  # fmt: skip
_READ = ("listings", "listing_order", "stock", "live", "closed", "tombstones")


class World:
    """The state of one inventory. Changed only through ``apply``, by one thread at a time.

    ``anchor`` is the day that its events were made to lie ahead of; None for a broker's own dates.
    ``tickets``, ``held`` and ``sold`` are over all listings.
    """

    __slots__ = (*_COPIED, "anchor", "clock", "committed_at", "held", "invoices_made", "sold", "tickets")

    def __init__(self, limits: Limits) -> None:
        self.anchor: date | None = None
        self.listings: CopyOnWriteDict[Listing] = CopyOnWriteDict()
        self.listing_order = KeyList()
        self.stock: CopyOnWriteDict[Stock] = CopyOnWriteDict()
        self.live: LiveHolds = CopyOnWriteDict()
        self.closed: BoundedDict[bytes] = BoundedDict(limits.closed_holds)
        self.tombstones: BoundedDict[Millis] = BoundedDict(limits.tombstones)
        self.orders: CopyOnWriteDict[str] = CopyOnWriteDict()
        self.lapses = LapseQueue()
        self.on_listings = HoldsOnListings()
        self.tickets = self.held = self.sold = 0
        self.invoices_made = 0
        self.committed_at = Millis(0)
        self.clock = ClockSetting()

    def copy(self) -> "World":
        """Return a world that is the same now and does not change with this one. No other thread may change it."""
        twin = World.__new__(World)
        for name in World.__slots__:
            value = getattr(self, name)
            setattr(twin, name, value.copy() if name in _COPIED else value)
        return twin

    def view(self) -> "World":
        """Return the world of this moment, only to be read. It costs nothing but while it is there."""
        twin = World.__new__(World)
        for name in World.__slots__:
            value = getattr(self, name)
            setattr(twin, name, value.copy() if name in _READ else value)
        return twin

    def let_go(self, between: Callable[[], None]) -> None:
        """Give up what is in it, a few entries at a time: another world has taken its place, and nobody looks at it."""
        for entries in (self.listings, self.stock, self.live, self.closed, self.orders):
            entries.let_go(between)

    def untouched(self) -> "World":
        """Return a world with the same listings, nothing of them held or sold, and nothing remembered."""
        fresh = World(Limits(self.closed.limit, self.tombstones.limit))
        fresh.anchor, fresh.tickets = self.anchor, self.tickets
        fresh.listings, fresh.listing_order = self.listings.copy(), self.listing_order.copy()
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
        """Iterate over the inventory, each with its place, from where a listing stands.

        It was at ``place`` when a page before this one ended; where it is gone, ``place`` alone counts.
        """
        order = self.listing_order
        if remote_id and order.at(place) != remote_id and remote_id in self.listings:
            place = order.place_of(remote_id)
        while (key := order.at(place)) is not None:
            listing = self.listings[key]
            yield place, listing, self.stock_of(listing)
            place += 1

    def ended_from(self, number: int, most: int) -> list[tuple[int, Hold, Invoice | None]]:
        """Return up to ``most`` holds that ended, each with its number and invoice, in the order they ended.

        A number stays a hold's own while others are forgotten.
        """
        return [(at, *read_ended(record)) for at, _, record in self.closed.items_from(number, most)]

    def hold(self, global_id: str) -> Hold | None:
        """Find a hold, alive or remembered."""
        record = self.live.get(global_id)
        if record is not None:
            return read_hold(record)
        record = self.closed.get(global_id)
        return read_ended_hold(record) if record is not None else None

    def invoice(self, global_id: str) -> Invoice | None:
        """Find the invoice of a hold."""
        record = self.closed.get(global_id)
        return read_ended(record)[1] if record is not None else None

    def each_live(self) -> Iterator[Hold]:
        """Iterate over the live holds, in no order. They must not change meanwhile."""
        return map(read_hold, self.live.values())

    def each_closed(self) -> Iterator[tuple[Hold, Invoice | None]]:
        """Iterate over the holds that ended, those that ended first first, with their invoices."""
        return (read_ended(record) for _, record in self.closed.items())

    def apply(self, changes: Sequence[Change], at: Millis) -> None:
        """Take over committed changes. Applying the same ones again changes nothing."""
        dropped: set[str] = set()
        for change in changes:
            if type(change) is DroppedListing:
                dropped.add(change.remote_id)
            else:
                _PUT[type(change)](self, change)
        if dropped:
            for remote_id in dropped:
                self.drop(remote_id)
            self.tidy_order()
        self.committed_at = max(self.committed_at, at)

    def keep_clock(self, setting: ClockSetting, at: Millis) -> None:
        """Remember how the clock was set, and that it is ``at`` now: set back on purpose, time does go back."""
        self.clock = setting
        self.committed_at = at

    def fill(self, listings: Iterable[Listing]) -> None:
        """Add or replace listings."""
        for listing in listings:
            self._put_listing(listing)

    def forget_earlier_lives(self) -> None:
        """Forget the end of each hold that is alive again: whoever committed that remembered less than this world does.

        An ended Global ID can be held again once it is forgotten, and how many are remembered is a setting.
        """
        ended = {global_id: record for global_id in self.live if (record := self.closed.get(global_id)) is not None}
        if ended:
            self.closed.forget(set(ended))
            for record in ended.values():
                self._free_order(record)

    def _put_listing(self, listing: Listing) -> None:
        before = self.listings.get(listing.remote_id)
        if before is None:
            self.listing_order.append(listing.remote_id)
        else:
            self.tickets -= before.quantity
        self.tickets += listing.quantity
        self.listings.put(listing.remote_id, listing)

    def _put_stock(self, stock: Stock) -> None:
        before = self.stock.get(stock.remote_id)
        if before is not None:
            self.held -= before.held
            self.sold -= before.sold
        self.held += stock.held
        self.sold += stock.sold
        self.stock.put(stock.remote_id, stock)

    def _put_hold(self, hold: Hold) -> None:
        if hold.status is not _HELD:
            self._close(hold)
            return
        before = self.live.get(hold.global_id)
        self.live.put(hold.global_id, write(hold))
        if before is None:
            lapse = lapse_of(hold)
            self.lapses.add(lapse)
            if not hold.stolen:
                self.on_listings.add(hold.remote_id, lapse)
        elif hold.stolen and not read_hold(before).stolen:
            self.on_listings.end(hold)

    def _close(self, hold: Hold) -> None:
        record = self.live.get(hold.global_id)
        if record is not None:
            self.live.pop(hold.global_id)
            lived = read_hold(record)  # it may have ended at another moment than it was to lapse
            if not lived.stolen:
                self.on_listings.end(lived)
            self.lapses.tidy(self.live)
        ended = self.closed.get(hold.global_id)
        self.closed.put(hold.global_id, write_ended(hold, None if ended is None else read_ended(ended)[1]))
        for _, forgotten in self.closed.pop_excess():
            if has_invoice(forgotten):
                self._free_order(forgotten)

    def _put_invoice(self, invoice: Invoice) -> None:
        self.invoices_made = max(self.invoices_made, invoice_number(invoice.invoice_id))
        ended = self.closed.get(invoice.global_id)
        if ended is None:
            return  # its hold was forgotten just now
        self.closed.put(invoice.global_id, write_ended(read_ended_hold(ended), invoice))
        if invoice.order_id not in self.orders:
            self.orders.put(invoice.order_id, invoice.global_id)

    def _free_order(self, forgotten: bytes) -> None:
        """Let an Order ID be used again: the hold that was invoiced under it is forgotten."""
        hold, invoice = read_ended(forgotten)
        if invoice is not None and self.orders.get(invoice.order_id) == hold.global_id:
            self.orders.pop(invoice.order_id)

    def _remember(self, tombstone: Tombstone) -> None:
        self.tombstones.put(tombstone.global_id, tombstone.left_at)
        for _ in self.tombstones.pop_excess():
            pass

    def drop(self, remote_id: str) -> None:
        """Take a listing out of the inventory, if it is there. The order is to be tidied before anybody looks at it."""
        listing, stock = self.listings.take(remote_id), self.stock.take(remote_id)
        if listing is not None:
            self.tickets -= listing.quantity
        if stock is not None:
            self.held -= stock.held
            self.sold -= stock.sold

    def tidy_order(self, between: Callable[[], None] = lambda: None) -> None:
        """Leave dropped listings out of the order."""
        kept = KeyList()
        for remote_id in self.listing_order:
            if remote_id in self.listings:
                kept.append(remote_id)
            between()
        self.listing_order = kept


_PUT: dict[type, Callable[[World, Any], None]] = {
    Stock: World._put_stock,
    Hold: World._put_hold,
    Invoice: World._put_invoice,
    Tombstone: World._remember,
    Listing: World._put_listing,
}


def invoice_number(invoice_id: str) -> int:
    """Return the number in an invoice id that a store gave out; 0 for any other."""
    digits = invoice_id.removeprefix("INV-")
    return int(digits) if digits.isdecimal() else 0
