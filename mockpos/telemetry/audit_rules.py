"""The six rules of the audit: each looks at one Global ID's calls and proves a finding, or finds nothing.

They are pure. ``findings.FINDING_KINDS`` says in words what they decide.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mockpos.domain.catalogue import Operation
from mockpos.domain.hold import HoldStatus
from mockpos.telemetry.audit_trail import Heard, Step, Trail, is_transport
from mockpos.telemetry.findings import Finding, FindingKind

_ENDED_WELL = (HoldStatus.RELEASED, HoldStatus.INVOICED)
_NOTHING_LEFT_TO_RELEASE = ("hold_not_found", "hold_already_invoiced")


class Proof(NamedTuple):
    """A finding with the calls that prove it, in order of arrival."""

    kind: FindingKind
    steps: tuple[Step, ...]
    detail: str

    def finding(self, trail: Trail) -> Finding:
        """Write it up. Remote ID and quantity come from whichever call names them."""
        first = self.steps[0]
        named = next((step for step in trail.steps if step.quantity is not None), first)
        left_out = f" ({trail.left_out} more calls with this Global ID are not listed.)" if trail.left_out else ""
        return Finding(
            kind=self.kind,
            global_id=trail.steps[0].global_id,
            detail=self.detail + left_out,
            requests=tuple(step.request_id for step in self.steps),
            remote_id=named.remote_id,
            quantity=named.quantity,
            first_at=first.at,
        )


class Situation(NamedTuple):
    """What is known beside the calls: the hold's present status in the store, and whether live holds are all right."""

    status: str | None = None
    pending_ok: bool = False


def prove(trail: Trail, situation: Situation) -> Iterator[Proof]:
    """Yield everything that the calls of one Global ID prove."""
    for rule in _RULES:
        proof = rule(trail, situation)
        if proof is not None:
            yield proof


def _orphaned_hold(trail: Trail, situation: Situation) -> Proof | None:
    hold = trail.done(Operation.HOLD)
    if hold is None or trail.hold_ended or situation.status in _ENDED_WELL:
        return None
    alive = situation.status == HoldStatus.HELD
    if alive and situation.pending_ok:
        return None
    tries = tuple(step for step in trail.steps if step.operation is not Operation.HOLD and step > hold)
    tickets = f"{_tickets(hold)} were held for {hold.global_id} and neither released nor invoiced"
    detail = f"{tickets}; the hold is still alive." if alive else f"{tickets} before the hold ended by itself."
    return Proof(FindingKind.ORPHANED_HOLD, (hold, *tries), detail)


def _unacknowledged_commit(trail: Trail, situation: Situation) -> Proof | None:
    last = trail.steps[-1]
    if not last.committed or last.heard is not Heard.UNKNOWN:
        return None
    if last.operation is Operation.HOLD and (trail.hold_ended or situation.status in _ENDED_WELL):
        return None  # what ended it came after it, in whatever order they were recorded
    if any(step.whole and _repeats(step) for step in trail.of(last.operation)):
        return None  # a replay comes after what it replays
    answer = f"the answer was {last.code}" if last.whole else "the answer was lost"
    detail = (
        f"The {last.operation} of {last.global_id} took effect, {answer}, "
        "and no later call with this Global ID asked what became of it."
    )
    return Proof(FindingKind.UNACKNOWLEDGED_COMMIT, (last,), detail)


def _repeats(step: Step) -> bool:
    """Tell whether a call found done what it asks for, a remembered release of nothing included."""
    nothing_again = step.operation is Operation.RELEASE and step.code == "hold_not_found"
    return nothing_again or (step.done and not step.committed)


def _double_hold(trail: Trail, situation: Situation) -> Proof | None:
    rival, hold = trail.rival, trail.unheard_hold()
    if rival is None or hold is None or rival < trail.steps[-1]:
        return None
    if trail.ended_at is not None and rival.at >= trail.ended_at:
        return None
    detail = (
        f"{_tickets(hold)} were held for {hold.global_id}, whose caller did not learn it; they were asked for again as "
        f"{rival.global_id} while the first hold lived."
    )
    return Proof(FindingKind.DOUBLE_HOLD, (*trail.steps, rival), detail)


def _invoice_missing(trail: Trail, situation: Situation) -> Proof | None:
    tries = tuple(trail.of(Operation.INVOICE))
    if not tries or trail.done(Operation.INVOICE) or situation.status == HoldStatus.INVOICED:
        return None
    if any(step > tries[-1] and _settles(step) for step in trail.of(Operation.RELEASE)):
        return None
    last = tries[-1]
    times = "once" if len(tries) == 1 else f"{len(tries)} times"
    answer = last.code if last.whole and last.code else "no whole answer"
    detail = f"The invoice of {last.global_id} was tried {times} and never got through; the last try met {answer}."
    return Proof(FindingKind.INVOICE_MISSING, tries, detail)


def _settles(release: Step) -> bool:
    return release.done or (release.whole and release.code in _NOTHING_LEFT_TO_RELEASE)


def _second_order(trail: Trail, situation: Situation) -> Proof | None:
    sold = trail.done(Operation.INVOICE)
    if sold is not None:
        again = [step for step in trail.of(Operation.INVOICE) if step > sold and step.order_id != sold.order_id]
    else:
        again = [step for step in trail.of(Operation.INVOICE) if _found_it_sold(step, situation)]
    if not again:
        return None
    orders = ", ".join(dict.fromkeys(str(step.order_id) for step in again))
    under = f" under order {sold.order_id}" if sold else ""
    detail = f"The hold of {again[0].global_id} was invoiced{under} and then again under {orders}."
    return Proof(FindingKind.SECOND_ORDER, (sold, *again) if sold else tuple(again), detail)


def _found_it_sold(step: Step, situation: Situation) -> bool:
    """Tell whether a conflict is about this hold's own invoice, and not about an order that another hold has."""
    sold = step.invoiced_before or situation.status == HoldStatus.INVOICED
    return sold and step.code == "order_id_conflict"


def _kept_calling(trail: Trail, situation: Situation) -> Proof | None:
    refusals: dict[tuple[object, ...], Step] = {}
    proof: list[Step] = []
    for step in trail.steps:
        refusal = refusals.get(_same_call(step)) or refusals.get(_same_bytes(step))
        goes_on = refusal is not None and _goes_on(step, refusal)
        if refusal is not None and goes_on:
            proof += [step] if refusal in proof else [refusal, step]
        if step.committed:
            refusals.clear()  # the state is another one: the same call may well be right now
        if step.heard is Heard.REFUSED and not goes_on:
            refusals[_same_bytes(step) if is_transport(step) else _same_call(step)] = step
    if not proof:
        return None
    proof.sort()
    first = proof[0]
    detail = (
        f"The {first.operation} of {first.global_id} was refused for good ({first.code}) and repeated all the same."
    )
    return Proof(FindingKind.KEPT_CALLING_AFTER_REFUSAL, tuple(proof), detail)


def _same_call(step: Step) -> tuple[object, ...]:
    """Return what makes two calls of one Global ID the same call."""
    match step.operation:
        case Operation.HOLD:
            return step.operation, step.remote_id, step.quantity
        case Operation.INVOICE:
            return step.operation, step.order_id
        case Operation.RELEASE:
            return (step.operation,)


def _same_bytes(step: Step) -> tuple[object, ...]:
    return step.operation, step.code, step.body


def _goes_on(step: Step, refusal: Step) -> bool:
    if step.code != refusal.code and (is_transport(refusal) or refusal.code == "held_by_another"):
        return False  # it may have been worth another try
    return step.whole or step.arrival > refusal.arrival  # of equal arrival and unheard: perhaps it came first


def _tickets(hold: Step) -> str:
    return f"{hold.quantity} of {hold.remote_id}"


_RULES: tuple[Callable[[Trail, Situation], Proof | None], ...] = (
    _orphaned_hold,
    _unacknowledged_commit,
    _double_hold,
    _invoice_missing,
    _second_order,
    _kept_calling,
)
