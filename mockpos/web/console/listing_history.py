"""The life of a listing: what happened to its seats, newest first, with the call and who caused it; and its menu."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from flask import request

from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.query import CallPattern
from mockpos.web.console.formats import tone
from mockpos.web.console.inventory import Row
from mockpos.web.console.pages import Pages

_MOST_CALLS = 200
_MOST_HOLDS = 100


class Moment(NamedTuple):
    """One thing that happened. ``by`` is TEvo, POS or clock; ``request_id`` leads to its call."""

    at: Millis
    what: str
    by: str
    tone: str = ""
    global_id: str = ""
    request_id: str = ""


def menu(pages: Pages, sandbox: Sandbox) -> str:
    """Show what can be done with a listing."""
    return pages.render(sandbox, "listing_menu", row=_row(pages, sandbox))


def show(pages: Pages, sandbox: Sandbox) -> str:
    """Show a listing with its seats and its life."""
    row = _row(pages, sandbox)
    remote_id = row.listing.remote_id
    holds = pages.call(sandbox, "GET", "/holds", query={"remote_id": remote_id, "limit": str(_MOST_HOLDS)})["holds"]
    calls = sandbox.telemetry.journal.find(CallPattern(remote_id=remote_id))[:_MOST_CALLS]
    moments = [*_of_calls(calls), *_of_holds(holds, calls), *_of_pos(sandbox, remote_id)]
    moments.sort(key=lambda moment: -moment.at)
    return pages.render(sandbox, "listing", row=row, moments=moments)


def _row(pages: Pages, sandbox: Sandbox) -> Row:
    remote_id = request.args.get("remote_id", "")
    rows = pages.live.inventory(sandbox).rows([remote_id])
    if not rows:
        raise MockMisuse("mock_unknown_listing", f"There is no listing with the Remote ID {remote_id[:140]!r}.")
    return rows[0]


def _of_calls(calls: Sequence[CallRecord]) -> Iterator[Moment]:
    for call in calls:
        heard = {"cut": ", its answer was lost", "client_gone": ", its caller had left"}.get(call.sent.value, "")
        what = f"{call.operation}: {call.code}{' again' if call.replayed else ''}{heard}"
        yield Moment(call.at, what, "TEvo", tone(call), call.global_id or "", call.request_id)


def _of_holds(holds: Sequence[dict[str, Any]], calls: Sequence[CallRecord]) -> Iterator[Moment]:
    """Tell what no call caused, and of holds whose calls are no longer in the journal."""
    told = {call.global_id for call in calls}
    for hold in holds:
        held_at, name = parse_rfc3339(hold["held_at"]), hold["global_id"]
        if name not in told:
            yield Moment(held_at, f"held {hold['quantity']}; its call is no longer known", "TEvo", "ok", name)
        if hold["status"] == "expired":
            yield Moment(parse_rfc3339(hold["expires_at"]), "the hold lapsed", "clock", "refused", name)
        if hold["stolen"]:
            yield Moment(held_at, "its tickets were sold elsewhere", "POS", "failed", name)


def _of_pos(sandbox: Sandbox, remote_id: str) -> list[Moment]:
    """Tell what the broker did in the POS: a change of stock that no hold goes with, and changes of the listing."""
    told = [(event.kind, event.data) for event in sandbox.telemetry.events.all_kept()]
    found: list[Moment] = []
    sold: int | None = None
    for (kind, data), (next_kind, following) in pairwise([*told, ("", {})]):
        if data.get("remote_id") != remote_id:
            continue
        at = parse_rfc3339(data["at"])
        if kind == "listing.changed":
            off = "; off sale" if data["retired"] else ""
            found.append(Moment(at, f"offered for ${data['wholesale_price']}{off}", "POS"))
        if kind == "stock.changed":
            has_hold = next_kind.startswith(("hold.", "invoice.")) and following.get("at") == data["at"]
            if not has_hold:
                many = "" if sold is None else f"{data['sold'] - sold} "
                found.append(Moment(at, f"sold {many}elsewhere: {data['sold']} sold in all", "POS"))
            sold = data["sold"]
    return found[::-1]
