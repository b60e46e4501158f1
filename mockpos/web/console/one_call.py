"""The page of one call: what was asked and answered, why, who holds the tickets, and how to have it again."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

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


def show(pages: Pages, sandbox: Sandbox, request_id: str) -> str:
    """Show a call, wherever it was recorded."""
    sandbox, document, call = _found(pages, sandbox, request_id)
    key = "" if call.code in _KEYS_OWN else sandbox.api_key
    of_it = CallPattern(global_id=call.global_id)
    return pages.render(
        sandbox, "call", call=document, record=call, tone=tone(call), why=why(call), holders=_holders(sandbox, call),
        near=sandbox.telemetry.journal.find(of_it)[:_NEAR] if call.global_id else [],
        curl=curl_of(call, request.host_url.rstrip("/"), key), shown_body=_shown_body,
        todo=what_to_do(call.code, lost=call.sent.value != "complete"),
        known=call.code in CATALOGUE and CATALOGUE[call.code],
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
    written, shown = request.form.get("body", ""), _shown_body(document["request"]["body"])
    is_changed = written and written.splitlines() != shown.splitlines()
    body = written.encode("utf-8", "surrogatepass") if is_changed else call.body
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
    sandbox = pages.mock.sandboxes.get(document["sandbox"]) or sandbox
    call = sandbox.telemetry.journal.get(request_id)
    if call is None:
        raise MockMisuse("mock_unknown_request", f"The call {request_id[:80]!r} is no longer in the journal.")
    return sandbox, document, call


def _shown_body(body: Mapping[str, Any] | None) -> str:
    """Return a recorded body as text; bytes that are none as base64."""
    body = body or {}
    return json.dumps(body["json"], indent=2) if "json" in body else body.get("text", body.get("base64", ""))


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


def _holders(sandbox: Sandbox, call: CallRecord) -> list[Hold]:
    """Return who holds tickets of the call's listing now."""
    if call.remote_id is None:
        return []
    with sandbox.store.transaction() as tx:
        return tx.live_holds(call.remote_id, _NEAR)
