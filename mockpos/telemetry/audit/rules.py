"""The six rules of the audit: each looks at one Global ID's calls and proves a finding, or finds nothing.

They are pure. ``findings.FINDING_KINDS`` says in words what they decide.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mockpos.domain.catalogue import Operation
from mockpos.domain.counted import are, counted
from mockpos.domain.hold import HoldStatus
from mockpos.telemetry.audit.findings import Finding, FindingKind
from mockpos.telemetry.audit.history import CallHistory, CallSummary, Heard, is_transport

_ENDED_WELL = (HoldStatus.RELEASED, HoldStatus.INVOICED)
_NOTHING_LEFT_TO_RELEASE = ("hold_not_found", "hold_already_invoiced")


class Evidence(NamedTuple):
    """A finding with the calls that prove it, in order of arrival."""

    kind: FindingKind
    calls: tuple[CallSummary, ...]
    detail: str

    def finding(self, history: CallHistory) -> Finding:
        """Write it up. Remote ID and quantity come from whichever call names them."""
        first = self.calls[0]
        named = next((call for call in history.calls if call.quantity is not None), first)
        more = history.left_out
        left_out = f" ({counted(more, 'more call')} with this Global ID {are(more)} not listed.)" if more else ""
        return Finding(
            kind=self.kind,
            global_id=history.calls[0].global_id,
            detail=self.detail + left_out,
            requests=tuple(call.request_id for call in self.calls),
            remote_id=named.remote_id,
            quantity=named.quantity,
            first_at=first.at,
        )


class HoldState(NamedTuple):
    """What is known beside the calls: the hold's present status in the store, and whether live holds are all right."""

    status: str | None = None
    pending_ok: bool = False


_NOTHING_KNOWN = HoldState()


def is_open(history: CallHistory) -> bool:
    """Tell whether the calls would be a finding if no more came: something is pending, or suspicious."""
    if history.is_one_known_hold:
        return True
    return not history.needs_nothing_more and any(prove(history, _NOTHING_KNOWN))


def prove(history: CallHistory, state: HoldState) -> Iterator[Evidence]:
    """Yield everything that the calls of one Global ID prove."""
    rules = (_orphaned_hold,) if history.is_one_known_hold else _RULES  # nothing else can be said of it
    for rule in rules:
        evidence = rule(history, state)
        if evidence is not None:
            yield evidence


def _orphaned_hold(history: CallHistory, state: HoldState) -> Evidence | None:
    hold = history.done(Operation.HOLD)
    if hold is None or history.hold_ended or state.status in _ENDED_WELL:
        return None
    alive = state.status == HoldStatus.HELD
    if alive and state.pending_ok:
        return None
    tries = tuple(call for call in history.calls if call.operation is not Operation.HOLD and call > hold)
    tickets = f"{_tickets_were(hold)} held for {hold.global_id} and neither released nor invoiced"
    detail = f"{tickets}; the hold is still alive." if alive else f"{tickets} before the hold ended by itself."
    return Evidence(FindingKind.ORPHANED_HOLD, (hold, *tries), detail)


def _unacknowledged_commit(history: CallHistory, state: HoldState) -> Evidence | None:
    last = history.calls[-1]
    if not last.committed or last.heard is not Heard.UNKNOWN:
        return None
    if last.operation is Operation.HOLD and (history.hold_ended or state.status in _ENDED_WELL):
        return None  # what ended it came after it, in whatever order they were recorded
    if any(call.whole and _repeats(call) for call in history.of(last.operation)):
        return None  # a replay comes after what it replays
    answer = f"the answer was {last.code}" if last.whole else "the answer was lost"
    detail = (
        f"The {last.operation} of {last.global_id} took effect, {answer}, "
        "and no later call with this Global ID asked what became of it."
    )
    return Evidence(FindingKind.UNACKNOWLEDGED_COMMIT, (last,), detail)


def _repeats(call: CallSummary) -> bool:
    """Tell whether a call found done what it asks for, a remembered release of nothing included."""
    nothing_again = call.operation is Operation.RELEASE and call.code == "hold_not_found"
    return nothing_again or (call.done and not call.committed)


def _double_hold(history: CallHistory, state: HoldState) -> Evidence | None:
    resubmission, hold = history.resubmission, history.unheard_hold()
    if resubmission is None or hold is None or resubmission < history.calls[-1]:
        return None
    if history.ended_at is not None and resubmission.at >= history.ended_at:
        return None
    detail = (
        f"{_tickets_were(hold)} held for {hold.global_id}, whose caller did not learn it, and asked for again as "
        f"{resubmission.global_id} while the first hold lived."
    )
    return Evidence(FindingKind.DOUBLE_HOLD, (*history.calls, resubmission), detail)


def _invoice_missing(history: CallHistory, state: HoldState) -> Evidence | None:
    tries = tuple(history.of(Operation.INVOICE))
    if not tries or history.done(Operation.INVOICE) or state.status == HoldStatus.INVOICED:
        return None
    if any(call > tries[-1] and _settles(call) for call in history.of(Operation.RELEASE)):
        return None
    last = tries[-1]
    times = "once" if len(tries) == 1 else f"{len(tries)} times"
    answer = last.code if last.whole and last.code else "no whole answer"
    detail = f"The invoice of {last.global_id} was tried {times} and never got through; the last try met {answer}."
    return Evidence(FindingKind.INVOICE_MISSING, tries, detail)


def _settles(release: CallSummary) -> bool:
    return release.done or (release.whole and release.code in _NOTHING_LEFT_TO_RELEASE)


def _second_order(history: CallHistory, state: HoldState) -> Evidence | None:
    sold = history.done(Operation.INVOICE)
    if sold is not None:
        again = [call for call in history.of(Operation.INVOICE) if call > sold and call.order_id != sold.order_id]
    else:
        again = [call for call in history.of(Operation.INVOICE) if _found_it_sold(call, state)]
    if not again:
        return None
    orders = ", ".join(dict.fromkeys(str(call.order_id) for call in again))
    under = f" under order {sold.order_id}" if sold else ""
    detail = f"The hold of {again[0].global_id} was invoiced{under} and then again under {orders}."
    return Evidence(FindingKind.SECOND_ORDER, (sold, *again) if sold else tuple(again), detail)


def _found_it_sold(call: CallSummary, state: HoldState) -> bool:
    """Tell whether a conflict is about this hold's own invoice, and not about an order that another hold has."""
    sold = call.invoiced_before or state.status == HoldStatus.INVOICED
    return sold and call.code == "order_id_conflict"


def _kept_calling(history: CallHistory, state: HoldState) -> Evidence | None:
    refusals: dict[tuple[object, ...], CallSummary] = {}
    evidence: list[CallSummary] = []
    for call in history.calls:
        refusal = refusals.get(_same_call(call)) or refusals.get(_same_bytes(call))
        goes_on = refusal is not None and _goes_on(call, refusal)
        if refusal is not None and goes_on:
            evidence += [call] if refusal in evidence else [refusal, call]
        if call.committed:
            refusals.clear()  # the state is another one: the same call may well be right now
        if call.heard is Heard.REFUSED and not goes_on:
            refusals[_same_bytes(call) if is_transport(call) else _same_call(call)] = call
    if not evidence:
        return None
    evidence.sort()
    first = evidence[0]
    detail = (
        f"The {first.operation} of {first.global_id} was refused for good ({first.code}) and repeated all the same."
    )
    return Evidence(FindingKind.KEPT_CALLING_AFTER_REFUSAL, tuple(evidence), detail)


def _same_call(call: CallSummary) -> tuple[object, ...]:
    """Return what makes two calls of one Global ID the same call."""
    match call.operation:
        case Operation.HOLD:
            return call.operation, call.remote_id, call.quantity
        case Operation.INVOICE:
            return call.operation, call.order_id
        case Operation.RELEASE:
            return (call.operation,)


def _same_bytes(call: CallSummary) -> tuple[object, ...]:
    return call.operation, call.code, call.body


def _goes_on(call: CallSummary, refusal: CallSummary) -> bool:
    if call.code != refusal.code and (is_transport(refusal) or refusal.code == "held_by_another"):
        return False  # it may have been worth another try
    return call.whole or call.arrival > refusal.arrival  # of equal arrival and unheard: perhaps it came first


def _tickets_were(hold: CallSummary) -> str:
    return f"{hold.quantity} of {hold.remote_id} {'was' if hold.quantity == 1 else 'were'}"


_RULES: tuple[Callable[[CallHistory, HoldState], Evidence | None], ...] = (
    _orphaned_hold,
    _unacknowledged_commit,
    _double_hold,
    _invoice_missing,
    _second_order,
    _kept_calling,
)
