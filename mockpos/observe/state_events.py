"""What happened, as events tell it: committed changes of the state, and calls.

Pure. Each event is made when somebody reads it (see ``EventHub.publish_lazy``), from entities that never change.
Must not know who listens, nor which store the changes come from.
"""

from collections.abc import Container, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import Protocol

from mockpos.domain.calls import CallRecord
from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.hold import Hold, HoldStatus, Tombstone
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Listing, Stock
from mockpos.observe.call_document_bodies import safe_text
from mockpos.observe.events import LazyEvent

Document = dict[str, object]

BULK = 200
"""A commit of more listings than this, an import, is told as one event; their stocks are not told."""

KINDS = (
    "hold.placed", "hold.released", "hold.expired", "hold.stolen", "invoice.created", "listing.added",
    "listing.changed", "listing.dropped", "inventory.changed", "stock.changed", "tombstone.left", "call",
)  # fmt: skip


class Dropped(Protocol):
    """Tells that a listing left the inventory."""

    @property
    def remote_id(self) -> str:
        """Which one."""
        ...


Change = Stock | Hold | Invoice | Tombstone | Listing | Dropped

_HOLD_KINDS = {
    HoldStatus.HELD: "hold.placed",
    HoldStatus.RELEASED: "hold.released",
    HoldStatus.EXPIRED: "hold.expired",
}
_CALL = attrgetter(
    "request_id", "at", "operation", "code", "status", "global_id", "remote_id", "quantity",
    "duration_ms", "scenario", "rule", "sent", "replayed", "committed",
)  # fmt: skip


def state_events(changes: Sequence[Change], at: Millis, listed: Container[str]) -> list[LazyEvent]:
    """Return the events of one commit, in the order of its changes.

    ``listed`` are the Remote IDs in the inventory before it. Of the stocks a listing had on the way only the last
    counts: nobody could see the others. An invoiced hold is told by its invoice.
    """
    bulk = len(changes) > BULK and _bulk(changes, at, listed)
    stocks = {change.remote_id: change for change in changes if type(change) is Stock} if len(changes) > 1 else None
    events = [bulk] if bulk else []
    for change in changes:
        kind = type(change)
        if kind is Stock and (bulk or (stocks and stocks[change.remote_id] is not change)):  # type: ignore[union-attr]  # mypy does not follow type()
            continue
        event = _event(change, at, listed)
        if event is not None and not (bulk and event[0].startswith("listing.")):
            events.append(event)
    return events


def call_event(call: CallRecord) -> LazyEvent:
    """Return the event of a call that was answered. It keeps neither headers nor bodies."""
    return "call", partial(_call, _CALL(call))


def _event(change: Change, at: Millis, listed: Container[str]) -> LazyEvent | None:
    match change:
        case Stock():
            return "stock.changed", partial(_stock, change, at)
        case Hold():
            kind = _HOLD_KINDS.get(change.status)
            if change.stolen and change.status is HoldStatus.HELD:
                kind = "hold.stolen"
            return (kind, partial(_hold, change, at)) if kind else None
        case Invoice():
            return "invoice.created", partial(_invoice, change, at)
        case Tombstone():
            return "tombstone.left", partial(_tombstone, change, at)
        case Listing():
            kind = "listing.changed" if change.remote_id in listed else "listing.added"
            return kind, partial(_listing, change, at)
        case _:
            return "listing.dropped", partial(_remote_id, change.remote_id, at)


def _bulk(changes: Iterable[Change], at: Millis, listed: Container[str]) -> LazyEvent | None:
    """Sum up a commit of many listings; None when there are not many among its changes."""
    listings = {change.remote_id for change in changes if isinstance(change, Listing)}
    others = Stock | Hold | Invoice | Tombstone | Listing
    dropped = {change.remote_id for change in changes if not isinstance(change, others)}
    if len(listings) + len(dropped) <= BULK:
        return None
    changed = sum(remote_id in listed for remote_id in listings)
    counts = {"added": len(listings) - changed, "changed": changed, "dropped": len(dropped)}
    return "inventory.changed", partial(_counts, counts, at)


def _hold(hold: Hold, at: Millis) -> Document:
    document: Document = {
        "at": rfc3339(at),
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "seats": hold.seat_labels(),
        "unit_price": f"{hold.unit_price:.2f}",
        "held_at": rfc3339(hold.held_at),
        "expires_at": rfc3339(hold.expires_at),
    }
    if hold.status is HoldStatus.RELEASED:
        document["late"] = hold.release_was_late
    return document


def _invoice(invoice: Invoice, at: Millis) -> Document:
    return {
        "at": rfc3339(at),
        "invoice_id": invoice.invoice_id,
        "order_id": invoice.order_id,
        "global_id": invoice.global_id,
        "remote_id": invoice.remote_id,
        "quantity": invoice.quantity,
        "seats": invoice.seat_labels(),
        "total": str(invoice.total),
        "currency": invoice.total.currency,
        "hold_reacquired": invoice.hold_reacquired,
    }


def _listing(listing: Listing, at: Millis) -> Document:
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


def _stock(stock: Stock, at: Millis) -> Document:
    return {
        "at": rfc3339(at),
        "remote_id": stock.remote_id,
        "available": stock.available,
        "held": stock.held,
        "sold": stock.sold,
    }


def _tombstone(tombstone: Tombstone, at: Millis) -> Document:
    return {"at": rfc3339(at), "global_id": tombstone.global_id}


def _remote_id(remote_id: str, at: Millis) -> Document:
    return {"at": rfc3339(at), "remote_id": remote_id}


def _counts(counts: dict[str, int], at: Millis) -> Document:
    return {"at": rfc3339(at), **counts}


def _call(facts: tuple[object, ...]) -> Document:
    request_id, at, operation, code, status, global_id, remote_id, quantity, *rest = facts
    duration_ms, scenario, rule, sent, replayed, committed = rest
    return {
        "at": rfc3339(Millis(at)),  # type: ignore[arg-type]  # attrgetter forgets types
        "request_id": request_id,
        "operation": operation,
        "code": code,
        "status": status,
        "global_id": _safe(global_id),
        "remote_id": _safe(remote_id),
        "quantity": quantity,
        "duration_ms": round(duration_ms, 3),  # type: ignore[call-overload]  # the same
        "scenario": scenario,
        "rule": rule,
        "sent": sent,
        "replayed": replayed,
        "committed": committed,
    }


def _safe(text: object) -> str | None:
    return safe_text(text) if isinstance(text, str) else None
