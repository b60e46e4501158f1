"""Control calls about holds and invoices: what the automator did so far."""

from collections.abc import Mapping
from typing import Any

from mockpos.domain.errors import MockMisuse
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.invoice import Invoice
from mockpos.validation.schema import Strict
from mockpos.web.control.calls import Context, ControlCall
from mockpos.web.control.holds_document import shown_hold, shown_invoice
from mockpos.web.control.holds_page import MOST_LOOKED_AT, page_of_ended, page_of_holds
from mockpos.web.control.listing_fields import asked_limit, choice, remote_id_field, words
from mockpos.web.control.listings_cursor import LONGEST_CURSOR, read_cursor


class AskedHolds(Strict):
    """Which holds; all that is given must hold."""

    status = choice(HoldStatus)
    remote_id = remote_id_field()
    limit = asked_limit()
    cursor = words(LONGEST_CURSOR, 1)


class AskedInvoices(Strict):
    """Which invoices; all that is given must hold."""

    order_id = words(128, 1)
    remote_id = remote_id_field()
    limit = asked_limit()
    cursor = words(LONGEST_CURSOR, 1)


def show_all(context: Context) -> Mapping[str, Any]:
    """Show a page of holds."""
    context.sandbox.expire_due()
    status = context.query.get("status")
    query = {**context.query, "status": HoldStatus(status) if status else None}
    found, cursor = page_of_holds(context.sandbox.store, query)
    live, ended = context.sandbox.store.hold_counts()
    return {"holds": [shown_hold(hold) for hold in found], "next_cursor": cursor, "live": live, "ended": ended}


def show(context: Context, global_id: str) -> Mapping[str, Any]:
    """Show one hold with its invoice."""
    with context.sandbox.store.transaction() as tx:
        hold = tx.hold(global_id)
        invoice = tx.invoice(global_id)
        early = tx.tombstone(global_id)
    if hold is None:
        why = " It was released before it was ever held." if early else ""
        raise MockMisuse("mock_unknown_hold", 404, f"There is no hold with the Global ID {global_id[:140]!r}.{why}")
    return {**shown_hold(hold), "invoice": shown_invoice(invoice) if invoice else None}


def show_invoices(context: Context) -> Mapping[str, Any]:
    """Show a page of invoices."""
    query = context.query
    number, _ = read_cursor(query["cursor"]) if "cursor" in query else (0, "")

    def wanted(_: Hold, invoice: Invoice | None) -> bool:
        if invoice is None or query.get("order_id", invoice.order_id) != invoice.order_id:
            return False
        return bool(query.get("remote_id", invoice.remote_id) == invoice.remote_id)

    found, cursor = page_of_ended(context.sandbox.store, number, query["limit"], wanted)
    return {"invoices": [shown_invoice(invoice) for _, invoice in found if invoice], "next_cursor": cursor}


_LIMITED = f"a page looks at {MOST_LOOKED_AT:,} ended holds at most, so it may hold few or none and still have a next"

CALLS = (
    ControlCall(
        area="holds", method="GET", path="/holds", summary="List holds", serve=show_all, query=AskedHolds,
        description="Live holds by when they were made, then remembered ones in the order they ended. Send next_cursor "
        f"as cursor until it is null; {_LIMITED}.",
    ),
    ControlCall(
        area="holds", method="GET", path="/holds/{global_id}", summary="Show a hold",
        serve=show, path_examples={"global_id": "te-7f3a"}, errors=("mock_unknown_hold",),
        description="Alive or remembered, with its invoice.",
    ),
    ControlCall(
        area="holds", method="GET", path="/invoices", summary="List invoices", serve=show_invoices, query=AskedInvoices,
        description=f"In the order their holds ended. Send next_cursor as cursor until it is null; {_LIMITED}.",
    ),
)  # fmt: skip
