"""Everything that watches the calls of one sandbox: journal, audit, timing, coverage."""

from dataclasses import dataclass, field

from mockpos.domain.calls import CallRecord
from mockpos.observe.audit import AuditLedger
from mockpos.observe.coverage import Coverage
from mockpos.observe.journal import Journal
from mockpos.observe.timing import Timing


@dataclass(slots=True)
class Observatory:
    """Told of every call once its answer is sent."""

    journal: Journal
    audit: AuditLedger = field(default_factory=AuditLedger)
    timing: Timing = field(default_factory=Timing)
    coverage: Coverage = field(default_factory=Coverage)

    def record(self, call: CallRecord, arrival: float) -> None:
        """Take in one call; ``arrival`` grows with the real moment it came."""
        self.journal.record(call)
        self.audit.record(call, arrival)
        self.timing.record(call.operation, call.duration_ms)
        self.coverage.record(call.operation, call.code)

    def reset(self) -> None:
        """Forget everything: a world begins anew."""
        self.journal.reset()
        self.audit.reset()
        self.timing.reset()
        self.coverage.reset()
