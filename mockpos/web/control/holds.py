"""Control calls about holds and invoices: what the automator did so far."""

from collections.abc import Callable, Mapping
from heapq import nsmallest
from typing import Any

from mockpos.codecs.documents import hold_document, invoice_document
from mockpos.domain.errors import MockMisuse
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import in_slices, paced
from mockpos.validation.schema import Strict
from mockpos.web.control.calls import Context, ControlCall
from mockpos.web.control.listing_fields import asked_limit, choice, remote_id_field, words
from mockpos.web.control.listings_page import LONGEST_CURSOR, read_cursor, write_cursor

_UNNUMBERED: dict[str, object] = {"seats": [], "first_seat": None, "seat_step": None}
_PLAIN: dict[str, object] = {
    **_UNNUMBERED,
    "stolen": False,
    "invoice_id": None,
    "released_at": None,
    "release_was_late": False,
    "available_after_release": None,
}
"""What a file leaves out when it is so."""


def shown_hold(hold: Hold) -> dict[str, Any]:
    """Show a hold. ``stolen`` tells that the broker sold its tickets elsewhere."""
    return {**_PLAIN, **hold_document(hold)}


def shown_invoice(invoice: Invoice) -> dict[str, Any]:
    """Show an invoice."""
    return {**_UNNUMBERED, **invoice_document(invoice)}


MOST_LOOKED_AT = 100_000
"""How many ended holds one page looks at."""

_AT_A_TIME = 200

Ended = list[tuple[Hold, Invoice | None]]


def page_of_holds(sandbox: Sandbox, query: Mapping[str, Any]) -> tuple[list[Hold], str | None]:
    """Return the holds of one page, and the cursor of the next. Raises BadInput for a cursor nobody gave."""
    remote_id, status, limit = query.get("remote_id"), query.get("status"), query["limit"]
    number, name = read_cursor(query["cursor"]) if "cursor" in query else (0, "live")
    found: list[Hold] = []
    if name != "ended":
        live = () if status not in (None, HoldStatus.HELD) else paced(sandbox.store.live_holds())
        after = (number, name.partition("=")[2])
        wanted_live = (hold for hold in live if remote_id in (None, hold.remote_id) and _age(hold) > after)
        found = nsmallest(limit + 1, wanted_live, key=_age)
        if len(found) > limit:
            last = found[limit - 1]
            return found[:limit], write_cursor(last.held_at, f"live={last.global_id}")
        if status is HoldStatus.HELD:
            return found, None
        if len(found) == limit:
            return found, write_cursor(0, "ended")
        number = 0

    def wanted(hold: Hold, _: Invoice | None) -> bool:
        return remote_id in (None, hold.remote_id) and status in (None, hold.status)

    ended, cursor = page_of_ended(sandbox, number, limit - len(found), wanted)
    return found + [hold for hold, _ in ended], cursor


def page_of_ended(
    sandbox: Sandbox, number: int, limit: int, wanted: Callable[[Hold, Invoice | None], bool]
) -> tuple[Ended, str | None]:
    """Return up to ``limit`` of the ended holds from a number on, and the cursor of the next page."""
    found: Ended = []
    looked_at, between = 0, in_slices()
    while entries := sandbox.store.ended_from(number, _AT_A_TIME):
        for at, hold, invoice in entries:
            if len(found) == limit or looked_at == MOST_LOOKED_AT:
                return found, write_cursor(at, "ended")
            if wanted(hold, invoice):
                found.append((hold, invoice))
            looked_at, number = looked_at + 1, at + 1
        between()
    return found, None


def _age(hold: Hold) -> tuple[int, str]:
    return hold.held_at, hold.global_id


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


def _show_all(context: Context) -> Mapping[str, Any]:
    context.sandbox.store.expire_due()
    status = context.query.get("status")
    query = {**context.query, "status": HoldStatus(status) if status else None}
    found, cursor = page_of_holds(context.sandbox, query)
    live, ended = context.sandbox.store.hold_counts()
    return {"holds": [shown_hold(hold) for hold in found], "next_cursor": cursor, "live": live, "ended": ended}


def _show(context: Context, global_id: str) -> Mapping[str, Any]:
    with context.sandbox.store.transaction() as tx:
        hold = tx.hold(global_id)
        invoice = tx.invoice(global_id)
        early = tx.tombstone(global_id)
    if hold is None:
        why = " It was released before it was ever held." if early else ""
        raise MockMisuse("mock_unknown_hold", f"There is no hold with the Global ID {global_id[:140]!r}.{why}")
    return {**shown_hold(hold), "invoice": shown_invoice(invoice) if invoice else None}


def _show_invoices(context: Context) -> Mapping[str, Any]:
    query = context.query
    number, _ = read_cursor(query["cursor"]) if "cursor" in query else (0, "")

    def wanted(_: Hold, invoice: Invoice | None) -> bool:
        if invoice is None or query.get("order_id", invoice.order_id) != invoice.order_id:
            return False
        return bool(query.get("remote_id", invoice.remote_id) == invoice.remote_id)

    found, cursor = page_of_ended(context.sandbox, number, query["limit"], wanted)
    return {"invoices": [shown_invoice(invoice) for _, invoice in found if invoice], "next_cursor": cursor}


_LIMITED = f"a page looks at {MOST_LOOKED_AT:,} ended holds at most, so it may hold few or none and still have a next"

CALLS = (
    ControlCall(
        area="holds", method="GET", path="/holds", summary="List holds", serve=_show_all, query=AskedHolds,
        description="Live holds by when they were made, then remembered ones in the order they ended. Send next_cursor "
        f"as cursor until it is null; {_LIMITED}.",
    ),
    ControlCall(
        area="holds", method="GET", path="/holds/{global_id}", summary="Show a hold",
        serve=_show, errors=("mock_unknown_hold",),
        description="Alive or remembered, with its invoice.",
    ),
    ControlCall(
        area="holds", method="GET", path="/invoices", summary="List invoices", serve=_show_invoices,
        query=AskedInvoices,
        description=f"In the order their holds ended. Send next_cursor as cursor until it is null; {_LIMITED}.",
    ),
)  # fmt: skip
