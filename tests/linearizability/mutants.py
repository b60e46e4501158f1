"""Stores that are broken on purpose: what the checker has to notice."""

from collections.abc import Sequence
from threading import Lock, Timer
from typing import Any

from mockpos.domain.clock import Clock, Millis
from mockpos.domain.hold import Hold, HoldStatus, Tombstone
from mockpos.domain.listing import Stock
from mockpos.store.memory_store import MemoryStore
from mockpos.store.transaction import MemoryTransaction
from mockpos.store.world import Change, World


class NoLock:
    """What looks like a lock and keeps nobody out."""

    def acquire(self) -> None:
        pass

    def release(self) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class WithoutItsLock(MemoryStore):
    """Two calls decide at once on the same free tickets."""

    def __init__(self, world: World, clock: Clock) -> None:
        super().__init__(world, clock)
        self.lock = NoLock()  # type: ignore[assignment]  # that is the fault


class LockedOnlyToCommit(WithoutItsLock):
    """Commits come one after another, decisions do not."""

    def __init__(self, world: World, clock: Clock) -> None:
        super().__init__(world, clock)
        self._commit_lock = Lock()

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        with self._commit_lock:
            super().commit(changes, at)


class AnsweringBeforeItCommits(MemoryStore):
    """Each commit takes effect a little after its answer."""

    _late: list[Timer]

    def __init__(self, world: World, clock: Clock) -> None:
        super().__init__(world, clock)
        self._late = []

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        def later() -> None:
            with self.lock:
                super(AnsweringBeforeItCommits, self).commit(committed, at)

        committed = list(changes)
        timer = Timer(0.001, later)
        self._late.append(timer)
        timer.start()

    def close(self) -> None:
        for timer in self._late:
            timer.join()


class LosingReleases(MemoryStore):
    """Every third release is answered, and its tickets stay away."""

    _releases = 0

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        if any(isinstance(change, Hold) and change.status is HoldStatus.RELEASED for change in changes):
            self._releases += 1
            if self._releases % 3 == 0:
                changes = [change for change in changes if not isinstance(change, Stock)]
        super().commit(changes, at)


class LosingTombstones(MemoryStore):
    """A release that comes before its hold is forgotten at once."""

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        super().commit([change for change in changes if not isinstance(change, Tombstone)], at)


class ShowingWhatWas(MemoryStore):
    """A call that only looks may see the world as it was before the last commit."""

    _before: World | None = None

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        self._before = self.world.copy()
        super().commit(changes, at)

    def transaction(self) -> MemoryTransaction:
        return Stale(self, self.world, 100)


class Stale(MemoryTransaction):
    """Looks listings up in the world before the last commit."""

    def stock(self, listing: Any) -> Stock:
        store = self._store
        assert isinstance(store, ShowingWhatWas)
        return store._before.stock_of(listing) if store._before is not None else super().stock(listing)


RACY: list[type[MemoryStore]] = [WithoutItsLock, LockedOnlyToCommit]
"""Right as long as calls come one after another."""

MUTANTS = [*RACY, AnsweringBeforeItCommits, LosingReleases, LosingTombstones, ShowingWhatWas]
