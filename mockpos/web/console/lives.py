"""The life of a listing: what happened to its seats, newest first, with the call and who caused it; and its menu."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import request

from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.query import CallPattern, JournalFilter
from mockpos.web.console.call_rows import tone
from mockpos.web.console.inventory import Row
from mockpos.web.console.live import Live
from mockpos.web.console.pages import Pages
from mockpos.web.console.seats import strip

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


class Lives:
    """The page of one listing."""

    def __init__(self, pages: Pages, live: Live) -> None:
        self._pages = pages
        self._live = live

    def menu(self, sandbox: Sandbox) -> str:
        """Show what can be done with a listing."""
        return self._pages.render(sandbox, "listing_menu", row=self._row(sandbox))

    def show(self, sandbox: Sandbox) -> str:
        """Show a listing with its seats and its life."""
        row = self._row(sandbox)
        holds = self._holds(sandbox, row.listing.remote_id)
        pattern = CallPattern(remote_id=row.listing.remote_id)
        calls = sandbox.telemetry.journal.find(JournalFilter(pattern=pattern, limit=_MOST_CALLS))
        moments = sorted(
            [*_of_calls(calls), *_of_holds(holds, calls), *_of_pos(sandbox, row.listing.remote_id)],
            key=lambda moment: -moment.at,
        )
        return self._pages.render(
            sandbox, "listing", row=row, moments=moments,
            strip=strip(row.listing, row.stock, row.holds, numbers=True),
        )  # fmt: skip

    def _row(self, sandbox: Sandbox) -> Row:
        remote_id = request.args.get("remote_id", "")
        rows = self._live.inventory(sandbox).rows([remote_id])
        if not rows:
            raise MockMisuse("mock_unknown_listing", f"There is no listing with the Remote ID {remote_id[:140]!r}.")
        return rows[0]

    def _holds(self, sandbox: Sandbox, remote_id: str) -> list[dict[str, Any]]:
        query = {"remote_id": remote_id, "limit": str(_MOST_HOLDS)}
        found: list[dict[str, Any]] = self._pages.access.call(sandbox, "GET", "/holds", query=query)["holds"]
        return found


def _of_calls(calls: Sequence[CallRecord]) -> list[Moment]:
    found = []
    for call in calls:
        heard = {"cut": ", its answer was lost", "client_gone": ", its caller had left"}.get(call.sent.value, "")
        what = f"{call.operation}: {call.code}{' again' if call.replayed else ''}{heard}"
        found.append(
            Moment(
                call.at, what, "TEvo", tone(call.status, call.code, call.sent), call.global_id or "", call.request_id
            )
        )
    return found


def _of_holds(holds: Sequence[dict[str, Any]], calls: Sequence[CallRecord]) -> list[Moment]:
    """Tell what no call caused, and of holds whose calls are no longer in the journal."""
    told = {call.global_id for call in calls}
    found = []
    for hold in holds:
        held_at, name = parse_rfc3339(hold["held_at"]), hold["global_id"]
        if name not in told:
            found.append(Moment(held_at, f"held {hold['quantity']}; its call is no longer known", "TEvo", "ok", name))
        if hold["status"] == "expired":
            found.append(Moment(parse_rfc3339(hold["expires_at"]), "the hold lapsed", "clock", "refused", name))
        if hold["stolen"]:
            found.append(Moment(held_at, "its tickets were sold elsewhere", "POS", "failed", name))
    return found


def _of_pos(sandbox: Sandbox, remote_id: str) -> list[Moment]:
    """Tell what the broker did in the POS: a change of stock that no hold goes with, and changes of the listing."""
    told = [(event.kind, event.data) for event in sandbox.telemetry.events.all_kept()]
    found: list[Moment] = []
    sold: int | None = None
    for (kind, data), (next_kind, following) in zip(told, [*told[1:], ("", {})], strict=True):
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
