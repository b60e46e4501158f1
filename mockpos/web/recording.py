"""Makes the record of a call once its answer was sent, and gives it to whoever watches the call's sandbox."""

from collections.abc import Callable
from typing import Any

from flask import Response

from mockpos.contract.model import KeyRule
from mockpos.domain.calls import Sent
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.redaction import RawHeaders, Redactor
from mockpos.web.call_note import CallNote

_KEPT_BODY = 65_536


class Recorder:
    """Records calls under one contract, whose key header must not be remembered."""

    def __init__(self, key: KeyRule, monotonic: Callable[[], float]) -> None:
        self._redactor = Redactor({key.header}, key.scheme)
        self._monotonic = monotonic

    def record(self, environ: dict[str, Any], note: CallNote, response: Response, started: float) -> None:
        """Record a call whose answer was sent; ``started`` is the real moment it began."""
        sandbox, trace = note.sandbox, note.trace
        given = note.arguments
        remote_id, quantity = given.get("remote_id"), given.get("quantity")
        if remote_id is None and given:
            hold = sandbox.automator.peek(given["global_id"])
            remote_id, quantity = (hold.remote_id, hold.quantity) if hold is not None else (None, None)
        sandbox.telemetry.record(
            CallRecord(
                str(environ["mockpos.request_id"]),
                note.answered_at or sandbox.clock.now(),
                started,
                note.operation,
                environ["REQUEST_METHOD"],
                _target(environ),
                _raw_headers(environ),
                note.body[:_KEPT_BODY],
                given.get("global_id"),
                remote_id,
                quantity,
                given.get("order_id"),
                response.status_code,
                note.code,
                tuple(response.headers),
                _body_of(response),
                note.replayed,
                trace.committed,
                _sent(environ),
                note.plan,
                note.delay_served_ms,
                (self._monotonic() - started) * 1000,
                trace.before,
                trace.after,
                self._redactor,
            )
        )


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


def _raw_headers(environ: dict[str, Any]) -> RawHeaders:
    """Return the headers as our own server hands them over; under another one they are read from the environment."""
    raw: RawHeaders | None = environ.get("mockpos.headers")
    if raw is not None:
        return raw
    found = [(name[5:], value) for name, value in environ.items() if name.startswith("HTTP_")]
    found += [(name, environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)]
    return [
        (name.replace("_", "-").lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in found
    ]
