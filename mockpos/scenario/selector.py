"""Decides which scenario applies to a call of one sandbox: the header's, else the active one, else a magic Remote ID.

Every arriving call is counted once, before any delay. What a header chose is counted apart from what
is active, so that one test's header does not use up another's ``times``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.scenario.checks import NO_SCENARIO
from mockpos.scenario.counters import Counters
from mockpos.scenario.engine import decide
from mockpos.scenario.magic import PREFIX, magic_scenario
from mockpos.scenario.model import Facts, Scenario
from mockpos.scenario.outcomes import Plan
from mockpos.scenario.registry import ScenarioRegistry

HEADER = "X-Mockpos-Scenario"


@dataclass(frozen=True, slots=True)
class SelectorState:
    """What a selector had at a moment."""

    active: Scenario | None
    counters: Counters
    header_counters: Counters


class ScenarioSelector:
    """The scenarios of one sandbox. ``magic`` turns the magic Remote IDs on, ``seed`` is the sandbox's."""

    def __init__(self, registry: ScenarioRegistry, *, active: Scenario | None, magic: bool, seed: int) -> None:
        self.registry = registry
        self.active = active
        self.magic = magic
        self.seed = seed
        self._counters = Counters()
        self._header_counters = Counters()
        self._watchers: list[Callable[[], object]] = []

    def plan(self, facts: Facts, header: str | None) -> Plan | None:
        """Count a call and decide what happens to it. Raises MockMisuse for a header that names no scenario."""
        chosen = self._named(header) if header is not None else None
        arrival = self._counters.arrive(facts.operation, facts.global_id)
        if header == NO_SCENARIO:
            return None
        plan = None
        if chosen is not None:
            plan = decide(chosen, facts, arrival, self._header_counters, self.seed)
        elif self.active is not None:
            plan = decide(self.active, facts, arrival, self._counters, self.seed)
        if plan is None and self.magic and facts.remote_id is not None and facts.remote_id.startswith(PREFIX):
            plan = decide(magic_scenario(), facts, arrival, self._counters, self.seed)
        return plan

    def may_act(self, remote_id: str | None) -> bool:
        """Tell whether anything can happen to a call that no header chose a scenario for, knowing what it is about."""
        return self.active is not None or (self.magic and remote_id is not None and remote_id.startswith(PREFIX))

    def count(self, operation: Operation, global_id: str) -> None:
        """Count a call that nothing can happen to."""
        self._counters.arrive(operation, global_id)

    def keep(self) -> SelectorState:
        """Return what is active and counted, for a snapshot."""
        return SelectorState(self.active, self._counters.copy(), self._header_counters.copy())

    def restore(self, state: SelectorState) -> None:
        """Go on with what was active and counted then."""
        self.active = state.active
        self._counters = state.counters.copy()
        self._header_counters = state.header_counters.copy()

    def choose(self, scenario: Scenario | None) -> None:
        """Make a scenario the active one, with counters from nothing. Calls that wait go on with their old plan."""
        self.active = scenario
        self._counters.reset()
        self._header_counters.reset()
        self._tell()

    def reload(self) -> list[str]:
        """Look at the files again; return what to tell. Unchanged rules keep their counters."""
        changes = self.registry.changed()
        told = [f"scenario not reloaded: {message}" for message in changes.refused]
        for each in changes.reloaded:
            for counters in (self._counters, self._header_counters):
                counters.reload(each.old, each.new)
            if self.active is each.old:
                self.active = each.new
                self._tell()
            told.append(f"scenario {each.new.name} reloaded from {each.new.source}")
        return told

    def when_changed(self, watcher: Callable[[], object]) -> None:
        """Call a function whenever another scenario, or another version of it, becomes active."""
        self._watchers.append(watcher)

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()

    def _named(self, header: str) -> Scenario | None:
        if header == NO_SCENARIO:
            return None
        try:
            return self.registry.get(header)
        except BadInput as error:
            raise MockMisuse("mock_unknown_scenario", f"{HEADER}: {error}") from None
