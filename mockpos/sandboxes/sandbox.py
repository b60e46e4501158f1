"""One sandbox: a whole world with everything that belongs to it, its clock too, and nothing that belongs to another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from mockpos.domain.clock import REAL_TIME, Clock, ClockSetting, Millis
from mockpos.domain.errors import BadInput
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.sandboxes.keys import base_path
from mockpos.sandboxes.telemetry import CommitListener, SharedTelemetry, Telemetry
from mockpos.scenario.model import Scenario
from mockpos.scenario.registry import ScenarioRegistry
from mockpos.scenario.selector import ScenarioSelector, SelectorState
from mockpos.server.delays import DelayedCalls
from mockpos.server.greenlets import in_slices
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy
from mockpos.store.memory_store import BuiltIn, MemoryStore
from mockpos.store.world import World
from mockpos.telemetry.audit.findings import AuditReport
from mockpos.telemetry.audit.ledger import AuditLedger


class SandboxClock:
    """Tells a sandbox's time. Durations and delays do not come from here: they are real."""

    def __init__(self, machine: Clock, setting: ClockSetting = REAL_TIME) -> None:
        self._machine = machine
        self._setting = setting
        self._lock = Lock()

    @property
    def setting(self) -> ClockSetting:
        """Return how it is set, for a snapshot."""
        return self._setting

    def now(self) -> Millis:
        """Return the sandbox's present moment."""
        return self._setting.shown(self._machine.now())

    def restore(self, setting: ClockSetting) -> None:
        """Set it as it was set before."""
        self._setting = setting

    def not_before(self, at: Millis) -> None:
        """Go on from a moment at least: where time was held while the machine's clock had jumped back."""
        self._change(lambda setting, machine: setting.moved_to(max(at, setting.shown(machine)), machine))

    def freeze(self, frozen: bool) -> None:
        """Let it stand still at this moment, or go on from where it stands."""

        def changed(setting: ClockSetting, machine: Millis) -> ClockSetting:
            now = setting.shown(machine)
            return ClockSetting(0, now) if frozen else ClockSetting(now - machine)

        self._change(changed)

    def advance(self, milliseconds: int) -> None:
        """Move it ahead by exactly so much; it stands still or goes on as before."""
        self._change(lambda setting, machine: setting.moved_to(Millis(setting.shown(machine) + milliseconds), machine))

    def set(self, at: Millis) -> None:
        """Move it to a moment, ahead or back; it stands still or goes on as before."""
        self._change(lambda setting, machine: setting.moved_to(at, machine))

    def reset(self) -> None:
        """Show what the machine's clock shows."""
        self._change(lambda setting, machine: REAL_TIME)

    def _change(self, changed: Callable[[ClockSetting, Millis], ClockSetting]) -> None:
        """Read the machine's clock once: what goes by between two readings would be lost from this one."""
        with self._lock:
            self._setting = changed(self._setting, self._machine.now())


RESET = "reset"
"""Why a sleeping call was woken, when its world is gone: it must not commit."""

STOPPED = "stopped"
"""Why a sleeping call was woken, when the server stops: it must not commit either."""

MOST_SNAPSHOTS = 100


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sandbox as it stood: its world, its clock, its scenario and what that had counted."""

    world: World
    clock: ClockSetting
    selector: SelectorState
    audit: AuditLedger


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A world in use. ``api_key`` opens it; ``ttl_s`` and ``last_used`` are real seconds, for those that expire.

    ``origin`` is what a reset goes back to: the listings it began with, nothing held or sold of them.
    """

    name: str
    api_key: str
    seed: int
    clock: SandboxClock
    store: MemoryStore
    automator: Automator
    selector: ScenarioSelector
    telemetry: Telemetry
    delayed_calls: DelayedCalls = field(default_factory=DelayedCalls)
    ttl_s: float | None = None
    last_used: float = 0.0
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    origin: World = field(init=False)
    first_scenario: Scenario | None = field(init=False)
    commit_listener: CommitListener = field(init=False)

    def __post_init__(self) -> None:
        self.origin = self.store.snapshot().untouched()
        self.first_scenario = self.selector.active
        self.commit_listener = CommitListener(self.store, self.telemetry)
        self.selector.when_changed(partial(self.delayed_calls.wake, "scenario changed"))

    def open(self) -> None:
        """Show it to those who look at the server as a whole: it is in use."""
        self.telemetry.open(holds_live=lambda: self.store.hold_counts()[0], seats=self.commit_listener.seats)

    def close(self) -> None:
        """End its streams, show it no more. Its memory is free once no call is left that began in it."""
        self.telemetry.close()
        with self.store.lock:
            self.store.commit_listener = None  # which knows the store: only the garbage collector would part them

    @property
    def base_path(self) -> str:
        """Return the path in front of every call that can choose this sandbox by its path only."""
        return base_path(self.name)

    @property
    def is_busy(self) -> bool:
        """True while a call of its own is delayed, or somebody follows its events."""
        return self.telemetry.events.listeners > 0 or len(self.delayed_calls) > 0

    def audit(self, *, pending_ok: bool = False, between: Callable[[], None] = lambda: None) -> AuditReport:
        """Judge what its client left behind; see ``AuditLedger.audit``."""
        return self.telemetry.audit.audit(hold_status=self._hold_status, pending_ok=pending_ok, between=between)

    def _hold_status(self, global_id: str) -> str | None:
        """Return how a hold stands now; one that has lapsed counts as expired before anybody committed its end."""
        hold = self.store.peek(global_id)
        if hold is None:
            return None
        has_lapsed = hold.status is HoldStatus.HELD and hold.expires_at <= self.clock.now()
        return HoldStatus.EXPIRED if has_lapsed else hold.status

    def change_clock(self, change: Callable[[SandboxClock], None]) -> list[Hold]:
        """Change the clock, from where its time stands; return the holds that expired, in the order they did.

        Raises what ``change`` raises, and StoreUnavailable; then the clock is as it was.
        """
        clock, before = self.clock, self.clock.setting

        def move(now: Millis) -> ClockSetting:
            nonlocal before
            before = clock.setting
            clock.not_before(now)
            change(clock)
            return clock.setting

        return self.store.change_clock(move, lambda: clock.restore(before))

    def take_snapshot(self, name: str) -> Snapshot:
        """Keep the sandbox as it stands now under a name. Raises BadInput when there are too many."""
        if name not in self.snapshots and len(self.snapshots) >= MOST_SNAPSHOTS:
            raise BadInput(f"{MOST_SNAPSHOTS} snapshots are kept already; delete one first")
        taken = Snapshot(self.store.snapshot(), self.clock.setting, self.selector.keep(), self.telemetry.audit.copy())
        self.snapshots[name] = taken
        return taken

    def restore(self, snapshot: Snapshot) -> int:
        """Go back to a snapshot; return how many sleeping calls were woken, none of which commits.

        The audit is about holds, so it goes back as well. Journal, timing and coverage tell what was called: they go
        on, so that the calls before a restore can still be looked up.
        """

        def at_once() -> None:
            self.clock.restore(snapshot.clock)
            self.selector.restore(snapshot.selector)
            self.telemetry.audit = snapshot.audit.copy()

        self.store.replace_world(snapshot.world.copy(), at_once)
        return self.delayed_calls.wake(RESET)

    def reset(self, origin: World | None = None, seed: int | None = None) -> int:
        """Begin anew, with other listings or another seed where given; return how many sleeping calls were woken.

        The clock shows the machine's time, and the scenario of the start is active, with nothing counted.
        """
        origin = origin or self.origin
        woken = 0

        def at_once() -> None:
            nonlocal woken
            woken = self.delayed_calls.wake(RESET)  # before anything else wakes them for another reason
            self.origin = origin
            self.clock.reset()
            if seed is not None:
                self.seed = self.selector.seed = seed
            self.selector.choose(self.first_scenario)
            self.telemetry.reset()

        self.store.replace_world(origin.copy(), at_once)
        return woken + self.delayed_calls.wake(RESET)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxFactory:
    """What a new sandbox is made with. ``fixture_world`` finds a shipped world by its name, or raises BadInput."""

    machine_clock: Clock
    hold_ttl_ms: int
    policy: InvoicePolicy
    built_in: BuiltIn
    registry: ScenarioRegistry
    magic: bool
    fixture_world: Callable[[str], World]
    shared_telemetry: SharedTelemetry

    def make(
        self, *, name: str, api_key: str, seed: int, world: World,
        clock: ClockSetting, scenario: Scenario | None, ttl_s: float | None,
    ) -> Sandbox:  # fmt: skip
        """Make a sandbox around a world, which is given away."""
        sandbox_clock = SandboxClock(self.machine_clock, clock)
        store = MemoryStore(world, sandbox_clock, built_in=self.built_in, in_slices=in_slices)
        return Sandbox(
            name=name,
            api_key=api_key,
            seed=seed,
            clock=sandbox_clock,
            store=store,
            automator=Automator(store, self.hold_ttl_ms, self.policy),
            selector=ScenarioSelector(self.registry, active=scenario, magic=self.magic, seed=seed),
            telemetry=self.shared_telemetry.telemetry(name),
            ttl_s=ttl_s,
        )
