"""Faults on the real connection: what a caller sees when the network or the automator breaks.

They need the connection that ``mockpos serve`` hands over. Elsewhere they are refused loudly, before
anything is changed: a fault that silently does not happen proves nothing.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response

from mockpos.domain.errors import MockMisuse
from mockpos.scenario.outcomes import FaultKind
from mockpos.server.connection import Connection
from mockpos.server.delayed_calls import DelayedCalls

HANG_CAP_S = 60.0
"""How long a hanging call waits for its client to give up."""

_LOOK_EVERY_S = 0.25
_DRIP_BYTES = 16
_DRIP_EVERY_S = 0.1
_CONNECTION = "mockpos.connection"
_CUT_OFF = b'{"status":"held","remote_id":"'
"""What a broken body says when the call was never carried out: a success that stops in the middle."""


def require_connection(environ: Mapping[str, Any]) -> Connection:
    """Return the real connection. Raises MockMisuse where there is none."""
    connection = environ.get(_CONNECTION)
    if connection is None:
        raise MockMisuse(
            "mock_fault_unsupported",
            HTTPStatus.NOT_IMPLEMENTED,
            "This scenario breaks the connection, which works under `mockpos serve` only; nothing was changed.",
        )
    assert isinstance(connection, Connection)
    return connection


def break_connection(
    kind: FaultKind,
    environ: Mapping[str, Any],
    answer: Response | None,
    marks: Mapping[str, str],
    delayed_calls: DelayedCalls,
) -> Response:
    """Break the connection of a call, and return what its caller would have got.

    ``answer`` is None when the call was not carried out; ``marks`` are headers to send with whatever is sent.
    """
    connection = require_connection(environ)
    whole = answer or Response(_CUT_OFF + b'"}', HTTPStatus.OK, content_type="application/json")
    whole.headers.update(marks)
    match kind:
        case FaultKind.RESET:
            connection.reset()
        case FaultKind.EMPTY:
            connection.close_silently()
        case FaultKind.TRUNCATE:
            body = whole.get_data()
            connection.send_raw(_head(whole) + body[: max(1, len(body) // 2)])
            connection.close_silently()
        case FaultKind.MALFORMED:
            broken = whole.get_data().rstrip(b"}") + b","
            connection.send_raw(_head(whole, status=HTTPStatus.OK, length=len(broken)) + broken)
            connection.close_silently()
        case FaultKind.HANG:
            _hang(connection, delayed_calls)
        case FaultKind.DRIP:
            _drip(connection, _head(whole) + whole.get_data(), delayed_calls)
    return whole


def _hang(connection: Connection, delayed_calls: DelayedCalls) -> None:
    """Say nothing until the client has left, the scenario changes, the world is reset, or the cap is reached."""
    for _ in range(round(HANG_CAP_S / _LOOK_EVERY_S)):
        if connection.gone or connection.stopping or delayed_calls.sleep(_LOOK_EVERY_S) is not None:
            break
    connection.close_silently()


def _drip(connection: Connection, data: bytes, delayed_calls: DelayedCalls) -> None:
    """Send a few bytes at a time, until all are sent, the client has left, or the scenario changes."""
    for start in range(0, len(data), _DRIP_BYTES):
        if connection.gone or connection.stopping:
            break
        connection.send_raw(data[start : start + _DRIP_BYTES])
        if delayed_calls.sleep(_DRIP_EVERY_S) is not None:
            connection.send_raw(data[start + _DRIP_BYTES :])
            break
    connection.close_silently()


def _head(answer: Response, *, status: int | None = None, length: int | None = None) -> bytes:
    """Return the status line and headers of an answer, as they would be sent."""
    code = HTTPStatus(status if status is not None else answer.status_code)
    lines = [f"HTTP/1.1 {code.value} {code.phrase}", "server: mockpos", "connection: close"]
    lines += [f"{name.lower()}: {value}" for name, value in answer.headers if name.lower() != "content-length"]
    lines.append(f"content-length: {len(answer.get_data()) if length is None else length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
