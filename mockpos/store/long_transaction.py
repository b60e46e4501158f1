"""A transaction that looks at much or changes much, while other calls go on: an import, a sale that breaks many holds.

It works on a copy of the world, in slices. What others commit meanwhile is noted, and becomes part of the copy, until
the copy takes the world's place from one moment to the next: nobody ever sees half of it. Where others changed what it
changes too, nothing of it counts, and it has to be done again.
"""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from msgspec import field

from mockpos.domain.clock import Millis
from mockpos.domain.event import Event
from mockpos.domain.hold import Hold
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Change, DroppedListing
from mockpos.store.transaction import MemoryTransaction
from mockpos.store.world import World

if TYPE_CHECKING:
    from mockpos.store.memory_store import MemoryStore

_APPLIED_AT_ONCE = 100
_TOLD_AT_ONCE = 2_000
_FEW = 50
"""So many commits of others may be made part of the copy at the moment when it takes the world's place."""

Commit = tuple[Sequence[Change], Millis]


class LongTransaction(MemoryTransaction, kw_only=True, eq=False):
    """One attempt. ``commit`` tells whether it counts; ``between`` is called between two small steps of it."""

    between: Callable[[], None]
    _before: World
    _noted: list[Commit] = field(default_factory=list)

    @classmethod
    def of(cls, store: "MemoryStore", between: Callable[[], None]) -> "LongTransaction":
        """Return an attempt to change a store's world."""
        return cls(store, store.world, 0, between=between, _before=store.world)

    def __enter__(self) -> "LongTransaction":
        """Copy the world, and note from now on what others commit."""
        store = self._store
        with store.lock:
            self._before = store.world
            self._world = store.world.copy()
            self.now = store.now()
            store.followers.append(self._noted)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        with self._store.lock:
            self._store.followers[:] = [noted for noted in self._store.followers if noted is not self._noted]

    def live_holds(self, remote_id: str, most: int | None = None) -> list[Hold]:
        """Return the live holds on a listing, letting others go on between any two of many."""
        found: list[Hold] = []
        for hold in self._world.on_listings.each(remote_id, self._world.live):
            if len(found) == most:
                break
            found.append(hold)
            self.between()
        return found

    def commit(self) -> bool:
        """Make what was put part of the world; tell whether that could be done: not where others changed the same."""
        store, changes = self._store, self._changes
        if not changes:
            return True
        own = _Own(changes, self.between)
        self._apply()
        while not own.meets(self._noted):
            staged = store.stage(changes, self._before, self.between)
            while self._follow(own):
                self.between()
            with store.lock:
                if store.world is not self._before or own.meets(self._noted):
                    return False
                self._take_in(self._noted.copy())
                at = store.now()
                if not store.commit_staged(staged, at):
                    continue  # the log that has the changes has ended: write them again
                self._world.keep_clock(store.world.clock, at)
                store.world = self._world
                replaced = store.worlds_replaced
            self._tell(at, replaced)
            return True
        return False

    def _apply(self) -> None:
        """Change the copy, the listings that go last, as ``World.apply`` does.

        With the lock held: it shares lists with the world in use, to which one thread at a time may add.
        """
        world, changes, lock = self._world, self._changes, self._store.lock
        for some in _parts(changes, _APPLIED_AT_ONCE):
            with lock:
                world.apply([change for change in some if type(change) is not DroppedListing], self.now)
            self.between()
        dropped = [change.remote_id for change in changes if type(change) is DroppedListing]
        for remote_id in dropped:
            with lock:
                world.drop(remote_id)
            self.between()
        if dropped:
            world.tidy_order(self.between)  # into a list that nobody shares

    def _follow(self, own: "_Own") -> bool:
        """Make some of what others committed part of the copy; tell whether there is more than can wait."""
        with self._store.lock:
            some = self._noted[:_APPLIED_AT_ONCE]
            if own.meets(some):
                return False  # to be found again when the copy is to take the world's place
            self._take_in(some)
            return len(self._noted) > _FEW

    def _take_in(self, commits: Sequence[Commit]) -> None:
        """Make the first of what others committed part of the copy. The lock is held."""
        for changes, at in commits:
            self._world.apply(changes, at)
        del self._noted[: len(commits)]

    def _tell(self, at: Millis, replaced: int) -> None:
        """Tell the listener, a part at a time: whoever looks finds it all there already, or another world."""
        store = self._store
        for some in _parts(self._changes, _TOLD_AT_ONCE):
            with store.lock:
                if store.commit_listener is not None and store.worlds_replaced == replaced:
                    store.commit_listener.committed(some, at, self._before)
            self.between()


class _Own:
    """What a transaction changes, to compare with what others do."""

    def __init__(self, changes: Sequence[Change], between: Callable[[], None]) -> None:
        self._stocks: set[str] = set()
        self._listings: set[str] = set()
        self._events: dict[str, Event] = {}
        for change in changes:
            if isinstance(change, Stock | DroppedListing):
                self._stocks.add(change.remote_id)
            if isinstance(change, Listing | DroppedListing):
                self._listings.add(change.remote_id)
            if isinstance(change, Listing) and change.event is not None:
                self._events[change.event.event_id] = change.event
            between()

    def meets(self, commits: Sequence[Commit]) -> bool:
        """Tell whether others changed the same: a listing, its event, or a stock. A hold comes with its stock."""
        return any(self._has(change) for changes, _ in commits for change in changes)

    def _has(self, change: Change) -> bool:
        match change:
            case Stock():
                return change.remote_id in self._stocks
            case DroppedListing():
                return change.remote_id in self._stocks or change.remote_id in self._listings
            case Listing():
                return change.remote_id in self._listings or self._has_other(change.event)
        return False

    def _has_other(self, event: Event | None) -> bool:
        """Tell whether an event is another here: it is one thing for all its listings."""
        return event is not None and self._events.get(event.event_id, event) != event


def _parts(changes: Sequence[Change], size: int) -> Iterator[Sequence[Change]]:
    """Cut changes into parts, none between a listing and its stock."""
    start = 0
    while start < len(changes):
        stop = start + size
        while stop < len(changes) and isinstance(changes[stop], Stock):
            stop += 1
        yield changes[start:stop]
        start = stop
