"""Makes the record of a call once its answer was sent, and gives it to whoever watches the call's sandbox."""

from collections.abc import Callable
from typing import Any

from flask import Response

from mockpos.contract.model import KeyRule
from mockpos.domain.calls import CallRecord, Sent
from mockpos.telemetry.journal_redaction import Headers, redact
from mockpos.web.call_note import CallNote

_KEPT_BODY = 65_536
_KNOWN_HEADERS = 512


class Recorder:
    """Records calls under one contract, whose key header must not be remembered."""

    def __init__(self, key: KeyRule, monotonic: Callable[[], float]) -> None:
        self._secret_names = frozenset({key.header.lower()})
        self._scheme = key.scheme
        self._monotonic = monotonic
        self._known: dict[tuple[tuple[bytes, bytes], ...], Headers] = {}

    def record(self, environ: dict[str, Any], note: CallNote, response: Response, started: float) -> None:
        """Record a call whose answer was sent; ``started`` is the real moment it began."""
        sandbox, plan, trace = note.sandbox, note.plan, note.trace
        given = note.arguments
        remote_id, quantity = given.get("remote_id"), given.get("quantity")
        if remote_id is None and given:
            hold = sandbox.automator.peek(given["global_id"])
            remote_id, quantity = (hold.remote_id, hold.quantity) if hold is not None else (None, None)
        call = CallRecord(
            request_id=str(environ["mockpos.request_id"]),
            at=note.answered_at or note.sandbox.clock.now(),
            operation=note.operation,
            method=environ["REQUEST_METHOD"],
            target=_target(environ),
            headers=self._request_headers(environ),
            body=note.body[:_KEPT_BODY],
            global_id=given.get("global_id"),
            remote_id=remote_id,
            quantity=quantity,
            order_id=given.get("order_id"),
            status=response.status_code,
            code=note.code,
            response_headers=tuple(response.headers),
            response_body=_body_of(response),
            replayed=note.replayed,
            committed=trace.committed,
            sent=_sent(environ),
            scenario=plan.scenario if plan else None,
            rule=plan.rule_id if plan else None,
            why=plan.why if plan else "",
            injected=str(plan) if plan else "",
            delay_asked_ms=plan.delay_ms if plan else 0,
            delay_served_ms=note.delay_served_ms,
            duration_ms=(self._monotonic() - started) * 1000,
            before=trace.before,
            after=trace.after,
        )
        sandbox.telemetry.record(call, started)

    def _request_headers(self, environ: dict[str, Any]) -> Headers:
        """Return the headers of a call without its secrets. A client sends the same again and again: they are shared.

        Our own server hands them over as they came; under another one they are read from the environment.
        """
        raw = environ.get("mockpos.headers")
        if raw is None:
            return redact(_headers(environ), self._secret_names, self._scheme)
        key = tuple(raw)
        known = self._known.get(key)
        if known is None:
            read = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in key]
            known = redact(read, self._secret_names, self._scheme)
            if len(self._known) >= _KNOWN_HEADERS:
                self._known.clear()
            self._known[key] = known
        return known


def _sent(environ: dict[str, Any]) -> Sent:
    """Tell what became of the answer. Only our own server knows; another one is taken at its word."""
    connection = environ.get("mockpos.connection")
    if connection is None:
        return Sent.COMPLETE
    if connection.gone:
        return Sent.CLIENT_GONE
    return Sent.CUT if connection.taken else Sent.COMPLETE


def _body_of(response: Response) -> bytes:
    pieces = response.response
    if type(pieces) is list and len(pieces) == 1 and type(pieces[0]) is bytes:
        return pieces[0][:_KEPT_BODY]
    return b"" if response.is_streamed else response.get_data()[:_KEPT_BODY]


def _target(environ: dict[str, Any]) -> str:
    raw = environ.get("RAW_URI")
    if raw:
        return str(raw)
    query = environ.get("QUERY_STRING", "")
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return f"{path}?{query}" if query else path


def _headers(environ: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(name[5:].replace("_", "-").lower(), value) for name, value in environ.items() if name.startswith("HTTP_")]
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found.append((name.replace("_", "-").lower(), environ[name]))
    return found
