"""A world in memory, changed by one transaction at a time."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from threading import Lock
from types import TracebackType
from typing import NoReturn, Protocol

from mockpos.domain.clock import Clock, ClockSetting, Millis
from mockpos.domain.errors import MockMisuse
from mockpos.domain.hold import Hold, HoldStatus, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Entity
from mockpos.services.release_hold import return_tickets
from mockpos.store.world import Change, DroppedListing, World

_this_process = os.getpid()  # asking the system at each call is 3% of a hold


def _note_process() -> None:
    global _this_process  # a fork is the one thing that changes it
    _this_process = os.getpid()


os.register_at_fork(after_in_child=_note_process)

_MOST_FOUND = 16
"""Listings that a transaction remembers to have found: a call asks for few, again and again, an import for all once."""

BuiltIn = Callable[[str], Listing | None]
"""Finds listings that stand beside every inventory: never stored, never running out."""


def no_built_in(remote_id: str) -> Listing | None:
    """Find none."""
    return None


class CommitListener(Protocol):
    """Whoever is told of every commit. The lock is held: it must be quick, and must not wait for anybody."""

    def committed(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        """Take in what is committed; ``world`` is as it was before it."""

    def replaced(self, world: World) -> None:
        """Take in that another world has taken the place of the one before."""


class MemoryStore:
    """Keeps one world. The lock is held for the microseconds of a decision, never while anybody waits."""

    def __init__(self, world: World, clock: Clock, *, built_in: BuiltIn = no_built_in) -> None:
        self.world = world
        self.built_in = built_in
        self.clock = clock
        self.lock = Lock()
        self._process = os.getpid()
        self.commit_listener: CommitListener | None = None

    def transaction(self) -> "MemoryTransaction":
        """Open a transaction: ``with store.transaction() as tx``. Raises MockMisuse in another process."""
        if _this_process != self._process:
            self.refuse_here()
        return MemoryTransaction(self)

    def is_here(self) -> bool:
        """Tell whether this is the process that opened the store."""
        return _this_process == self._process

    def refuse_here(self) -> NoReturn:
        """Refuse to serve from a copy that a fork made: another process has the world, and goes on with it."""
        raise MockMisuse(
            "mock_other_process",
            503,
            f"Process {self._process} opened the inventory, and this is process {os.getpid()}, forked from it. One "
            f"process serves one inventory: run gunicorn with -w 1 and without --preload, and open the inventory after "
            f"a fork, in the process that serves it.",
        )

    def snapshot(self) -> World:
        """Return the world of this moment, to be kept; it costs next to nothing."""
        if not self.is_here():
            self.refuse_here()
        with self.lock:
            return self.world.copy()

    def view(self) -> World:
        """Return the world of this moment, only to be read."""
        if not self.is_here():
            self.refuse_here()
        with self.lock:
            return self.world.view()

    def listings(self) -> Iterator[tuple[Listing, Stock]]:
        """Iterate over one consistent moment of the inventory, in the order it was filled."""
        return self.view().each_listing()

    def listings_from(self, place: int, remote_id: str) -> Iterator[tuple[int, Listing, Stock]]:
        """Iterate over one consistent moment of the inventory from a place on. See ``World.listings_from``."""
        return self.view().listings_from(place, remote_id)

    def ended_from(self, number: int, most: int) -> list[tuple[int, Hold, Invoice | None]]:
        """Return some of the holds that ended. See ``World.ended_from``."""
        with self.lock:
            return self.world.ended_from(number, most)

    def live_holds(self, remote_id: str | None = None) -> Iterator[Hold]:
        """Iterate over the live holds of one moment, on one listing or on all, in no order."""
        holds = self.view().each_live()
        return holds if remote_id is None else (hold for hold in holds if hold.remote_id == remote_id)

    def keep_clock(self, setting: ClockSetting, at: Millis) -> None:
        """Remember how the sandbox's clock was set. Holds that expired before stay expired."""
        if not self.is_here():
            self.refuse_here()
        with self.lock:
            self._note_clock(setting, at)

    def change_clock(self, move: Callable[[Millis], ClockSetting], undo: Callable[[], None]) -> list[Hold]:
        """Change the clock at one moment, before and after which others come; return what expired, in order.

        What is due expires first, for expiry latches. ``move`` is given the present moment, sets the clock and says
        how; ``undo`` sets it as it was when either fails. Raises StoreUnavailable, and what ``move`` raises.
        """
        with self.transaction() as tx:
            before = tx.expired
            try:
                setting = move(tx.now)
                self._note_clock(setting, self.clock.now())
            except BaseException:
                undo()
                raise
            tx.go_on()
            return before + tx.expired

    def now(self) -> Millis:
        """Return the present moment: a clock that jumped back is held at what was committed last."""
        return max(self.clock.now(), self.world.committed_at)

    def _note_clock(self, setting: ClockSetting, at: Millis) -> None:
        """Remember how the clock was set. A store on disk records it first. The lock is held."""
        self.world.keep_clock(setting, at)

    def replace_world(self, world: World) -> None:
        """Go on with another world, from one moment to the next. The caller gives it away."""
        if not self.is_here():
            self.refuse_here()
        with self.lock:
            self._adopt(world)

    def _adopt(self, world: World) -> None:
        self.world = world
        if self.commit_listener is not None:
            self.commit_listener.replaced(world)

    def expire_due(self) -> list[Hold]:
        """Let every hold end that has lapsed; return them in the order they did."""
        with self.transaction() as tx:
            return tx.expired

    def peek(self, global_id: str) -> Hold | None:
        """Look at a hold as last committed."""
        with self.lock:
            return self.world.hold(global_id)

    @property
    def anchor(self) -> date | None:
        """Return the day that the events were made to lie ahead of; None for a broker's own dates."""
        return self.world.anchor

    def listing_count(self) -> int:
        """Return how many listings there are."""
        return len(self.world.listings)

    def hold_counts(self) -> tuple[int, int]:
        """Return how many holds are alive, and how many ended ones are remembered."""
        return len(self.world.live), len(self.world.closed)

    def wants_checkpoint(self) -> bool:
        """Tell that there is nothing to write: there is no file."""
        return False

    def checkpoint_in_slices(self) -> Iterator[Callable[[], None] | None]:
        """Write nothing."""
        return iter(())

    def check_writable(self) -> None:
        """Raise StoreUnavailable when nothing could be committed now, MockMisuse in another process."""
        if not self.is_here():
            self.refuse_here()

    def settle(self) -> None:
        """Return at once: memory is as durable as it gets."""

    def close(self) -> None:
        """Nothing to finish."""

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        """Make changes part of the world. A store on disk records them first. The lock is held."""
        try:
            if self.commit_listener is not None:
                self.commit_listener.committed(changes, at, self.world)
        finally:  # whatever becomes of the commit_listener: the commit was recorded
            self.world.apply(changes, at)


class MemoryTransaction:
    """One transaction of a MemoryStore. See services.ports.Transaction for what each call means."""

    __slots__ = ("_changes", "_holds", "_invoices", "_listings", "_stocks", "_store", "_world", "expired", "now")

    now: Millis

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._world = store.world
        self._changes: list[Change] = []
        self._listings: dict[str, Listing] = {}  # those that were found, and those that were put
        self._stocks: dict[str, Stock] = {}
        self._holds: dict[str, Hold | None] = {}  # those that were looked for, and those that were put
        self._invoices = 0
        self.expired: list[Hold] = []

    def __enter__(self) -> "MemoryTransaction":
        """Take the lock, read the clock once and let what is due expire."""
        store = self._store
        store.lock.acquire()
        try:
            self._world = store.world
            self.go_on()
        except BaseException:
            store.lock.release()
            raise
        return self

    def go_on(self) -> None:
        """Read the clock, and let what is due expire. The lock is held."""
        store = self._store
        self.now = max(store.clock.now(), self._world.committed_at)
        self.expired = []
        if store.world.lapses.is_due(self.now):
            self._expire()

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
        return self._stocks.get(listing.remote_id) or self._world.stock_of(listing)

    def hold(self, global_id: str) -> Hold | None:
        """Find a hold, alive or remembered."""
        known = self._holds
        if global_id not in known:
            known[global_id] = self._world.hold(global_id)
        return known[global_id]

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

    def live_holds(self, remote_id: str) -> list[Hold]:
        """Return the live holds on a listing as they were when the transaction began, in no order."""
        return self._world.on_listings.on(remote_id, self._world.live)

    def next_expiry(self, remote_id: str) -> Millis | None:
        """Return when the first live hold on a listing lapses."""
        return self._world.on_listings.first_to_lapse(remote_id, self._world.live)

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
        return remote_id not in self._world.listings and self._store.built_in(remote_id) is not None

    def drop_listing(self, remote_id: str) -> None:
        """Take a listing out of the inventory."""
        self._changes.append(DroppedListing(remote_id))

    def _expire(self) -> None:
        """Commit the end of every hold that has lapsed, whatever becomes of this call (rule 5: expiry latches)."""
        store = self._store
        lapsed = self._world.lapses.pop_due(self.now, self._world.live, sys.maxsize)
        try:
            for hold in lapsed:
                return_tickets(self, hold)
            ended = [hold._replace(status=HoldStatus.EXPIRED) for hold in lapsed]
            changes: list[Change] = [*self._stocks.values(), *ended]
            self._changes.clear()
            self._stocks.clear()
            self._holds.clear()
            if changes:
                store.commit(changes, self.now)
            self.expired = ended
        except BaseException:
            self._world.lapses.put_back(lapsed)
            raise
