"""One transaction of a store in memory: what it looks at, what it puts, and which holds it ends on the way.

Holds that have lapsed end when a transaction begins. Where many have, the others end later, in slices, so that nobody
waits for all of them; those that a transaction asks for have ended when it sees them.
"""

import sys
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from msgspec import Struct

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Change, DroppedListing, Entity
from mockpos.services.release_hold import return_tickets
from mockpos.store.world import World

if TYPE_CHECKING:
    from mockpos.store.memory_store import MemoryStore

_HELD = HoldStatus.HELD
_MOST_FOUND = 16
"""Listings that a transaction remembers to have found: a call asks for few, again and again, an import for all once."""


class MemoryTransaction(Struct, eq=False):
    """One transaction of a MemoryStore. See services.ports.Transaction for what each call means.

    ``expired`` are the holds that it ends; ``is_behind`` tells that there are more that have lapsed.
    ``committed_before`` is when the last commit was before it ended any.
    """

    _store: "MemoryStore"
    _world: World
    _expired_at_once: int
    now: Millis = Millis(0)
    expired: list[Hold] = []
    is_behind: bool = False
    committed_before: Millis = Millis(0)
    _changes: list[Change] = []
    _listings: dict[str, Listing] = {}  # those that were found, and those that were put
    _stocks: dict[str, Stock] = {}
    _holds: dict[str, Hold | None] = {}  # those that were looked for, and those that were put
    _invoices: int = 0

    def __enter__(self) -> "MemoryTransaction":
        """Take the lock, read the clock once and let what is due expire, or the first of it."""
        store = self._store
        store.lock.acquire()
        try:
            world = self._world = store.world
            self.committed_before = world.committed_at
            self.now = max(store.clock.now(), world.committed_at)
            if world.lapses.is_due(self.now):
                self._expire(world.lapses.pop_due(self.now, world.live, self._expired_at_once))
                self.is_behind = world.lapses.is_due(self.now)
        except BaseException:
            store.lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Commit what was put, or nothing after an exception."""
        try:
            if kind is None and self._changes:
                self._store.commit(self._changes, self.now)
        finally:
            self._store.lock.release()

    def listing(self, remote_id: str) -> Listing | None:
        """Find a listing."""
        known = self._listings.get(remote_id)
        if known is None:
            known = self._world.listings.get(remote_id) or self._store.built_in(remote_id)
            if known is not None and len(self._listings) < _MOST_FOUND:
                self._listings[remote_id] = known
        return known

    def stock(self, listing: Listing) -> Stock:
        """Return what is free, held and sold of a listing."""
        stock = self._stocks.get(listing.remote_id)
        if stock is None:
            if self.is_behind:
                self.expire_on(listing.remote_id)
            stock = self._world.stock_of(listing)
        return stock

    def hold(self, global_id: str) -> Hold | None:
        """Find a hold, alive or remembered."""
        known = self._holds
        if global_id in known:
            return known[global_id]
        hold = self._world.hold(global_id)
        if self.is_behind and hold is not None and hold.status is _HELD and hold.expires_at <= self.now:
            (hold,) = self._expire([hold])
        known[global_id] = hold
        return hold

    def tombstone(self, global_id: str) -> Tombstone | None:
        """Find what an early release left behind."""
        for change in self._changes:
            if type(change) is Tombstone and change.global_id == global_id:
                return change
        left_at = self._world.tombstones.get(global_id)
        return Tombstone(global_id, left_at) if left_at is not None else None

    def invoice(self, global_id: str) -> Invoice | None:
        """Find the invoice of a hold."""
        for change in self._changes:
            if type(change) is Invoice and change.global_id == global_id:
                return change
        return self._world.invoice(global_id)

    def order_holder(self, order_id: str) -> str | None:
        """Return the Global ID first invoiced under an order."""
        holder = self._world.orders.get(order_id)
        if holder is None:
            for change in self._changes:
                if type(change) is Invoice and change.order_id == order_id:
                    return change.global_id
        return holder

    def listings(self) -> Iterator[Listing]:
        """Iterate over the inventory as it was when the transaction began."""
        return self._world.listings.values()

    def live_holds(self, remote_id: str, most: int | None = None) -> list[Hold]:
        """Return the live holds on a listing that would give tickets back, as before the transaction, or the first."""
        if self.is_behind:
            self.expire_on(remote_id)
        live = self._world.on_listings.on(remote_id, self._world.live, most)
        return [hold for hold in live if hold.expires_at > self.now] if self.is_behind else live

    def next_expiry(self, remote_id: str) -> Millis | None:
        """Return when the first live hold on a listing lapses that would give tickets back."""
        if self.is_behind:
            self.expire_on(remote_id)
        return self._world.on_listings.first_to_lapse(remote_id)

    def next_invoice_id(self) -> str:
        """Return the next number in this world's own series."""
        self._invoices += 1
        return f"INV-{self._world.invoices_made + self._invoices:06d}"

    def put(self, entity: Entity) -> None:
        """Write an entity. What is held or sold of a built-in listing is not kept: it never runs out."""
        if type(entity) is Hold:
            self._holds[entity.global_id] = entity
        elif type(entity) is Stock:
            if self.is_built_in(entity.remote_id):
                return
            self._stocks[entity.remote_id] = entity
        elif type(entity) is Listing:
            if self.is_built_in(entity.remote_id):
                return
            self._listings[entity.remote_id] = entity
        self._changes.append(entity)

    def is_built_in(self, remote_id: str) -> bool:
        """Tell whether a listing stands beside the inventory: it never changes."""
        return self._world.listings.get(remote_id) is None and self._store.built_in(remote_id) is not None

    def drop_listing(self, remote_id: str) -> None:
        """Take a listing out of the inventory."""
        self._changes.append(DroppedListing(remote_id))

    def expire_on(self, remote_id: str | None, global_id: str = "", most: int = sys.maxsize) -> bool:
        """End up to so many holds that have lapsed on a listing, or on that of a hold; tell if there may be more.

        Of a built-in listing none has to end for another call: it never runs out.
        """
        world = self._world
        if remote_id is None:
            hold = world.hold(global_id)
            remote_id = hold.remote_id if hold is not None else ""
        if self.is_built_in(remote_id):
            return False
        due = world.on_listings.due(remote_id, self.now, world.live, most)
        self._expire(due)
        return len(due) == most

    def _expire(self, lapsed: list[Hold]) -> list[Hold]:
        """Commit the end of holds that have lapsed, whatever becomes of this call (rule 5: expiry latches)."""
        if not lapsed:
            return []
        store = self._store
        returned = MemoryTransaction(
            store, store.world, 0
        )  # nothing of this call, which may fail, is committed with them
        try:
            for hold in lapsed:
                return_tickets(returned, hold)
            ended = [hold._replace(status=HoldStatus.EXPIRED) for hold in lapsed]
            store.commit([*returned._stocks.values(), *ended], self.now)
        except BaseException:
            self._world.lapses.put_back(lapsed)
            raise
        self.expired += ended
        return ended
