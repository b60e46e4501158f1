"""Everything that watches one sandbox: journal, audit, timing, coverage, events, metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from mockpos.sandboxes.keys import base_path
from mockpos.telemetry.audit.ledger import AuditLedger
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.coverage import Coverage
from mockpos.telemetry.events.event import LazyEvent
from mockpos.telemetry.events.hub import EventHub
from mockpos.telemetry.events.limits import EventLimits
from mockpos.telemetry.events.state import call_events, call_facts
from mockpos.telemetry.journal.budget import JournalBudget
from mockpos.telemetry.journal.journal import Journal
from mockpos.telemetry.metrics.metrics import Metrics
from mockpos.telemetry.metrics.seats import Seats
from mockpos.telemetry.slowest import SlowestCalls
from mockpos.telemetry.timing import Timing


@dataclass(slots=True, kw_only=True)
class Telemetry:
    """Told of every call once its answer is sent. ``sandbox`` is the name it counts under, ``base`` its path.

    ``server`` says which server this is, for those who follow its events.
    """

    sandbox: str
    base: str
    server: Mapping[str, str]
    journal: Journal
    events: EventHub
    metrics: Metrics
    slowest: SlowestCalls
    audit: AuditLedger = field(default_factory=AuditLedger)
    timing: Timing = field(default_factory=Timing)
    timing_before_reset: Timing = field(default_factory=Timing)
    coverage: Coverage = field(default_factory=Coverage)
    _call_events: Callable[[tuple[object, ...]], list[LazyEvent]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._call_events = partial(call_events, self.base)

    def record(self, call: CallRecord) -> None:
        """Take in one call."""
        self.journal.record(call)
        self.audit.record(call)
        self.timing.record(call.operation, call.duration_ms)
        if call.duration_ms > self.slowest.bar:
            self.slowest.record(call, self.sandbox)
        self.coverage.record(call.operation, call.code)
        self.metrics.record(call)
        self.events.publish(self._call_events, call_facts(call))

    def open(self, *, holds_live: Callable[[], int], seats: Callable[[], Seats]) -> None:
        """Show the sandbox in the metrics from now on."""
        answers = self.coverage.ever_seen
        self.metrics.watch(self.sandbox, answers=answers, holds_live=holds_live, seats=seats)

    def close(self) -> None:
        """End the streams and show the sandbox in the metrics no more: it is gone."""
        self.events.close()
        self.metrics.forget(self.sandbox)

    def reset(self) -> None:
        """Forget every call: a world begins anew. Events go on, so that no listener loses its place.

        What the metrics counted stays: a counter that falls means a restart to whoever reads it.
        """
        self.journal.clear()
        self.audit.reset()
        self.timing_before_reset.add(self.timing)
        self.timing.reset()
        self.coverage.reset()


@dataclass(frozen=True, slots=True)
class SharedTelemetry:
    """What the telemetry of one server share: room for calls and events, streams, metrics.

    ``instance`` differs from one start of a server to the next.
    """

    version: str
    instance: str
    budget: JournalBudget
    event_limits: EventLimits
    metrics: Metrics
    slowest: SlowestCalls

    def telemetry(self, sandbox: str) -> Telemetry:
        """Make the telemetry of a sandbox."""
        return Telemetry(
            sandbox=sandbox,
            base=base_path(sandbox),
            server={"instance": self.instance, "version": self.version, "sandbox": sandbox},
            journal=Journal(self.budget),
            events=EventHub(self.event_limits),
            metrics=self.metrics,
            slowest=self.slowest,
        )


def make_shared_telemetry(version: str, instance: str) -> SharedTelemetry:
    """Make what one server shares."""
    budget = JournalBudget()
    metrics = Metrics(version, lambda: budget.evicted)
    return SharedTelemetry(version, instance, budget, EventLimits(), metrics, SlowestCalls())
