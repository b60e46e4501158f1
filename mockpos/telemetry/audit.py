"""What the client left behind: kept per Global ID while calls come in, judged when somebody asks.

A trail stays *open* while it would be a finding if nothing more came. Any other is *settled*: the last few of these
are kept as well, for calls that may still come to them, and go without being missed. So memory follows what is
pending or suspicious. It knows no clock and no store: a hold's present status is asked for at the audit.
"""

from collections.abc import Callable
from itertools import islice
from threading import Lock

from mockpos.domain.calls import CallRecord
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.identifiers import BUILT_IN_PREFIX
from mockpos.telemetry.audit_resubmissions import Resubmissions
from mockpos.telemetry.audit_rules import Proof, Situation, prove
from mockpos.telemetry.audit_trail import Heard, Step, Trail, step_of
from mockpos.telemetry.findings import AuditReport

MOST_OPEN = 100_000
MOST_SETTLED = 4096

_Kept = Trail | Step
"""A trail; its one step alone while there is no more to it, which saves 150 bytes for each pending hold."""

_IF_NOTHING_MORE_CAME = Situation()
_HOLD, _DONE = Operation.HOLD, Heard.DONE  # looked up once: an enum's members are slow to reach


class AuditLedger:
    """The calls of one sandbox as an audit sees them. Safe from any thread."""

    __slots__ = ("_count", "_forgotten", "_lock", "_most_open", "_most_settled", "_open", "_resubmissions", "_settled")

    def __init__(self, *, most_open: int = MOST_OPEN, most_settled: int = MOST_SETTLED) -> None:
        self._most_open = most_open
        self._most_settled = most_settled
        self._lock = Lock()
        self._clear()

    def record(self, call: CallRecord, arrival: float | None = None) -> None:
        """Take in one call of an operation, after its answer was sent.

        ``arrival`` is any number that grows with the real moment of arrival (``monotonic_ns()``, say): a call that
        hangs is recorded after those that followed it up. Left out, it is the sandbox's time, which may stand
        still: then the order of recording decides. Pass it always or never. What the mock says about its own use,
        calls without a Global ID, and the magic Remote IDs are left out.
        """
        operation, global_id = call.operation, call.global_id
        if operation is None or global_id is None or call.code.startswith("mock_"):
            return
        if call.remote_id is not None and call.remote_id.startswith(BUILT_IN_PREFIX):
            return
        with self._lock:
            self._count += 1
            step = step_of(call, operation, global_id, call.at if arrival is None else arrival, self._count)
            kept = self._open.get(global_id)
            if kept is None:
                kept = self._settled.pop(global_id, None)
            if kept is None:
                self._begin(step)
                return
            trail = _trail(kept)
            if _ends_it_well(trail, step):
                del self._open[global_id]
                self._settle(global_id, Trail((*trail.steps, step)))
            else:
                self._continue(trail.plus(step))

    def hold_ended(self, global_id: str, at: Millis) -> None:
        """Note when a hold expired: what is asked for after that doubles nothing."""
        with self._lock:
            kept = self._open.get(global_id)
            if kept is not None:
                self._open[global_id] = _trail(kept)._replace(ended_at=at)

    def audit(self, *, hold_status: Callable[[str], str | None], pending_ok: bool = False) -> AuditReport:
        """Judge what is there. ``hold_status`` gives a hold's present status in the store, None if it has none.

        With ``pending_ok`` a hold that is alive is nothing to report. The lock is held only while the trails are
        copied, never while the store is asked.
        """
        with self._lock:
            trails, forgotten = self._open.copy(), self._forgotten
        found: list[tuple[Proof, Trail]] = []
        for global_id, kept in trails.items():
            trail = _trail(kept)
            situation = Situation(hold_status(global_id), pending_ok)
            found += [(proof, trail) for proof in prove(trail, situation)]
        found.sort(key=lambda pair: pair[0].steps[0])
        return AuditReport(
            findings=tuple(proof.finding(trail) for proof, trail in found),
            remembered=len(trails),
            forgotten=forgotten,
        )

    @property
    def remembered(self) -> int:
        """Return how many Global IDs are pending or suspicious."""
        return len(self._open)

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
        self._open: dict[str, _Kept] = {}
        self._settled: dict[str, _Kept] = {}
        self._resubmissions = Resubmissions()

    def _begin(self, step: Step) -> None:
        if step.operation is not _HOLD:
            self._continue(Trail((step,)))
            return
        if step.committed or not step.done:  # no replay: this is the first that comes of it
            for global_id in self._resubmissions.arrived(step):
                self._meet(global_id, step)
        if step.committed and step.heard is _DONE:
            self._keep_open(step.global_id, step)  # the common way: pending, and nothing more to judge
        elif not step.done:
            self._settle(step.global_id, step)  # one hold that took nothing is never a finding
        else:
            self._continue(Trail((step,)))

    def _continue(self, trail: Trail) -> None:
        global_id = trail.steps[0].global_id
        if any(prove(trail, _IF_NOTHING_MORE_CAME)):
            self._keep_open(global_id, self._facing_rivals(trail))
            return
        self._open.pop(global_id, None)
        self._stop_waiting(trail)
        self._settle(global_id, trail)

    def _facing_rivals(self, trail: Trail) -> Trail:
        """Look for a re-submission that came after the last step, or let the hold wait for one."""
        hold = trail.unheard_hold()
        if hold is None:
            self._stop_waiting(trail)
            return trail
        if trail.rival is not None and trail.rival > trail.steps[-1]:
            return trail
        rival = self._resubmissions.rival_of(hold, trail.steps[-1])
        if rival is None:
            self._resubmissions.wait(hold)
        return trail._replace(rival=rival)

    def _stop_waiting(self, trail: Trail) -> None:
        hold = trail.done(Operation.HOLD)
        if hold is not None:
            self._resubmissions.leave(hold)

    def _meet(self, global_id: str, rival: Step) -> None:
        kept = self._open.get(global_id)
        if kept is None:
            return
        trail = _trail(kept)
        hold = trail.unheard_hold()
        if hold is None:
            return
        if rival > trail.steps[-1]:
            self._open[global_id] = trail._replace(rival=rival)
        else:
            self._resubmissions.wait(hold)

    def _keep_open(self, global_id: str, kept: _Kept) -> None:
        self._open[global_id] = kept
        if len(self._open) > self._most_open:
            dropped = _drop_oldest(self._open, self._most_open)
            self._forgotten += len(dropped)
            for old in dropped:
                if not isinstance(old, Step):  # one step alone is a hold whose caller knows of it: it waits for nobody
                    self._stop_waiting(old)

    def _settle(self, global_id: str, kept: _Kept) -> None:
        self._settled[global_id] = kept
        if len(self._settled) > self._most_settled:
            _drop_oldest(self._settled, self._most_settled)


def _ends_it_well(trail: Trail, step: Step) -> bool:
    """Tell whether this is the common way: held and heard, then released or invoiced and heard."""
    if len(trail.steps) > 1 or step.heard is not _DONE or not step.committed or step.operation is _HOLD:
        return False
    hold = trail.steps[0]
    return hold.operation is _HOLD and hold.committed and hold.heard is _DONE and step > hold


def _trail(kept: _Kept) -> Trail:
    return Trail((kept,)) if isinstance(kept, Step) else kept


def _drop_oldest(trails: dict[str, _Kept], most: int) -> list[_Kept]:
    """Drop a hundredth of the trails, the oldest first: one at a time, a dict's front gets slow to reach."""
    return [trails.pop(global_id) for global_id in list(islice(trails, max(1, most // 100)))]
