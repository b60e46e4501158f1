"""The calls of one sandbox as an audit needs them: kept per Global ID, judged when somebody asks.

A history that needs nothing more (bought and paid for, or refused) is *settled*: the last few of these are kept, for
calls that may still come to them. All others stay, up to a bound. It knows no clock and no store: how a hold stands
now is asked for at the audit.
"""

from collections.abc import Callable
from itertools import islice
from threading import Lock

from msgspec.structs import replace

from mockpos.copy_on_write import CopyOnWriteDict
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.identifiers import BUILT_IN_PREFIX
from mockpos.telemetry.audit.findings import AuditReport, Finding, FindingKind
from mockpos.telemetry.audit.history import CallHistory, CallSummary, summarise
from mockpos.telemetry.audit.rules import HoldState, is_open, prove
from mockpos.telemetry.call_record import CallRecord

_MOST_TICKETS = 4096
_MOST_HOLDS = 4

Tickets = tuple[str | None, int | None]


class Resubmissions:
    """First holds and unheard holds, by what they ask for. The caller's lock guards it."""

    __slots__ = ("_firsts", "_unheard")

    def __init__(self) -> None:
        self._firsts: dict[Tickets, tuple[CallSummary, ...]] = {}
        self._unheard: dict[Tickets, tuple[str, ...]] = {}

    def arrived(self, hold: CallSummary) -> tuple[str, ...]:
        """Note the first hold of a Global ID; return the Global IDs that wait for such a one, and forget them."""
        tickets = hold.remote_id, hold.quantity
        earlier = self._firsts.pop(tickets, ())
        self._firsts[tickets] = (*earlier[1 - _MOST_HOLDS :], hold) if earlier else (hold,)
        if len(self._firsts) > _MOST_TICKETS:
            for oldest in list(islice(self._firsts, _MOST_TICKETS // 16)):  # in batches: the front is slow to reach
                del self._firsts[oldest]
        return self._unheard.pop(tickets, ()) if self._unheard else ()

    def find(self, hold: CallSummary, last: CallSummary) -> CallSummary | None:
        """Return the first hold of the same tickets under another Global ID that arrived after ``last``."""
        later = [call for call in self._firsts.get((hold.remote_id, hold.quantity), ()) if call > last]
        return min((call for call in later if call.global_id != hold.global_id), default=None)

    def wait(self, hold: CallSummary) -> None:
        """Let an unheard hold wait for a re-submission."""
        tickets = hold.remote_id, hold.quantity
        waiting = self._unheard.get(tickets, ())
        if hold.global_id not in waiting:
            self._unheard[tickets] = (*waiting, hold.global_id)

    def leave(self, hold: CallSummary) -> None:
        """Let a hold wait no more: its caller knows of it, or it ended."""
        tickets = hold.remote_id, hold.quantity
        waiting = self._unheard.get(tickets)
        if waiting is not None and hold.global_id in waiting:
            others = tuple(global_id for global_id in waiting if global_id != hold.global_id)
            if others:
                self._unheard[tickets] = others
            else:
                del self._unheard[tickets]

    def copy(self) -> "Resubmissions":
        """Return one that is the same now and does not move when this one does."""
        twin = Resubmissions()
        twin._firsts = self._firsts.copy()
        twin._unheard = self._unheard.copy()
        return twin


MOST_OPEN = 100_000
MOST_SETTLED = 4096

Histories = CopyOnWriteDict[CallHistory]


class AuditLedger:
    """The calls of one sandbox by their Global ID. Safe from any thread."""

    __slots__ = ("_count", "_forgotten", "_lock", "_most_open", "_most_settled", "_open", "_resubmissions", "_settled")

    def __init__(self, *, most_open: int = MOST_OPEN, most_settled: int = MOST_SETTLED) -> None:
        self._most_open = most_open
        self._most_settled = most_settled
        self._lock = Lock()
        self._clear()

    def record(self, call: CallRecord) -> None:
        """Take in one call of an operation, after its answer was sent: one that hangs, after those that followed it up.

        What the mock says about its own use, calls without a Global ID, and the magic Remote IDs are left out.
        """
        operation, global_id = call.operation, call.global_id
        if operation is None or global_id is None or call.code.startswith("mock_"):
            return
        if call.remote_id is not None and call.remote_id.startswith(BUILT_IN_PREFIX):
            return
        with self._lock:
            self._count += 1
            summary = summarise(call, operation, global_id, self._count)
            known = self._open.get(global_id) or self._settled.take(global_id)
            self._keep(global_id, self._begun(summary) if known is None else self._continued(known, summary))

    def hold_ended(self, global_id: str, at: Millis) -> None:
        """Note when a hold expired: what is asked for after that doubles nothing."""
        with self._lock:
            history = self._open.get(global_id)
            if history is not None:
                self._open.put(global_id, replace(history, ended_at=at))

    def audit(
        self,
        *,
        hold_status: Callable[[str], str | None],
        pending_ok: bool = False,
        between: Callable[[], None] = lambda: None,
    ) -> AuditReport:
        """Judge what is there. ``hold_status`` gives a hold's present status in the store, None if it has none.

        With ``pending_ok`` a hold that is alive is nothing to report. ``between`` is called between two Global IDs:
        a caller that must not hold others back lets them go on there. The lock is held only for a copy.
        """
        with self._lock:
            histories, forgotten = self._open.copy(), self._forgotten
        remembered, counts = 0, dict.fromkeys(FindingKind, 0)
        found: list[tuple[CallSummary, int, Finding]] = []
        for global_id, history in histories.items():
            between()
            if not is_open(history):
                continue
            remembered += 1
            for evidence in prove(history, HoldState(hold_status(global_id), pending_ok)):
                counts[evidence.kind] += 1
                found.append((evidence.calls[0], len(found), evidence.finding(history)))
        found.sort()  # by arrival; a key of its own for each of 60,000 would keep every call waiting
        return AuditReport([finding for _, _, finding in found], counts, remembered, forgotten)

    def copy(self) -> "AuditLedger":
        """Return a ledger that is the same now and does not move when this one does."""
        twin = AuditLedger(most_open=self._most_open, most_settled=self._most_settled)
        with self._lock:
            twin._count, twin._forgotten = self._count, self._forgotten
            twin._open, twin._settled = self._open.copy(), self._settled.copy()
            twin._resubmissions = self._resubmissions.copy()
        return twin

    def reset(self) -> None:
        """Forget every call."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._count = 0
        self._forgotten = 0
        self._open: Histories = CopyOnWriteDict()
        self._settled: Histories = CopyOnWriteDict()
        self._resubmissions = Resubmissions()

    def _begun(self, first: CallSummary) -> CallHistory:
        if first.operation is Operation.HOLD and (first.committed or not first.done):  # no replay of what went before
            for global_id in self._resubmissions.arrived(first):
                self._resubmitted(global_id, first)
        history = CallHistory((first,))
        return history if history.is_one_known_hold else self._watched(history)

    def _continued(self, history: CallHistory, call: CallSummary) -> CallHistory:
        longer = history.plus(call)
        if history.is_one_known_hold:
            return longer
        unheard = history.unheard_hold()
        if unheard is not None and longer.unheard_hold() is None:
            self._resubmissions.leave(unheard)
        return self._watched(longer)

    def _watched(self, history: CallHistory) -> CallHistory:
        """Look for a resubmission that came after the last call, or let an unheard hold wait for one."""
        hold = history.unheard_hold()
        if hold is None or (history.resubmission is not None and history.resubmission > history.calls[-1]):
            return history
        found = self._resubmissions.find(hold, history.calls[-1])
        if found is None:
            self._resubmissions.wait(hold)
        return replace(history, resubmission=found)

    def _resubmitted(self, global_id: str, again: CallSummary) -> None:
        history = self._open.get(global_id)
        hold = history.unheard_hold() if history is not None else None
        if history is None or hold is None:
            return
        if again > history.calls[-1]:
            self._open.put(global_id, replace(history, resubmission=again))
        else:
            self._resubmissions.wait(hold)

    def _keep(self, global_id: str, history: CallHistory) -> None:
        if history.needs_nothing_more:
            self._open.take(global_id)
            self._settled.put(global_id, history)
            if len(self._settled) > self._most_settled:
                _take_oldest(self._settled, self._most_settled)
            return
        self._open.put(global_id, history)
        if len(self._open) > self._most_open:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        """Drop the oldest histories. Only those that would still be a finding are missed, so only these are counted."""
        for history in _take_oldest(self._open, self._most_open):
            self._forgotten += is_open(history)
            hold = history.unheard_hold()
            if hold is not None:
                self._resubmissions.leave(hold)


def _take_oldest(histories: Histories, most: int) -> list[CallHistory]:
    """Take out a hundredth of the histories, the oldest first: one at a time, a dict's front gets slow to reach."""
    return [histories.pop(global_id) for global_id in list(islice(histories, max(1, most // 100)))]
