"""The page of one call: what was asked and answered, why, who holds the tickets, and how to have it again."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Response, request

from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import MockMisuse
from mockpos.domain.hold import Hold
from mockpos.http_client import HttpClient, NoResponse, Request
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import offload
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.curl import curl_of
from mockpos.telemetry.journal.query import CallPattern
from mockpos.web.console.formats import tone
from mockpos.web.console.pages import ROOT, Pages
from mockpos.web.console.timeline import what_to_do

_NEAR = 20
_MADE_ANEW = ("host", "content-length", "connection", "transfer-encoding", "x-request-id")
_KEYS_OWN = ("api_key_invalid", "key_not_allowed")  # with another key it would be another call
_SENT = {
    "complete": "yes, whole",
    "cut": "no: cut on purpose, the caller never got it",
    "client_gone": "no: the caller had left",
}


class Way(NamedTuple):
    """How to meet the same answer again: what to do, and the text to copy."""

    what: str
    text: str


def show(pages: Pages, sandbox: Sandbox, request_id: str) -> str:
    """Show a call, wherever it was recorded."""
    sandbox, document, call = _found(pages, sandbox, request_id)
    key = "" if call.code in _KEYS_OWN else sandbox.api_key
    of_it = CallPattern(global_id=call.global_id)
    return pages.render(
        sandbox, "call", call=document, record=call, tone=tone(call), why=why(call), holders=_holders(sandbox, call),
        near=sandbox.telemetry.journal.find(of_it)[:_NEAR] if call.global_id else [], ways=ways(call),
        curl=curl_of(call, request.host_url.rstrip("/"), key), sent=_SENT[call.sent.value],
        todo=what_to_do(call.code, lost=call.sent.value != "complete"), is_known=call.code in CATALOGUE,
    )  # fmt: skip


def again(pages: Pages, sandbox: Sandbox, request_id: str) -> Response:
    """Send a recorded request again, with the sandbox's key and the form's body; lead to the new call.

    A body that was only looked at goes as it came, byte for byte: forms lay out what they send anew.
    """
    sandbox, document, call = _found(pages, sandbox, request_id)
    key, new_id = pages.contract.key, f"again-{secrets.token_hex(4)}"
    left_out = {*_MADE_ANEW, key.header.lower(), "authorization"}
    headers = [(name, value) for name, value in call.headers if name.lower() not in left_out]
    headers += [(key.header, key.value(sandbox.api_key)), ("X-Request-Id", new_id)]
    body = (
        call.body if _is_unchanged(document["request"]["body"] or {}) else _written().encode("utf-8", "surrogatepass")
    )
    try:
        sent = Request(call.method, call.target, tuple(headers), body or None)
        client = HttpClient(pages.own_url(), 30)
        offload(lambda: client.send(sent))  # this same server has to answer it
    except NoResponse:
        pass  # an answer that is lost on purpose is shown on the call's own page
    except ValueError as error:
        raise MockMisuse("mock_bad_input", f"This request cannot be sent again: {error}") from None
    where = f"{sandbox.base_path}{ROOT}/calls/{new_id}"
    if "HX-Request" in request.headers:
        return Response("", 200, {"HX-Redirect": where})
    return Response("", 303, {"Location": where})


def _found(pages: Pages, sandbox: Sandbox, request_id: str) -> tuple[Sandbox, Mapping[str, Any], CallRecord]:
    """Return the sandbox that recorded a call, and the call as a document and as it was recorded."""
    document = pages.call(sandbox, "GET", "/requests/{request_id}", request_id=request_id)
    sandbox = pages.access.mock.sandboxes.get(document["sandbox"]) or sandbox
    call = sandbox.telemetry.journal.get(request_id)
    if call is None:
        raise MockMisuse("mock_unknown_request", f"The call {request_id[:80]!r} is no longer in the journal.")
    return sandbox, document, call


def _written() -> str:
    return request.form.get("body", "")


def _is_unchanged(shown: Mapping[str, Any]) -> bool:
    """Tell whether the form's body is the one that was shown, laid out anew at most."""
    written = _written()
    if not written or "base64" in shown:
        return True
    if "json" not in shown:
        return written.splitlines() == str(shown.get("text", "")).splitlines()
    meant: object
    try:
        meant = json.loads(written)
    except ValueError:
        return False  # one may want to see how broken JSON is refused
    return bool(meant == shown["json"])


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
        found.append(Way("The header that always gives this code", f"X-Mockpos-Scenario: {call.operation}-{call.code}"))
        found.append(Way("A Remote ID that always gives it", f"MOCK-{call.code.upper()}"))
    return found


def _holders(sandbox: Sandbox, call: CallRecord) -> list[Hold]:
    """Return who holds tickets of the call's listing now."""
    if call.remote_id is None:
        return []
    with sandbox.store.transaction() as tx:
        return tx.live_holds(call.remote_id, _NEAR)
