"""The judge of a checkout: from its calls, as the journal has them, the audit, and what is sold and held at the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockpos.checkout_plan.plan import End, Plan
from mockpos.conformance.check import Level, Reason, Source, Word, recommendation
from mockpos.conformance.evidence import KEY_MARK
from mockpos.conformance.judge import Finding
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import parse_rfc3339
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.counted import are, counted, were
from mockpos.testing.results import Finding as Left
from mockpos.testing.sandbox import Sandbox

_NOT_SHOWN = ("host", "connection", "content-length", "accept-encoding")
_COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``at`` and ``took`` are in seconds; ``document`` is all that the journal knows of it."""

    number: int
    request_id: str
    operation: str
    code: str
    global_id: str
    committed: bool
    sent: str
    at: float
    took: float
    retry_after: float | None
    document: Mapping[str, Any]

    @property
    def is_lost(self) -> bool:
        """Tell whether its caller cannot know what became of it."""
        return self.sent != _COMPLETE or (self.code in CATALOGUE and CATALOGUE[self.code].outcome_unknown)

    @property
    def is_refused(self) -> bool:
        """Tell whether it was refused for good, and the caller heard so."""
        return self.sent == _COMPLETE and self.code in CATALOGUE and not CATALOGUE[self.code].retryable

    @property
    def is_done(self) -> bool:
        """Tell whether it was answered with success, and the caller heard so."""
        return self.sent == _COMPLETE and self.code in ("held", "released", "invoiced")


def read_calls(sandbox: Sandbox, first_number: int = 1) -> list[Call]:
    """Return the calls of the three operations so far, in order of arrival, numbered from ``first_number``."""
    listed = [each for each in sandbox.calls() if each["operation"] is not None]
    documents = [sandbox.call(each["request_id"]) for each in listed]
    return [_call(number, *each) for number, each in enumerate(zip(listed, documents, strict=True), first_number)]


def exchange_of(call: Call, plan: str, began: float) -> dict[str, Any]:
    """Lay a call out as the reports of the kit have exchanges: without the key and without the host."""
    request, response = call.document["request"], call.document["response"]
    exchange = {
        "number": call.number, "check": plan, "step": f"{plan}: {call.operation}", "operation": call.operation,
        "method": request["method"], "target": request["target"], "key": "right",
        "headers": [[name, KEY_MARK if value == "[redacted]" else value] for name, value in _headers(request)],
        "body": _text(request), "at": round(call.at - began, 3), "took": round(call.took, 4),
        "global_id": call.global_id,
    }  # fmt: skip
    if call.sent != _COMPLETE or response is None:
        done = "took effect" if call.committed else "changed nothing"
        return exchange | {"detail": f"the answer was lost on the way ({call.sent}); the call {done}"}
    answer = {"status": response["status"], "response_body": _text(response), "response_is_json": True}
    return exchange | answer | {"response_headers": [list(pair) for pair in _headers(response)]}


def _call(number: int, listed: Mapping[str, Any], document: Mapping[str, Any]) -> Call:
    response = document["response"] or {"headers": ()}
    waits = [each["value"] for each in response["headers"] if each["name"].lower() == "retry-after"]
    return Call(
        number, listed["request_id"], listed["operation"], listed["code"] or "", listed["global_id"] or "",
        listed["committed"], listed["sent"], parse_rfc3339(listed["at"]) / 1000, listed["duration_ms"] / 1000,
        float(waits[0]) if waits and waits[0].isdecimal() else None, document,
    )  # fmt: skip


def _headers(message: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    pairs = [(each["name"], each["value"]) for each in message["headers"]]
    return [pair for pair in pairs if pair[0].lower() not in _NOT_SHOWN]


def _text(message: Mapping[str, Any]) -> str:
    return str((message.get("body") or {}).get("text", ""))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``finding`` is the audit's kind of finding that breaks it, where it is one of the audit's."""

    id: str
    rule: str
    source: Source
    finding: str = ""

    level = Level.SHOULD


ENDS_WELL = Rule(
    "BUY-01",
    "The purchase ends as it has to, and never with more tickets than were asked for.",
    recommendation("the buyer has the tickets and the order, or neither"),
)
WAITS = Rule(
    "BUY-08",
    "A call that was answered with Retry-After is not sent again sooner.",
    recommendation("an automator that is overrun recovers only when its callers wait"),
)

RULES = (
    ENDS_WELL,
    Rule(
        "BUY-02",
        "Every hold that is not invoiced is released, also one whose answer was never heard.",
        recommendation("tickets that nobody releases cannot be sold until the hold lapses"),
        "orphaned_hold",
    ),
    Rule(
        "BUY-03",
        "A call whose answer was lost is followed up: the same call again, or a release.",
        recommendation("after a lost answer nobody knows whether tickets are held or sold"),
        "unacknowledged_commit",
    ),
    Rule(
        "BUY-04",
        "A hold whose answer was lost is repeated under the same Global ID.",
        recommendation("under a new one the same buyer holds twice as many tickets"),
        "double_hold",
    ),
    Rule(
        "BUY-05",
        "An invoice is repeated until it is answered for good; if it is refused, the hold is released.",
        recommendation("the order exists already: without an invoice its buyer has no tickets"),
        "invoice_missing",
    ),
    Rule(
        "BUY-06",
        "A hold is invoiced under one Order ID only.",
        recommendation("a second order for the same tickets has a buyer who gets none"),
        "second_order",
    ),
    Rule(
        "BUY-07",
        "A call that was refused for good is not repeated.",
        recommendation("it cannot succeed, and each try keeps a buyer waiting"),
        "kept_calling_after_refusal",
    ),
    WAITS,
)


_TOLERANCE_S = 0.15
_ENDS = {End.BOUGHT: "the tickets are bought", End.NOTHING: "no ticket is sold or held"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came of a plan. ``sold`` and ``held`` are numbers of tickets at its end; ``why_none`` why no call came."""

    calls: Sequence[Call]
    left: Sequence[Left]
    sold: int
    held: int
    why_none: Reason | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule came to under a plan, with the calls that the purchase consisted of."""

    plan: Plan
    rule: Rule
    finding: Finding


def judge(plan: Plan, evidence: Evidence) -> list[Result]:
    """Judge one plan by every rule."""
    return [Result(plan, rule, _judged(plan, rule, evidence)) for rule in RULES]


def _judged(plan: Plan, rule: Rule, evidence: Evidence) -> Finding:
    if evidence.why_none is not None:
        detail = "no hold came" if evidence.why_none is Reason.TIMED_OUT else "it was stopped before it ended"
        return Finding(word=Word.CANNOT_TEST, reason=evidence.why_none, detail=detail)
    found = _failure(plan, rule, evidence)
    if found is not None:
        return found
    made = {call.operation for call in evidence.calls}
    missing = [operation.value for operation in plan.meets if operation.value not in made]
    if missing:
        return Finding(word=Word.CANNOT_TEST, reason=Reason.PRECONDITION, detail=f"no {missing[0]} came")
    needed, otherwise = _ARISES.get(rule.id, (lambda call: True, ""))
    if not any(needed(call) for call in evidence.calls):
        return Finding(word=Word.NOT_OFFERED, detail=otherwise)
    return Finding(word=Word.PASS, outcome="as expected")


def _failure(plan: Plan, rule: Rule, evidence: Evidence) -> Finding | None:
    if rule is ENDS_WELL:
        return _wrong_end(plan, evidence)
    if rule is WAITS:
        return _too_soon(evidence.calls)
    left = [each for each in evidence.left if each.kind == rule.finding]
    if not left:
        return None
    ids = {request_id for each in left for request_id in each.requests}
    proof = tuple(call.number for call in evidence.calls if call.request_id in ids)
    return Finding(word=Word.FAIL, detail=" ".join(each.detail for each in left), proof=proof)


def _wrong_end(plan: Plan, evidence: Evidence) -> Finding | None:
    numbers = tuple(call.number for call in evidence.calls)
    if evidence.sold > plan.quantity:
        detail = f"{counted(evidence.sold, 'ticket')} {were(evidence.sold)} bought where {plan.quantity} were asked for"
    elif evidence.held:
        detail = f"{counted(evidence.held, 'ticket')} {are(evidence.held)} still held"
    elif (End.BOUGHT if evidence.sold else End.NOTHING) in plan.ends and evidence.sold in (0, plan.quantity):
        return None
    else:
        wanted = " or ".join(_ENDS[end] for end in plan.ends)
        detail = f"{counted(evidence.sold, 'ticket')} {were(evidence.sold)} bought; it has to end so that {wanted}"
    return Finding(word=Word.FAIL, detail=detail, proof=numbers)


def _too_soon(calls: Sequence[Call]) -> Finding | None:
    for at, call in enumerate(calls):
        again = next((each for each in calls[at + 1 :] if _same(each, call)), None)
        if call.retry_after is None or again is None or call.is_lost:
            continue
        waited = again.at - call.at - call.took
        if waited < call.retry_after - _TOLERANCE_S:
            asked = f"Retry-After {call.retry_after:g} s was answered, and the {call.operation} came again after "
            return Finding(word=Word.FAIL, detail=f"{asked}{max(0.0, waited):.2f} s", proof=(call.number, again.number))
    return None


def _same(call: Call, other: Call) -> bool:
    return (call.operation, call.global_id) == (other.operation, other.global_id)


_INVOICE = Operation.INVOICE.value
_ARISES: dict[str, tuple[Callable[[Call], bool], str]] = {
    "BUY-02": (lambda call: call.committed and call.operation == Operation.HOLD.value, "no ticket was held"),
    "BUY-03": (lambda call: call.is_lost, "no answer was lost"),
    "BUY-04": (lambda call: call.is_lost and call.operation == Operation.HOLD.value, "no hold's answer was lost"),
    "BUY-05": (lambda call: call.operation == _INVOICE and not call.is_done, "no invoice failed"),
    "BUY-06": (lambda call: call.operation == _INVOICE and call.committed, "nothing was invoiced"),
    "BUY-07": (lambda call: call.is_refused, "nothing was refused for good"),
    "BUY-08": (lambda call: call.retry_after is not None, "no answer asked to wait"),
}
"""When a rule can be broken at all, and what is said of it otherwise: what did not arise was not tested."""
