"""Told of every commit of one store: tells the events, checks rule 1, ends holds in the audit.

It works under the store's lock, so that what it tells is in the order of the commits, and does a few microseconds of
work there: nothing of it waits, and events are written down only when somebody reads them. Independent of who listens.
"""

import logging
from collections.abc import Sequence
from functools import partial

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.sandboxes.telemetry import Telemetry
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import Change, World
from mockpos.telemetry.events.event import LazyEvent
from mockpos.telemetry.events.state import count_events, state_events
from mockpos.telemetry.metrics.seats import Seats, violations

WORLD_REPLACED = "world.replaced"
"""The kind of the event that tells of a reset or a restored snapshot: nothing known before holds any more."""

_EXPIRED = HoldStatus.EXPIRED
_log = logging.getLogger("mockpos")


class CommitListener:
    """Watches one store for one telemetry."""

    def __init__(self, store: MemoryStore, telemetry: Telemetry) -> None:
        self._store = store
        self._telemetry = telemetry
        self._events_of = partial(_events_of, telemetry.base)
        store.commit_listener = self

    def committed(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        """Take in a commit; ``world`` is as it was before it. The store's lock is held."""
        telemetry = self._telemetry
        self._tell(changes, at, world)
        for change in changes:
            if type(change) is Hold and change.status is _EXPIRED:
                telemetry.audit.hold_ended(change.global_id, change.expires_at)
        broken = violations(changes, world.listings, world.stock)
        if broken:
            telemetry.metrics.violated(broken)
            _log.error("sandbox %s: the stock of %d listings does not add up", telemetry.sandbox, broken)

    def _tell(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        """Publish the events of a commit, made only when somebody reads them: few commits are ever read."""
        count = count_events(changes)
        if count >= 0:
            self._telemetry.events.publish(self._events_of, (changes, at), count)
        else:
            made = state_events(changes, at, world.listings, self._telemetry.base)
            self._telemetry.events.publish(list, made, len(made))

    def replaced(self, world: World) -> None:
        """Take in that another world has taken the place of the one before. The store's lock is held."""
        told = {"listings": len(world.listings), "holds_live": len(world.live)}
        self._telemetry.events.tell(WORLD_REPLACED, told)

    def seats(self) -> Seats:
        """Return the seats as last committed."""
        with self._store.lock:
            world = self._store.world
            return Seats(world.tickets - world.held - world.sold, world.held, world.sold)


def _events_of(base: str, commit: tuple[Sequence[Change], Millis]) -> list[LazyEvent]:
    """Make the events of a commit without listings. It holds on to no telemetry, whose ring holds on to it."""
    return state_events(*commit, (), base)
