"""Committed changes of the state, and calls, as events. Pure: made from entities that never change.

Moments are RFC 3339, prices strings with two decimals; ``base`` is the path of the sandbox, which stands before every
link. Independent of who listens, and of which store the changes come from.
"""

from collections.abc import Container, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.hold import Hold, HoldStatus, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Change, DroppedListing
from mockpos.telemetry.events.event import LazyEvent
from mockpos.telemetry.journal.document import safe_text

Document = dict[str, object]

_REQUESTS = "/_mock/requests"

MOST_SEATS = 100
"""Seats of more tickets than this are not listed."""


def hold_body(hold: Hold, at: Millis, base: str) -> Document:
    """Tell of a hold as it stands now."""
    document: Document = {
        "at": rfc3339(at),
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "seats": hold.seat_labels() if hold.quantity <= MOST_SEATS else None,
        "unit_price": f"{hold.unit_price:.2f}",
        "held_at": rfc3339(hold.held_at),
        "expires_at": rfc3339(hold.expires_at),
    }
    document["link"] = _calls_link(base, hold.global_id)
    if hold.status is HoldStatus.RELEASED:
        document["late"] = hold.release_was_late
    return document


def invoice_body(invoice: Invoice, at: Millis, base: str) -> Document:
    """Tell of a sale to TEvo."""
    return {
        "at": rfc3339(at),
        "invoice_id": invoice.invoice_id,
        "order_id": invoice.order_id,
        "global_id": invoice.global_id,
        "remote_id": invoice.remote_id,
        "quantity": invoice.quantity,
        "seats": invoice.seat_labels() if invoice.quantity <= MOST_SEATS else None,
        "total": str(invoice.total),
        "currency": invoice.total.currency,
        "hold_reacquired": invoice.hold_reacquired,
        "link": _calls_link(base, invoice.global_id),
    }


def listing_body(listing: Listing, at: Millis) -> Document:
    """Tell what the broker offers now."""
    return {
        "at": rfc3339(at),
        "remote_id": listing.remote_id,
        "event": listing.event.name if listing.event else None,
        "section": listing.section,
        "row": listing.row,
        "quantity": listing.quantity,
        "wholesale_price": f"{listing.wholesale_price:.2f}",
        "broadcast": listing.broadcast,
        "mapped": listing.mapped,
        "retired": listing.retired,
        "superseded_by": listing.superseded_by,
    }


def stock_body(stock: Stock, at: Millis) -> Document:
    """Tell how much of a listing is free, held and sold."""
    return {
        "at": rfc3339(at),
        "remote_id": stock.remote_id,
        "available": stock.available,
        "held": stock.held,
        "sold": stock.sold,
    }


def tombstone_body(tombstone: Tombstone, at: Millis, base: str) -> Document:
    """Tell that a Global ID was released before it was held."""
    return {"at": rfc3339(at), "global_id": tombstone.global_id, "link": _calls_link(base, tombstone.global_id)}


def dropped_body(remote_id: str, at: Millis) -> Document:
    """Tell that a listing left the inventory."""
    return {"at": rfc3339(at), "remote_id": remote_id}


def bulk_body(counts: dict[str, int], at: Millis) -> Document:
    """Tell how many listings an import touched."""
    return {"at": rfc3339(at), **counts}


CALL_FACTS = (
    "at", "request_id", "operation", "code", "status", "global_id", "remote_id", "quantity", "duration_ms", "scenario",
    "rule", "sent", "replayed", "committed",
)  # fmt: skip
"""What the event of a call tells of it: neither headers nor bodies."""


def call_body(facts: tuple[Any, ...], base: str) -> Document:
    """Tell of a call, from its ``CALL_FACTS``, in that order."""
    told: dict[str, Any] = dict(zip(CALL_FACTS, facts, strict=True))
    ids = {name: _safe(told[name]) for name in ("global_id", "remote_id")}
    took = round(told["duration_ms"], 3)
    return {
        **told,
        **ids,
        "at": rfc3339(told["at"]),
        "duration_ms": took,
        "link": f"{base}{_REQUESTS}/{told['request_id']}",
    }


def _safe(text: object) -> str | None:
    return safe_text(text) if isinstance(text, str) else None


def _calls_link(base: str, global_id: str) -> str:
    """Return where the calls are listed that carry a Global ID: its characters need no escape in a query."""
    return f"{base}{_REQUESTS}?global_id={global_id}"


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
