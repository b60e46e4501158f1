"""Committed changes of the state, and calls, as events. Pure: made from entities that never change.

Independent of who listens, and of which store the changes come from.
"""

from collections.abc import Container, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Change, DroppedListing
from mockpos.telemetry.events.bodies import (
    CALL_FACTS,
    bulk_body,
    call_body,
    dropped_body,
    hold_body,
    invoice_body,
    listing_body,
    stock_body,
    tombstone_body,
)
from mockpos.telemetry.events.event import LazyEvent

BULK = 200
"""A commit of more listings than this, an import, is told as one event; their stocks are not told."""

KINDS = (
    "hold.placed", "hold.released", "hold.expired", "hold.stolen", "invoice.created", "listing.added",
    "listing.changed", "listing.dropped", "inventory.changed", "stock.changed", "tombstone.left", "call",
)  # fmt: skip


SCENARIO_CHANGED = "scenario.changed"
CLOCK_CHANGED = "clock.changed"
"""Kinds of what control calls change beside the world."""


_HOLD_KINDS = {
    HoldStatus.HELD: "hold.placed",
    HoldStatus.RELEASED: "hold.released",
    HoldStatus.EXPIRED: "hold.expired",
}
_INVOICED = HoldStatus.INVOICED


def state_events(changes: Sequence[Change], at: Millis, listed: Container[str], base: str = "") -> list[LazyEvent]:
    """Return the events of one commit, in the order of its changes.

    ``listed`` are the Remote IDs in the inventory before it. Of the stocks a listing had on the way only the last
    counts: nobody could see the others. An invoiced hold is told by its invoice. ``base`` stands before every link.
    """
    events: list[LazyEvent] = []
    if len(changes) > BULK:
        bulk = _bulk(changes, at, listed)
        if bulk is not None:
            events.append(bulk)
            changes = [change for change in changes if isinstance(change, Hold | Invoice | Tombstone)]
    stocks: dict[str, LazyEvent] = {}
    for change in changes:
        event = _event(change, at, listed, base)
        if event is None:
            continue
        if isinstance(change, Stock):
            if change.remote_id in stocks:
                events.remove(stocks[change.remote_id])
            stocks[change.remote_id] = event
        events.append(event)
    return events


def count_events(changes: Sequence[Change]) -> int:
    """Return how many events ``state_events`` makes of a commit, for a tenth of what making them costs.

    A commit with listings has to be made to be counted: returns -1.
    """
    if len(changes) == 2 and type(changes[0]) is Stock and type(changes[1]) is Hold:
        return 2 - (changes[1].status is _INVOICED)  # what nearly every commit is
    count = 0
    stocks: set[str] = set()
    for change in changes:
        if type(change) is Stock:
            if change.remote_id in stocks:
                continue
            stocks.add(change.remote_id)
        elif type(change) is Hold:
            if change.status is _INVOICED:
                continue
        elif type(change) is not Invoice and type(change) is not Tombstone:
            return -1
        count += 1
    return count


call_facts = attrgetter(*CALL_FACTS)
"""Takes of a call what its event tells."""


def call_events(base: str, facts: tuple[Any, ...]) -> list[LazyEvent]:
    """Return the event of a call that was answered, from its ``call_facts``."""
    return [("call", partial(call_body, facts, base))]


def dropped_ids(changes: Iterable[Change]) -> set[str]:
    """Return the Remote IDs of the listings that a commit drops."""
    return {change.remote_id for change in changes if type(change) is DroppedListing}


def _event(change: Change, at: Millis, listed: Container[str], base: str) -> LazyEvent | None:
    if isinstance(change, Stock):
        return "stock.changed", partial(stock_body, change, at)
    if isinstance(change, Hold):
        kind = "hold.stolen" if change.stolen and change.status is HoldStatus.HELD else _HOLD_KINDS.get(change.status)
        return (kind, partial(hold_body, change, at, base)) if kind else None
    if isinstance(change, Invoice):
        return "invoice.created", partial(invoice_body, change, at, base)
    if isinstance(change, Tombstone):
        return "tombstone.left", partial(tombstone_body, change, at, base)
    if isinstance(change, Listing):
        kind = "listing.changed" if change.remote_id in listed else "listing.added"
        return kind, partial(listing_body, change, at)
    return "listing.dropped", partial(dropped_body, change.remote_id, at)


def _bulk(changes: Iterable[Change], at: Millis, listed: Container[str]) -> LazyEvent | None:
    """Sum up a commit of many listings; None when there are not many among its changes."""
    listings = {change.remote_id for change in changes if isinstance(change, Listing)}
    dropped = dropped_ids(changes)
    if len(listings) + len(dropped) <= BULK:
        return None
    changed = sum(remote_id in listed for remote_id in listings)
    counts = {"added": len(listings) - changed, "changed": changed, "dropped": len(dropped)}
    return "inventory.changed", partial(bulk_body, counts, at)
