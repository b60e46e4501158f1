"""Control calls about the request journal: what was asked, what was answered, and why."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.keys import DEFAULT
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.curl import curl_of
from mockpos.telemetry.journal.document import call_document, call_summary
from mockpos.telemetry.journal.query import JournalQuery, filter_of
from mockpos.web.control.calls import Context, ControlCall
from mockpos.web.control.requests_examples import CALL, CLEARED, LIST

PLAIN_TEXT = "text/plain; charset=utf-8"


def show_all(context: Context) -> Mapping[str, Any]:
    """List calls, newest first."""
    journal = context.sandbox.telemetry.journal
    wanted = filter_of(context.query)
    found = journal.find(replace(wanted, limit=None))
    return {
        "requests": [call_summary(call) for call in found[: wanted.limit]],
        "matched": len(found),
        "recorded": len(journal),
        "evicted": journal.evicted,
        "limits": {"entries": journal.limit, "bytes_used": journal.bytes_used},
    }


def show(context: Context, request_id: str) -> Mapping[str, Any]:
    """Show all that is known of one call."""
    sandbox, call = _found(context, request_id)
    return {"sandbox": sandbox, **call_document(call)}


def show_curl(context: Context, request_id: str) -> Response:
    """Write one call as a command that repeats it."""
    _, call = _found(context, request_id)
    command = curl_of(call, context.base_url) + "\n"
    return Response(command.encode("utf-8", "backslashreplace"), 200, content_type=PLAIN_TEXT)


def clear(context: Context) -> Mapping[str, Any]:
    """Forget the calls."""
    return {"cleared": context.sandbox.telemetry.journal.clear()}


def _found(context: Context, request_id: str) -> tuple[str, CallRecord]:
    """Find a call: in the sandbox asked, and from the default one in all of them.

    An answer's ``instance`` names no sandbox, and its link must lead to the call whoever follows it.
    """
    own = context.sandbox
    others = (each for each in context.mock.sandboxes if each is not own) if own.name == DEFAULT else ()
    for sandbox in (own, *others):
        call = sandbox.telemetry.journal.get(request_id)
        if call is not None:
            return sandbox.name, call
    evicted = own.telemetry.journal.evicted
    gone = f" {evicted} older calls had to be evicted." if evicted else ""
    raise MockMisuse(
        "mock_unknown_request", 404,
        f"No call {request_id[:80]!r} is in the journal of sandbox {own.name}.{gone} Control calls are not recorded.",
    )  # fmt: skip


_NAMED = {"request_id": "b1946ac9-000017"}
_UNKNOWN = ("mock_unknown_request",)

CALLS = (
    ControlCall(
        area="request journal", method="GET", path="/requests", summary="List recorded calls, newest first",
        serve=show_all, query=JournalQuery, example=LIST,
        description="The calls of the automator's operations, and those that met no operation. The journal is bounded: "
        "evicted says how many calls had to go since it was last cleared.",
    ),
    ControlCall(
        area="request journal", method="GET", path="/requests/{request_id}", summary="Show a call and why it ended so",
        serve=show, example=CALL, path_examples=_NAMED, errors=_UNKNOWN,
        description="Every error's instance leads here. Asked without a key, or with the default key, the calls of all "
        "sandboxes are looked through; with a sandbox's key or path only its own. Keys and tokens are redacted.",
    ),
    ControlCall(
        area="request journal", method="GET", path="/requests/{request_id}/curl", summary="Write a call as curl",
        serve=show_curl, media_type="text/plain", path_examples=_NAMED, errors=_UNKNOWN,
        description="A command for a POSIX shell that makes the same call again. Put the API key into the variable "
        "MOCKPOS_KEY first: it was never recorded.",
    ),
    ControlCall(
        area="request journal", method="DELETE", path="/requests", summary="Forget the recorded calls", serve=clear,
        example=CLEARED,
        description="Counts begin anew, evictions too. Audit, timing and coverage do not read the journal: they stay.",
    ),
)  # fmt: skip
