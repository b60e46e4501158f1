"""Carries a call out as its scenario's plan says: waits, forces an answer, breaks the connection, or nothing at all.

A wait before the commit is outside every lock and transaction: state and clock are read after it.
"""

import time
from collections.abc import Callable, Sequence

from flask import Response

from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import Refusal
from mockpos.sandboxes.sandbox import RESET
from mockpos.scenario.facts import Facts
from mockpos.scenario.outcomes import Fault, FaultKind, Phase, PosAction, Raw, Respond
from mockpos.scenario.plan import Plan
from mockpos.scenario.refusals import refusal_for
from mockpos.scenario.selector import HEADER
from mockpos.web.contract.call import Call
from mockpos.web.contract.faults import break_connection, require_connection
from mockpos.web.replies import Replies
from mockpos.web.request_ids import HEADER as REQUEST_ID
from mockpos.web.request_ids import request_id

_NOTHING_HAPPENED = Refusal("pos_unavailable", "The point of sale is not available; nothing was changed.")

_HEADER_VARIABLE = "HTTP_" + HEADER.upper().replace("-", "_")

CarryOut = Callable[[Sequence[PosAction]], Response]
"""Makes the call's change, with what the POS does in the same transaction, and returns the answer. Raises Refusal."""


class Stage:
    """Where calls are played, each in its own sandbox."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def play(self, call: Call, carry_out: CarryOut) -> Response:
        """Answer one call. Raises Refusal and MockMisuse as the call itself does."""
        header = call.environ.get(_HEADER_VARIABLE)
        if header is None and not call.sandbox.selector.may_act(call.arguments.get("remote_id")):
            call.sandbox.selector.count(call.operation, call.arguments["global_id"])
            return carry_out(())
        facts = _facts(call, header)
        plan = call.sandbox.selector.plan(facts, header)
        if plan is None:
            return carry_out(())
        call.note.plan = plan
        if isinstance(plan.outcome, Fault):
            require_connection(call.environ)
            call.note.cut = True
        try:
            response = self._follow(plan, facts, call, carry_out)
        except Refusal as refusal:
            call.note.code = refusal.code
            response = self._replies.refusal(refusal, request_id())
        response.headers.update(_marks(plan))
        return response

    def _follow(self, plan: Plan, facts: Facts, call: Call, carry_out: CarryOut) -> Response:
        if plan.delay_ms and plan.delay_at is Phase.BEFORE_COMMIT:
            _sleep(call, plan.delay_s)
        answer = self._carried_out(plan, carry_out) if plan.commits else None
        if plan.delay_ms and plan.delay_at is Phase.AFTER_COMMIT:
            _sleep(call, plan.delay_s, committed=True)
        match plan.outcome:
            case None:
                assert answer is not None
                return answer
            case Respond():
                raise refusal_for(plan.outcome, facts, call.sandbox.clock.now())
            case Raw():
                call.note.code = f"raw {plan.outcome.status}"
                return Response(plan.outcome.body, plan.outcome.status, content_type=plan.outcome.content_type)
            case Fault():
                if answer is None and plan.outcome.kind is FaultKind.DRIP:
                    answer = self._replies.refusal(_NOTHING_HAPPENED, request_id())  # it arrives whole: it must be true
                call.note.code = call.note.code or plan.outcome.kind.value
                marks = {**_marks(plan), REQUEST_ID: request_id()}
                return break_connection(plan.outcome.kind, call.environ, answer, marks, call.sandbox.delayed_calls)

    def _carried_out(self, plan: Plan, carry_out: CarryOut) -> Response:
        try:
            return carry_out(plan.pos)
        except Refusal as refusal:
            if plan.outcome is None:
                raise
            return self._replies.refusal(refusal, request_id())  # its caller is told otherwise


def _sleep(call: Call, seconds: float, *, committed: bool = False) -> None:
    started = time.monotonic()
    woken = call.sandbox.delayed_calls.sleep(seconds)
    call.note.delay_served_ms = (time.monotonic() - started) * 1000
    if woken == RESET and not committed:
        refusal = Refusal("pos_unavailable", "The mock was reset while this call waited; nothing was changed.")
        refusal.made_by_mock = True
        raise refusal


def _facts(call: Call, header: str | None) -> Facts:
    remote_id, quantity = call.arguments.get("remote_id"), call.arguments.get("quantity")
    if call.operation is not Operation.HOLD and call.sandbox.selector.needs_hold(call.operation, header):
        hold = call.sandbox.automator.peek(call.arguments["global_id"])
        if hold is not None:
            remote_id, quantity = hold.remote_id, hold.quantity
    return Facts(
        operation=call.operation,
        global_id=call.arguments["global_id"],
        remote_id=remote_id,
        quantity=quantity,
        order_id=call.arguments.get("order_id"),
        headers=call,
    )


def _marks(plan: Plan) -> dict[str, str]:
    """Return the headers of an answer that a rule touched."""
    return {"X-Mockpos-Scenario": plan.scenario, "X-Mockpos-Rule": plan.rule_id}
