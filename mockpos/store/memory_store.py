"""A world in memory, changed by one transaction at a time."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from threading import Lock
from typing import Protocol, TypeVar

from mockpos.domain.clock import Clock, ClockSetting, Millis
from mockpos.domain.errors import MockMisuse
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Change, Transaction
from mockpos.store.long_transaction import Commit, LongTransaction
from mockpos.store.transaction import MemoryTransaction
from mockpos.store.world import World

_this_process = os.getpid()  # asking the system at each call is 3% of a hold


def note_process() -> None:
    """Look which process this is. A fork changes it, and Python is not told of one that a server made in C (uWSGI)."""
    global _this_process
    _this_process = os.getpid()


os.register_at_fork(after_in_child=note_process)

T = TypeVar("T")

_LONG_TRIES = 3
_EXPIRED_BY_A_CALL = 32
_EXPIRED_AT_ONCE = 50
"""Holds that end while others wait: for a few milliseconds. A call beside them, of which there may be many, ends few
besides those that it has to know of."""

InSlices = Callable[[], Callable[[], None]]
"""Returns what long work calls between two small steps, so that others go on: see ``server.greenlets.in_slices``."""
_JUMP_MS = 1_000

BuiltIn = Callable[[str], Listing | None]
"""Finds listings that stand beside every inventory: never stored, never running out."""


def no_built_in(remote_id: str) -> Listing | None:
    """Find none."""
    return None


def nothing() -> None:
    """Do nothing."""


def no_others() -> Callable[[], None]:
    """Let nobody go on: there is nobody else, or others have threads of their own."""
    return nothing


class CommitListener(Protocol):
    """Whoever is told of every commit. The lock is held: it must be quick, and must not wait for anybody."""

    def committed(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        """Take in what is committed; ``world`` is as it was before it."""

    def replaced(self, world: World) -> None:
        """Take in that another world has taken the place of the one before."""


class MemoryStore:
    """Keeps one world. The lock is held for the microseconds of a decision, never while anybody waits."""

    def __init__(
        self, world: World, clock: Clock, *, built_in: BuiltIn = no_built_in, in_slices: InSlices = no_others
    ) -> None:
        """Keep a world. ``in_slices`` lets other calls go on meanwhile, where work is long."""
        self.world = world
        self.built_in = built_in
        self.in_slices = in_slices
        self.clock = clock
        self.lock = Lock()
        self._process = os.getpid()
        self.commit_listener: CommitListener | None = None
        self.worlds_replaced = 0
        self.followers: list[list[Commit]] = []
        """Whoever has every commit noted from now on: long transactions."""

    def transaction(self) -> "MemoryTransaction":
        """Open a transaction: ``with store.transaction() as tx``. Raises MockMisuse in another process."""
        return self._transaction(_EXPIRED_BY_A_CALL)

    def _transaction(self, expired_at_once: int) -> MemoryTransaction:
        """Open a transaction that ends up to so many lapsed holds when it begins."""
        self.refuse_elsewhere()
        return MemoryTransaction(self, self.world, expired_at_once)

    def long_transaction(self, work: Callable[[Transaction, Callable[[], None]], T]) -> T:
        """Do work that looks at or changes much as one transaction, while other calls go on; see ``LongTransaction``.

        It is given the transaction, and what to call between two small steps. It is done again when others changed
        the same meanwhile, and at last while they wait.
        """
        between = self.in_slices()
        for _ in range(_LONG_TRIES):
            self.expire_due()
            with LongTransaction.of(self, between) as tx:
                outcome = work(tx, between)
                if tx.commit():
                    return outcome
        with self.transaction() as last:
            return work(last, nothing)

    def stage(self, changes: Sequence[Change], before: World, between: Callable[[], None]) -> object:
        """Record the changes of a long transaction for ``commit_staged``. Nothing of it counts until then."""
        return None

    def commit_staged(self, staged: object, at: Millis) -> bool:
        """Record that what was staged is committed; tell whether it still could be. The lock is held."""
        return True

    def is_here(self) -> bool:
        """Tell whether this is the process that opened the store."""
        note_process()
        return _this_process == self._process

    def refuse_elsewhere(self) -> None:
        """Refuse to serve from a copy that a fork made: another process has the world, and goes on with it.

        Raises MockMisuse there.
        """
        if _this_process == self._process:
            return
        raise MockMisuse(
            "mock_other_process",
            f"Process {self._process} opened the inventory, and this is process {os.getpid()}, forked from it. One "
            f"process serves one inventory: run gunicorn with -w 1 and without --preload, uWSGI with --processes 1 and "
            f"--lazy-apps, and open the inventory after a fork, in the process that serves it.",
        )

    def snapshot(self) -> World:
        """Return the world of this moment, to be kept; it costs next to nothing."""
        self.refuse_elsewhere()
        with self.lock:
            return self.world.copy()

    def view(self) -> World:
        """Return the world of this moment, only to be read."""
        self.refuse_elsewhere()
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
        self.refuse_elsewhere()
        with self.lock:
            self._note_clock(setting, at)

    def change_clock(self, move: Callable[[Millis], ClockSetting], undo: Callable[[], None]) -> list[Hold]:
        """Change the clock at one moment, before and after which others come; return what expired, in order.

        What is due expires first, for expiry latches. ``move`` is given the present moment, sets the clock and says
        how; ``undo`` sets it as it was when either fails. Raises StoreUnavailable, and what ``move`` raises.
        """
        expired: list[Hold] = []
        between = self.in_slices()
        since = own_commit = Millis(-1)
        while True:
            with self._transaction(_EXPIRED_AT_ONCE) as tx:
                if tx.committed_before != own_commit:  # by then, what had lapsed has ended for somebody already
                    since = tx.committed_before
                own_commit = self.world.committed_at
                expired += tx.expired
                if not tx.is_behind:
                    now, view = self._move_clock(tx.now, move, undo)
                    break
            between()
        expired = [hold for hold in expired if hold.expires_at > since]
        self.expire_due()  # by now others may have ended some of what is due: the look back knows all of it
        while due := view.lapses.pop_due(now, view.live, _EXPIRED_AT_ONCE):
            expired += [hold._replace(status=HoldStatus.EXPIRED) for hold in due]
            between()
        return expired

    def _move_clock(
        self, at: Millis, move: Callable[[Millis], ClockSetting], undo: Callable[[], None]
    ) -> tuple[Millis, World]:
        """Change the clock; return the moment that it shows then, and the world. The lock is held."""
        try:
            self._note_clock(move(at), self.clock.now())
        except BaseException:
            undo()
            raise
        return self.now(), self.world.copy()

    def now(self) -> Millis:
        """Return the present moment: a clock that jumped back is held at what was committed last."""
        return max(self.clock.now(), self.world.committed_at)

    def stands_still_ms(self) -> int:
        """Return for how long time will stand still because the clock jumped back; 0 while it goes on.

        A clock that was corrected by less than a second is no news.
        """
        behind = self.world.committed_at - self.clock.now()
        return behind if behind >= _JUMP_MS else 0

    def _note_clock(self, setting: ClockSetting, at: Millis) -> None:
        """Remember how the clock was set. A store on disk records it first. The lock is held."""
        self.world.keep_clock(setting, at)

    def replace_world(self, world: World, at_once: Callable[[], None] = nothing) -> None:
        """Go on with another world, from one moment to the next. The caller gives it away.

        ``at_once`` is done at the same moment, with the lock held.
        """
        self.refuse_elsewhere()
        with self.lock:
            before = self.world
            self._adopt(world)
            at_once()
        if before is not world:
            before.let_go(self.in_slices())

    def _adopt(self, world: World) -> None:
        self.world = world
        self.worlds_replaced += 1
        if self.commit_listener is not None:
            self.commit_listener.replaced(world)

    def expire_due(self) -> list[Hold]:
        """Let every hold end that has lapsed; return those that this call ended, in the order they did.

        Others go on between two slices of many. What they ask for has ended for them already.
        """
        expired: list[Hold] = []
        between = self.in_slices()
        while True:
            with self._transaction(_EXPIRED_AT_ONCE) as tx:
                expired += tx.expired
            if not tx.is_behind:
                return expired
            between()

    def is_due(self) -> bool:
        """Tell whether a hold may have lapsed that has not ended yet."""
        return self.world.lapses.is_due(self.now())

    def catch_up(self, remote_id: str | None, global_id: str) -> None:
        """Let end what has lapsed on a listing, or on that of a hold, before a call that asks for it.

        Where many have, others go on meanwhile: a transaction would keep them waiting.
        """
        if not self.is_due():
            return
        between = self.in_slices()
        while True:
            with self._transaction(_EXPIRED_BY_A_CALL) as tx:
                if not tx.is_behind or not tx.expire_on(remote_id, global_id, _EXPIRED_AT_ONCE):
                    return
            between()

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
        self.refuse_elsewhere()

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
            for noted in self.followers:
                noted.append((changes, at))
