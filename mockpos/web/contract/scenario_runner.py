"""Carries a call out as its scenario's plan says: waits, forces an answer, breaks the connection, or nothing at all.

A wait before the commit is outside every lock and transaction: state and clock are read after it. Faults need the real
connection, which ``mockpos serve`` hands over. Elsewhere they are refused loudly, before anything is changed: a fault
that silently does not happen proves nothing.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus

from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import MockMisuse, Refusal
from mockpos.sandboxes.sandbox import RESET, STOPPED, Sandbox
from mockpos.scenario.model import Facts
from mockpos.scenario.outcomes import Fault, FaultKind, Phase, Plan, PosAction, Raw, Respond
from mockpos.scenario.refusals import refusal_for
from mockpos.server.delays import DelayedCalls
from mockpos.server.faults import Connection
from mockpos.server.request import Reply, Request, head_of, whole
from mockpos.web.exchange import Exchange
from mockpos.web.replies import Replies

_NOTHING_HAPPENED = Refusal("pos_unavailable", "The point of sale is not available; nothing was changed.")

_SCENARIO = b"x-mockpos-scenario"

CarryOut = Callable[[Sequence[PosAction]], Reply]
"""Makes the call's change, with what the POS does in the same transaction, and returns the answer. Raises Refusal."""


class ScenarioRunner:
    """Runs calls as the scenario of their sandbox says."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def run(self, exchange: Exchange, operation: Operation, sandbox: Sandbox, carry_out: CarryOut) -> Reply:
        """Answer one call. Raises Refusal and MockMisuse as the call itself does."""
        given, selector = exchange.arguments, sandbox.selector
        remote_id, quantity = given.get("remote_id"), given.get("quantity")
        if operation is not Operation.HOLD:
            hold = sandbox.store.peek(given["global_id"])
            if hold is not None:
                remote_id, quantity = hold.remote_id, hold.quantity
        exchange.tickets = remote_id, quantity
        chosen = exchange.request.fields.get(_SCENARIO)
        if chosen is None and not selector.may_act(remote_id):
            selector.count(operation, given["global_id"])
            return carry_out(())
        header = None if chosen is None else chosen.decode("latin-1")
        facts = Facts(operation, given["global_id"], remote_id, quantity, given.get("order_id"), exchange)
        plan = selector.plan(facts, header)
        if plan is None:
            return carry_out(())
        exchange.plan = plan
        if isinstance(plan.outcome, Fault):
            require_connection(exchange.request)
        try:
            reply = self._follow(plan, facts, exchange, sandbox, carry_out)
        except Refusal as refusal:
            exchange.refused(refusal.code, refusal.detail, refusal.why)
            reply = self._replies.refusal(refusal, exchange.request_id)
        reply.headers += _marks(plan).items()
        return reply

    def _follow(self, plan: Plan, facts: Facts, exchange: Exchange, sandbox: Sandbox, carry_out: CarryOut) -> Reply:
        if plan.delay_ms and plan.delay_at is Phase.BEFORE_COMMIT:
            _sleep(exchange, sandbox, plan.delay_s)
        reply = self._carried_out(plan, exchange, carry_out) if plan.commits else None
        if plan.delay_ms and plan.delay_at is Phase.AFTER_COMMIT:
            _sleep(exchange, sandbox, plan.delay_s, committed=True)
        match plan.outcome:
            case None:
                assert reply is not None
                return reply
            case Respond():
                raise refusal_for(plan.outcome, facts, sandbox.clock.now())
            case Raw(status=status, content_type=content_type, body=text):
                exchange.code = f"raw {status}"
                return whole(status, [("Content-Type", content_type)], text.encode())
            case Fault(kind=kind):
                if reply is None:
                    reply = self._without_effect(kind, exchange)
                exchange.code = exchange.code or kind.value
                exchange.fault = partial(break_connection, kind, exchange.request, sandbox.delayed_calls)
                return reply

    def _without_effect(self, kind: FaultKind, exchange: Exchange) -> Reply:
        """Return what a broken answer to a call that was not carried out consists of: nothing that is not true."""
        if kind is FaultKind.DRIP:  # it arrives whole
            return self._replies.refusal(_NOTHING_HAPPENED, exchange.request_id)
        return self._replies.success(HTTPStatus.OK, dict(exchange.arguments))

    def _carried_out(self, plan: Plan, exchange: Exchange, carry_out: CarryOut) -> Reply:
        try:
            return carry_out(plan.pos)
        except Refusal as refusal:
            if plan.outcome is None:
                raise
            return self._replies.refusal(refusal, exchange.request_id)  # its caller is told otherwise


def _sleep(exchange: Exchange, sandbox: Sandbox, seconds: float, *, committed: bool = False) -> None:
    started = time.monotonic()
    woken = sandbox.delayed_calls.sleep(seconds)
    exchange.delay_served_ms = (time.monotonic() - started) * 1000
    if woken in (RESET, STOPPED) and not committed:
        refusal = Refusal("pos_unavailable", f"The mock was {woken} while this call waited; nothing was changed.")
        refusal.made_by_mock = True
        raise refusal


def _marks(plan: Plan) -> dict[str, str]:
    """Return the headers of an answer that a rule touched."""
    return {"X-Mockpos-Scenario": plan.scenario, "X-Mockpos-Rule": plan.rule_id}


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
