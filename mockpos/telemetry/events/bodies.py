"""What each event tells, in plain JSON. Moments are RFC 3339, prices strings with two decimals.

``base`` is the path of the sandbox, which stands before every link.
"""

from typing import Any

from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.hold import Hold, HoldStatus, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
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
