"""Told of every commit of one store: tells the events, counts the seats, checks rule 1, ends holds in the audit.

It works under the store's lock, so that what it tells is in the order of the commits, and does a few microseconds of
work there: nothing of it waits, and events are written down only when somebody reads them. Must not know who listens.
"""

import logging
from collections.abc import Sequence
from functools import partial
from weakref import ref

from immutables import Map

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.listing import Listing, Stock
from mockpos.sandboxes.telemetry import Telemetry
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import Change, World
from mockpos.telemetry.events.event import LazyEvent
from mockpos.telemetry.events.state import count_events, state_events
from mockpos.telemetry.metrics.seats import Seats, SeatTotals

WORLD_REPLACED = "world.replaced"
"""The kind of the event that tells of a reset or a restored snapshot: nothing known before holds any more."""

_EXPIRED = HoldStatus.EXPIRED
_log = logging.getLogger("mockpos")


class CommitListener:
    """Watches one store for one telemetry."""

    def __init__(self, store: MemoryStore, telemetry: Telemetry) -> None:
        self._store = store
        self._telemetry = telemetry
        self._totals = SeatTotals()
        self._is_counted = False
        self._events_of = partial(_events_of, telemetry.base)
        store.commit_listener = self

    def committed(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        """Take in a commit; ``world`` is as it was before it. The store's lock is held."""
        telemetry = self._telemetry
        self._tell(changes, at, world.listings)
        for change in changes:
            if type(change) is Hold and change.status is _EXPIRED:
                telemetry.audit.hold_ended(change.global_id, change.expires_at)
        violations = self._totals.commit(changes, world.listings, world.stock)
        if violations:
            telemetry.metrics.violated(violations)
            _log.error("sandbox %s: the stock of %d listings does not add up", telemetry.sandbox, violations)

    def _tell(self, changes: Sequence[Change], at: Millis, listings: Map[str, Listing]) -> None:
        """Publish the events of a commit, made only when somebody reads them: few commits are ever read."""
        count = count_events(changes)
        if count >= 0:
            self._telemetry.events.publish(self._events_of, (changes, at), count)
        else:
            made = state_events(changes, at, listings, self._telemetry.base)
            self._telemetry.events.publish(list, made, len(made))

    def replaced(self, world: World) -> None:
        """Take in that another world has taken the place of the one before. The store's lock is held."""
        self._is_counted = False
        told = {"listings": len(world.listings), "holds_live": len(world.live)}
        self._telemetry.events.tell(WORLD_REPLACED, told)

    def seats(self) -> Seats:
        """Return the seats as last committed. Listings are looked at once for each world, and at the first question."""
        store = self._store
        while not self._is_counted:
            listings = store.world.listings
            tickets = _tickets(listings)  # outside the lock: there may be a million
            with store.lock:
                if store.world.listings is listings:
                    self._totals = _totals(tickets, store.world.stock.still())
                    self._is_counted = True
        return self._totals.now


def _events_of(base: str, commit: tuple[Sequence[Change], Millis]) -> list[LazyEvent]:
    """Make the events of a commit without listings. It holds on to no telemetry, whose ring holds on to it."""
    return state_events(*commit, (), base)


_known: dict[int, tuple["ref[Map[str, Listing]]", int]] = {}
"""Tickets of an inventory by the identity of its map, which a thousand sandboxes may share, for as long as it lives."""


def _tickets(listings: Map[str, Listing]) -> int:
    """Return how many tickets an inventory has in all."""
    key = id(listings)
    known = _known.get(key)
    if known is not None and known[0]() is listings:
        return known[1]
    tickets = sum(listing.quantity for listing in listings.values())
    _known[key] = ref(listings, lambda _: _known.pop(key, None)), tickets
    return tickets


def _totals(tickets: int, stocks: Map[str, Stock]) -> SeatTotals:
    held = sold = 0
    for stock in stocks.values():
        held += stock.held
        sold += stock.sold
    return SeatTotals(Seats(tickets - held - sold, held, sold))
