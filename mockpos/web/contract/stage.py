"""Carries a call out as its scenario's plan says: waits, forces an answer, breaks the connection, or nothing at all.

A wait before the commit is outside every lock and transaction: state and clock are read after it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Clock
from mockpos.domain.errors import Refusal
from mockpos.domain.hold import Hold
from mockpos.scenario.director import HEADER, Director
from mockpos.scenario.facts import Facts
from mockpos.scenario.outcomes import Fault, FaultKind, Phase, PosAction, Raw, Respond
from mockpos.scenario.plan import Plan
from mockpos.scenario.refusals import refusal_for
from mockpos.server.sleepers import Sleepers
from mockpos.web.call_log import CallNote
from mockpos.web.contract.faults import break_connection, require_connection
from mockpos.web.replies import Replies
from mockpos.web.request_ids import HEADER as REQUEST_ID
from mockpos.web.request_ids import request_id

RESET = "reset"
"""Why a sleeper was woken, when its world is gone: it must not commit."""

_VARIABLE = "HTTP_" + HEADER.upper().replace("-", "_")

_NOTHING_HAPPENED = Refusal("pos_unavailable", "The point of sale is not available; nothing was changed.")

CarryOut = Callable[[Sequence[PosAction]], Response]
"""Makes the call's change, with what the POS does in the same transaction, and returns the answer. Raises Refusal."""


class Stage:
    """Where the calls of one sandbox are played."""

    def __init__(
        self, director: Director, sleepers: Sleepers, replies: Replies, clock: Clock, peek: Callable[[str], Hold | None]
    ) -> None:
        self._director = director
        self._sleepers = sleepers
        self._replies = replies
        self._clock = clock
        self._peek = peek

    def play(
        self, operation: Operation, arguments: Mapping[str, Any], environ: Mapping[str, Any], note: CallNote,
        carry_out: CarryOut,
    ) -> Response:  # fmt: skip
        """Answer one call. Raises Refusal and MockMisuse as the call itself does."""
        header = environ.get(_VARIABLE)
        facts = self._facts(operation, arguments, environ, header)
        plan = self._director.plan(facts, header)
        if plan is None:
            return carry_out(())
        note.injected = f"{plan.scenario}/{plan.rule_id}: {plan}"
        if isinstance(plan.outcome, Fault):
            require_connection(environ)
            note.cut = True
        try:
            response = self._follow(plan, facts, environ, carry_out)
        except Refusal as refusal:
            note.outcome = refusal.code
            response = self._replies.refusal(refusal, request_id())
        response.headers.update(_marks(plan))
        return response

    def _follow(self, plan: Plan, facts: Facts, environ: Mapping[str, Any], carry_out: CarryOut) -> Response:
        if plan.delay_ms and plan.delay_at is Phase.BEFORE_COMMIT:
            self._sleep(plan.delay_s)
        answer = None
        if plan.commits:
            try:
                answer = carry_out(plan.pos)
            except Refusal as refusal:
                if plan.outcome is None:
                    raise
                answer = self._replies.refusal(refusal, request_id())  # told otherwise below
        if plan.delay_ms and plan.delay_at is Phase.AFTER_COMMIT:
            self._sleep(plan.delay_s, committed=True)
        if plan.outcome is None:
            assert answer is not None
            return answer
        if isinstance(plan.outcome, Fault):
            if answer is None and plan.outcome.kind is FaultKind.DRIP:
                answer = self._replies.refusal(_NOTHING_HAPPENED, request_id())  # it arrives whole, so it must be true
            marks = {**_marks(plan), REQUEST_ID: request_id()}
            return break_connection(plan.outcome.kind, environ, answer, marks, self._sleepers)
        return self._forced(plan.outcome, facts)

    def _forced(self, outcome: Respond | Raw, facts: Facts) -> Response:
        match outcome:
            case Respond():
                raise refusal_for(outcome, facts, self._clock.now())
            case Raw():
                return Response(outcome.body, outcome.status, content_type=outcome.content_type)

    def _sleep(self, seconds: float, *, committed: bool = False) -> None:
        if self._sleepers.sleep(seconds) == RESET and not committed:
            raise Refusal("pos_unavailable", "The mock was reset while this call waited; nothing was changed.")

    def _facts(
        self, operation: Operation, arguments: Mapping[str, Any], environ: Mapping[str, Any], header: str | None
    ) -> Facts:
        remote_id, quantity = arguments.get("remote_id"), arguments.get("quantity")
        if operation is not Operation.HOLD and self._director.needs_hold(operation, header):
            hold = self._peek(arguments["global_id"])
            if hold is not None:
                remote_id, quantity = hold.remote_id, hold.quantity
        return Facts(
            operation=operation,
            global_id=arguments["global_id"],
            remote_id=remote_id,
            quantity=quantity,
            order_id=arguments.get("order_id"),
            headers=_Headers(environ),
        )


def _marks(plan: Plan) -> dict[str, str]:
    """Return the headers of an answer that a rule touched."""
    return {"X-Mockpos-Scenario": plan.scenario, "X-Mockpos-Rule": plan.rule_id}


class _Headers:
    """The request's headers, by name in any letter case."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def get(self, name: str, /) -> str | None:
        variable = name.upper().replace("-", "_")
        prefix = "" if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_"
        return self._environ.get(prefix + variable)
