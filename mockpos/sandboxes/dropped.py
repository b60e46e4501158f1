"""What stays of dropped sandboxes: their counts for good, what their clients left behind, their journals a while."""

from collections import Counter, deque
from collections.abc import Iterator
from itertools import count
from threading import Lock
from typing import NamedTuple

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import in_slices
from mockpos.telemetry.audit.findings import Finding
from mockpos.telemetry.coverage import Answer
from mockpos.telemetry.journal.journal import Journal
from mockpos.telemetry.timing import Timing

MOST_JOURNALS = 100
MOST_FINDINGS = 10_000


class DroppedFinding(NamedTuple):
    """Something left behind in a sandbox that was dropped. ``is_pending``: only because a hold was still alive."""

    sandbox: str
    finding: Finding
    is_pending: bool


class DroppedSandboxes:
    """Filled as sandboxes are dropped. ``count`` is how many were, ``forgotten`` what the audits had to give up."""

    def __init__(self) -> None:
        self.count = 0
        self.forgotten = 0
        self.coverage: Counter[Answer] = Counter()
        self.timing = Timing()
        self._journals: dict[int, tuple[str, Journal]] = {}
        self._numbers = count(1)
        self._findings: deque[DroppedFinding] = deque()
        self._lock = Lock()

    def add(self, sandbox: Sandbox) -> None:
        """Take over what is to stay of a sandbox that was just dropped. Its world is judged here and then let go."""
        telemetry = sandbox.telemetry
        between = in_slices()
        report = sandbox.audit(between=between)
        certain = set(sandbox.audit(pending_ok=True, between=between).findings) if report.findings else set()
        with self._lock:
            self.count += 1
            self.coverage.update(telemetry.coverage.ever_seen())
            self.timing.add(telemetry.timing)
            self.timing.add(telemetry.timing_before_reset)
            self._journals[next(self._numbers)] = sandbox.name, telemetry.journal
            if len(self._journals) > MOST_JOURNALS:
                self._journals.pop(next(iter(self._journals)))[1].close()
            self.forgotten += report.forgotten
            for finding in report.findings:
                self._findings.append(DroppedFinding(sandbox.name, finding, finding not in certain))
            while len(self._findings) > MOST_FINDINGS:
                self._findings.popleft()
                self.forgotten += 1

    def journals(self) -> Iterator[tuple[str, Journal]]:
        """Iterate over the names and journals that are still there, the newest first."""
        with self._lock:
            return iter(list(reversed(self._journals.values())))

    def findings(self, *, pending_ok: bool) -> list[tuple[str, Finding]]:
        """List what was left behind, by the name of its sandbox."""
        with self._lock:
            return [(each.sandbox, each.finding) for each in self._findings if not (pending_ok and each.is_pending)]
