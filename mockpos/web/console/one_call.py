"""The page of one call: what was asked and answered, why, who holds the tickets, and how to have it again."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Response, request

from mockpos.contract.model import Contract
from mockpos.domain.clock import parse_rfc3339
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import MockMisuse
from mockpos.domain.hold import Hold
from mockpos.http_client import HttpClient, NoResponse, Request
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import offload
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.curl import curl_of
from mockpos.telemetry.journal.query import CallPattern, JournalFilter
from mockpos.web.console.call_rows import time_bar, tone
from mockpos.web.console.pages import ROOT, Pages
from mockpos.web.console.timeline import what_to_do

_NEAR = 20
_MADE_ANEW = ("host", "content-length", "connection", "transfer-encoding", "x-request-id")
_SENT = {
    "complete": "yes, whole",
    "cut": "no: cut on purpose, the caller never got it",
    "client_gone": "no: the caller had left",
}


class Way(NamedTuple):
    """How to meet the same answer again: what to do, and the text to copy."""

    what: str
    text: str


class OneCall:
    """The page of a call, wherever it was recorded."""

    def __init__(self, pages: Pages, contract: Contract) -> None:
        self._pages = pages
        self._contract = contract

    def show(self, sandbox: Sandbox, request_id: str) -> str:
        """Show a call."""
        document = self._pages.access.call(sandbox, "GET", "/requests/{request_id}", request_id=request_id)
        sandbox = self._pages.access.mock.sandboxes.get(document["sandbox"]) or sandbox
        call = self._record(sandbox, request_id)
        near = sandbox.telemetry.journal.find(JournalFilter(pattern=CallPattern(global_id=call.global_id), limit=_NEAR))
        holders = _holders(sandbox, call)
        return self._pages.render(
            sandbox, "call", call=document, record=call, tone=tone(call.status, call.code, call.sent),
            bar=time_bar(call.duration_ms, call.delay_served_ms, cut=call.sent.value == "cut"),
            at=parse_rfc3339(document["at"]), why=why(call), holders=holders, near=near if call.global_id else [],
            curl=curl_of(call, request.host_url.rstrip("/")), ways=ways(call), sent=_SENT[call.sent.value],
            todo=what_to_do(call.code, lost=call.sent.value != "complete"),
            known=CATALOGUE[call.code] if call.code in CATALOGUE else None,  # noqa: SIM401  # it is no dict
        )  # fmt: skip

    def again(self, sandbox: Sandbox, request_id: str) -> Response:
        """Send a recorded request again, with the sandbox's key and the form's body; lead to the new call.

        A body that was only looked at goes as it came, byte for byte: forms lay out what they send anew.
        """
        document = self._pages.access.call(sandbox, "GET", "/requests/{request_id}", request_id=request_id)
        sandbox = self._pages.access.mock.sandboxes.get(document["sandbox"]) or sandbox
        call, key = self._record(sandbox, request_id), self._contract.key
        left_out = {*_MADE_ANEW, key.header.lower(), "authorization"}
        new_id = f"again-{secrets.token_hex(4)}"
        headers = [(name, value) for name, value in call.headers if name.lower() not in left_out]
        headers += [(key.header, key.value(sandbox.api_key)), ("X-Request-Id", new_id)]
        try:
            sent = Request(call.method, call.target, tuple(headers), self._body(document, call) or None)
            client = HttpClient(self._pages.own_url(), 30)
            offload(lambda: client.send(sent))  # this same server has to answer it
        except NoResponse:
            pass  # an answer that is lost on purpose is shown on the call's own page
        except ValueError as error:
            raise MockMisuse("mock_bad_input", f"This request cannot be sent again: {error}") from None
        where = f"{sandbox.base_path}{ROOT}/calls/{new_id}"
        if "HX-Request" in request.headers:
            return Response("", 200, {"HX-Redirect": where})
        return Response("", 303, {"Location": where})

    def _body(self, document: Mapping[str, Any], call: CallRecord) -> bytes:
        """Return the body that was written into the form, or the recorded one where nothing was changed."""
        written, shown = request.form.get("body", ""), document["request"]["body"] or {}
        if not written or "base64" in shown:
            return call.body
        if "json" in shown:
            try:
                is_same = json.loads(written) == shown["json"]
            except ValueError:
                is_same = False  # one may want to see how broken JSON is refused
        else:
            is_same = written.splitlines() == shown["text"].splitlines()
        return call.body if is_same else written.encode("utf-8", "surrogatepass")

    def _record(self, sandbox: Sandbox, request_id: str) -> CallRecord:
        call = sandbox.telemetry.journal.get(request_id)
        if call is None:
            raise MockMisuse("mock_unknown_request", f"The call {request_id[:80]!r} is no longer in the journal.")
        return call


def why(call: CallRecord) -> str:
    """Say in a sentence why a call was answered so."""
    if call.rule is not None:
        effect = "; it took effect all the same" if call.committed and call.status >= 300 else ""
        return f"The rule {call.rule} of the scenario {call.scenario} decided: {call.injected or call.why}{effect}."
    if call.replayed:
        return "This Global ID was answered before with the same content, so it got the same answer again."
    if call.code in CATALOGUE:
        return f"No scenario interfered: the broker's books say so. {CATALOGUE[call.code].meaning}"
    if call.code.startswith("mock_"):
        return "The mock itself was used wrongly; an automator would not say this."
    return "No scenario interfered, and the broker's books allowed it."


def ways(call: CallRecord) -> list[Way]:
    """Return how to meet this answer again."""
    found: list[Way] = []
    if call.scenario and call.scenario != "magic":
        found.append(Way("Send this header with the call", f"X-Mockpos-Scenario: {call.scenario}"))
    if call.code in CATALOGUE and call.operation is not None and not CATALOGUE[call.code].is_transport:
        found.append(
            Way("Or the header that always gives this code", f"X-Mockpos-Scenario: {call.operation}-{call.code}")
        )
        found.append(Way("Or ask for this Remote ID", f"MOCK-{call.code.upper()}"))
    return found


def _holders(sandbox: Sandbox, call: CallRecord) -> list[Hold]:
    """Return who holds tickets of the call's listing now."""
    if call.remote_id is None:
        return []
    live = sandbox.store.live_holds(call.remote_id)
    return sorted((hold for hold in live if not hold.stolen), key=lambda hold: (hold.held_at, hold.global_id))[:_NEAR]
