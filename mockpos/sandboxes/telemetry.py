"""Everything that watches one sandbox: journal, audit, timing, coverage, events, metrics."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.sandboxes.keys import base_path
from mockpos.services.ports import Change
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import World
from mockpos.telemetry.audit.ledger import AuditLedger
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.coverage import Coverage
from mockpos.telemetry.events.event import EventLimits, LazyEvent
from mockpos.telemetry.events.hub import EventHub
from mockpos.telemetry.events.state import call_events, call_facts, count_events, state_events
from mockpos.telemetry.journal.journal import Journal, JournalBudget
from mockpos.telemetry.metrics import Metrics, Seats, violations
from mockpos.telemetry.timing import SlowestCalls, Timing


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


WORLD_REPLACED = "world.replaced"
"""The kind of the event that tells of a reset or a restored snapshot: nothing known before holds any more."""

_EXPIRED = HoldStatus.EXPIRED
_log = logging.getLogger("mockpos")


class CommitListener:
    """Watches one store for one telemetry."""

    def __init__(self, store: MemoryStore, telemetry: Telemetry) -> None:
        self._store = store
        self._telemetry = telemetry
        self._events_of = partial(_events_of, telemetry.base)
        store.commit_listener = self

    def committed(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        """Take in a commit; ``world`` is as it was before it. The store's lock is held."""
        telemetry = self._telemetry
        self._tell(changes, at, world)
        for change in changes:
            if type(change) is Hold and change.status is _EXPIRED:
                telemetry.audit.hold_ended(change.global_id, change.expires_at)
        broken = violations(changes, world.listings, world.stock)
        if broken:
            telemetry.metrics.violated(broken)
            _log.error("sandbox %s: the stock of %d listings does not add up", telemetry.sandbox, broken)

    def _tell(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        """Publish the events of a commit, made only when somebody reads them: few commits are ever read."""
        count = count_events(changes)
        if count >= 0:
            self._telemetry.events.publish(self._events_of, (changes, at), count)
        else:
            made = state_events(changes, at, world.listings, self._telemetry.base)
            self._telemetry.events.publish(list, made, len(made))

    def replaced(self, world: World) -> None:
        """Take in that another world has taken the place of the one before. The store's lock is held."""
        told = {"listings": len(world.listings), "holds_live": len(world.live)}
        self._telemetry.events.tell(WORLD_REPLACED, told)

    def seats(self) -> Seats:
        """Return the seats as last committed."""
        with self._store.lock:
            world = self._store.world
            return Seats(world.tickets - world.held - world.sold, world.held, world.sold)


def _events_of(base: str, commit: tuple[Sequence[Change], Millis]) -> list[LazyEvent]:
    """Make the events of a commit without listings. It holds on to no telemetry, whose ring holds on to it."""
    return state_events(*commit, (), base)
