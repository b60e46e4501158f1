"""Control calls about the request journal: what was asked, answered and why, and whether that is as a test expects."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response
from marshmallow import fields

from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.keys import DEFAULT
from mockpos.sandboxes.registry import Sandboxes
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.curl import curl_of
from mockpos.telemetry.journal.document import call_document, call_summary
from mockpos.telemetry.journal.journal import Journal
from mockpos.telemetry.journal.query import USUAL, JournalQuery, pattern_of
from mockpos.telemetry.verify import Expected, Verdict, expectation_of, verify
from mockpos.web.control.calls import Answer, Context, ControlCall
from mockpos.web.exchange import current_exchange
from mockpos.web.replies import as_response, mock_problem

PLAIN_TEXT = "text/plain; charset=utf-8"


class Wanted(JournalQuery):
    """Which calls are asked for, and of which sandbox."""

    sandbox = fields.String(
        metadata={"description": "The sandbox's name, if its key is not sent: one that was dropped lately, too."}
    )


def _show_all(context: Context) -> Mapping[str, Any]:
    journal = _journal(context)
    query = context.query
    found = journal.find(pattern_of(query), query.get("since"))
    return {
        "requests": (call_summary(call) for call in found[: query.get("limit", USUAL)]),
        "matched": len(found),
        "recorded": len(journal),
        "evicted": journal.evicted,
        "limits": {"entries": journal.limit, "bytes_used": journal.bytes_used},
    }


def _show(context: Context, request_id: str) -> Mapping[str, Any]:
    sandbox, call = _found(context, request_id)
    return {"sandbox": sandbox, **call_document(call)}


def _show_curl(context: Context, request_id: str) -> Response:
    _, call = _found(context, request_id)
    command = curl_of(call, context.base_url) + "\n"
    return Response(command.encode("utf-8", "backslashreplace"), 200, content_type=PLAIN_TEXT)


def _clear(context: Context) -> Mapping[str, Any]:
    return {"cleared": context.sandbox.telemetry.journal.clear()}


def _journal(context: Context) -> Journal:
    """Return the journal that is meant: of a sandbox by its name too, for whoever has no sandbox of their own."""
    name = context.query.get("sandbox")
    if name is None or name == context.sandbox.name:
        return context.sandbox.telemetry.journal
    context.require_default("sandbox")
    journal = next((journal for known, journal in _journals_of_all(context.mock.sandboxes) if known == name), None)
    if journal is None:
        raise MockMisuse("mock_unknown_sandbox", f"There is no sandbox called {name[:80]!r}, nor was there lately.")
    return journal


def _journals_of_all(sandboxes: Sandboxes) -> Iterator[tuple[str, Journal]]:
    """Iterate over all journals: of the sandboxes there are, then of those that were dropped lately."""
    for sandbox in sandboxes:
        yield sandbox.name, sandbox.telemetry.journal
    yield from sandboxes.dropped.journals()


def _found(context: Context, request_id: str) -> tuple[str, CallRecord]:
    """Find a call: in the sandbox asked, and from the default one in all of them.

    An answer's ``instance`` names no sandbox, and its link must lead to the call whoever follows it.
    """
    own = context.sandbox
    journals = _journals_of_all(context.mock.sandboxes) if own.name == DEFAULT else ((own.name, own.telemetry.journal),)
    for name, journal in journals:
        call = journal.get(request_id)
        if call is not None:
            return name, call
    evicted = own.telemetry.journal.evicted
    gone = f" {evicted} older calls had to be evicted." if evicted else ""
    raise MockMisuse(
        "mock_unknown_request",
        f"No call {request_id[:80]!r} is in the journal of sandbox {own.name}.{gone} Control calls are not recorded.",
    )  # fmt: skip


def _check(context: Context) -> Answer:
    journal = context.sandbox.telemetry.journal
    verdict = verify(journal.find(), expectation_of(context.body), journal.evicted)
    return verdict.document() if verdict.satisfied else _difference(verdict)


def _difference(verdict: Verdict) -> Response:
    """Answer like every error of the mock's own, with the whole verdict in it."""
    details = verdict.document()
    return as_response(
        mock_problem("mock_not_as_expected", verdict.text, current_exchange().request_id, details=details)
    )


_UNKNOWN = ("mock_unknown_request",)

CALLS = (
    ControlCall(
        area="request journal", method="GET", path="/requests", summary="List recorded calls, newest first",
        serve=_show_all, query=Wanted, errors=("mock_unknown_sandbox",), page="/console/calls",
        description="The calls of the automator's operations, and those that met no operation. The journal is bounded: "
        "evicted says how many calls had to go since it was last cleared. The journals of the last 100 sandboxes that "
        "were dropped stay readable by their names, for as long as there is room.",
    ),
    ControlCall(
        area="request journal", method="GET", path="/requests/{request_id}", summary="Show a call and why it ended so",
        serve=_show, errors=_UNKNOWN, page="/console/calls/{request_id}",
        description="Every error's instance leads here. Asked without a key, or with the default key, the calls of all "
        "sandboxes are looked through, of those dropped lately too; with a sandbox's key or path only its own. "
        "Keys and tokens are redacted.",
    ),
    ControlCall(
        area="request journal", method="GET", path="/requests/{request_id}/curl", summary="Write a call as curl",
        serve=_show_curl, media_type="text/plain", errors=_UNKNOWN,
        description="A command for a POSIX shell that makes the same call again. Put the API key into the variable "
        "MOCKPOS_KEY first: it was never recorded.",
    ),
    ControlCall(
        area="request journal", method="DELETE", path="/requests", summary="Forget the recorded calls", serve=_clear,
        description="Counts begin anew, evictions too. Audit, timing and coverage do not read the journal: they stay.",
    ),
    ControlCall(
        area="verify", method="POST", path="/verify", summary="Check that calls were made", serve=_check, body=Expected,
        errors=("mock_not_as_expected",),
        description="count is a number, or {min, max} with one of them or both. 409 when it is not so: with the "
        "nearest calls, and field by field how they differ. safe is false where calls that the journal had to evict "
        "could change the verdict.",
    ),
)  # fmt: skip
