"""How sandboxes are made in one server: everything they have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from mockpos.domain.clock import Clock, ClockSetting
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.sandboxes.sandbox_clock import SandboxClock
from mockpos.sandboxes.telemetry import SharedTelemetry
from mockpos.scenario.model import Scenario
from mockpos.scenario.registry import ScenarioRegistry
from mockpos.scenario.selector import ScenarioSelector
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy
from mockpos.store.memory_store import BuiltIn, MemoryStore
from mockpos.store.world import World


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
        store = MemoryStore(world, sandbox_clock, built_in=self.built_in)
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
