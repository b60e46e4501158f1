"""Faults on the real connection: what a caller sees when the network or the automator breaks.

They need the connection that ``mockpos serve`` hands over. Elsewhere they are refused loudly, before
anything is changed: a fault that silently does not happen proves nothing.
"""

from http import HTTPStatus

from mockpos.domain.errors import MockMisuse
from mockpos.scenario.outcomes import FaultKind
from mockpos.server.delays import DelayedCalls
from mockpos.server.faults import Connection
from mockpos.server.request import Reply, Request, head_of

HANG_CAP_S = 60.0
"""How long a hanging call waits for its client to give up."""

_LOOK_EVERY_S = 0.25
_DRIP_BYTES = 16
_DRIP_EVERY_S = 0.1
_LENGTH = "Content-Length"


def require_connection(request: Request) -> Connection:
    """Return the real connection. Raises MockMisuse where there is none."""
    if request.connection is None:
        raise MockMisuse(
            "mock_fault_unsupported",
            "This scenario breaks the connection, which works under `mockpos serve` only; nothing was changed.",
        )
    return request.connection


def break_connection(kind: FaultKind, request: Request, delayed_calls: DelayedCalls, whole: Reply) -> None:
    """Break the connection of a call whose answer would have been ``whole``."""
    connection = require_connection(request)
    assert isinstance(whole.body, bytes)
    headers, body = whole.headers, whole.body
    match kind:
        case FaultKind.RESET:
            connection.reset()
        case FaultKind.EMPTY:
            connection.close_silently()
        case FaultKind.TRUNCATE:
            head = head_of(whole, is_last=True)
            connection.send_raw(head + body[: max(1, len(body) // 2)])
            connection.close_silently()
        case FaultKind.MALFORMED:
            broken = body.rstrip(b"}") + b","
            others = [header for header in headers if header[0] != _LENGTH]
            head = head_of(Reply(HTTPStatus.OK, [*others, (_LENGTH, str(len(broken)))], broken), is_last=True)
            connection.send_raw(head + broken)
            connection.close_silently()
        case FaultKind.HANG:
            _hang(connection, delayed_calls)
        case FaultKind.DRIP:
            _drip(connection, head_of(whole, is_last=True) + body, delayed_calls)


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
