"""Makes the record of a call once its answer was sent, and gives it to whoever watches the call's sandbox."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mockpos.contract.model import KeyRule
from mockpos.domain.calls import Sent
from mockpos.server.request import Reply, Request
from mockpos.telemetry.call_record import CallRecord, Redactor

if TYPE_CHECKING:
    from mockpos.web.exchange import Exchange

_KEPT_BODY = 65_536


class Recorder:
    """Records calls under one contract, whose key header must not be shown."""

    def __init__(self, key: KeyRule, monotonic: Callable[[], float]) -> None:
        self._redactor = Redactor({key.header}, key.scheme)
        self._monotonic = monotonic

    def record(self, exchange: "Exchange", reply: Reply) -> None:
        """Record a call whose answer was sent."""
        sandbox, request, given = exchange.sandbox, exchange.request, exchange.arguments
        if sandbox is None:
            return
        remote_id, quantity = given.get("remote_id"), given.get("quantity")
        if remote_id is None and given:
            hold = sandbox.automator.peek(given["global_id"])
            remote_id, quantity = (hold.remote_id, hold.quantity) if hold is not None else (None, None)
        sandbox.telemetry.record(
            CallRecord(
                exchange.request_id,
                exchange.answered_at or sandbox.clock.now(),
                exchange.started,
                exchange.operation,
                request.method,
                request.target.decode("latin-1"),
                request.headers,
                request.body[:_KEPT_BODY],
                given.get("global_id"),
                remote_id,
                quantity,
                given.get("order_id"),
                reply.status,
                exchange.code,
                tuple(reply.headers),
                reply.body[:_KEPT_BODY] if isinstance(reply.body, bytes) else b"",
                exchange.replayed,
                exchange.committed,
                _sent(request),
                exchange.plan,
                exchange.delay_served_ms,
                (self._monotonic() - exchange.started) * 1000,
                exchange.before,
                exchange.after,
                self._redactor,
                exchange.refused_because,
            )
        )


def _sent(request: Request) -> Sent:
    """Tell what became of the answer. Only our own server knows; another one is taken at its word."""
    connection = request.connection
    if connection is None:
        return Sent.COMPLETE
    if connection.gone and not connection.ended_here:
        return Sent.CLIENT_GONE
    return Sent.CUT if connection.taken else Sent.COMPLETE
