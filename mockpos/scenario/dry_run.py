"""What each Global ID will meet, told beforehand: the engine run on calls that have not been made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mockpos.scenario.conditions import Arrival, Facts
from mockpos.scenario.counters import Counters
from mockpos.scenario.engine import decide
from mockpos.scenario.model import Rule, Scenario
from mockpos.scenario.outcomes import Plan


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """What one call will meet; no plan when no rule matches.

    Unless it is ``certain``, it holds only when the calls arrive one after another, in the order given.
    """

    facts: Facts
    attempt: int
    plan: Plan | None
    certain: bool

    def document(self) -> dict[str, object]:
        """Return it for JSON. ``rule`` is null when no rule matches."""
        told: dict[str, object] = {
            "operation": self.facts.operation.value,
            "global_id": self.facts.global_id,
            "attempt": self.attempt,
            "depends_on_order": not self.certain,
            "rule": None,
        }
        if self.plan is not None:
            plan = self.plan
            told.update(rule=plan.rule_id, meets=str(plan), delay_ms=plan.delay_ms, commits=plan.commits, why=plan.why)
        return told


def dry_run(scenario: Scenario, calls: Sequence[Facts], attempts: int = 1, sandbox_seed: int = 0) -> list[PlannedCall]:
    """Return the fate of every call: all first attempts in the order given, then all second ones, and so on."""
    counters = Counters()
    fates = []
    for _ in range(attempts):
        for facts in calls:
            arrival = counters.arrive(facts.operation, facts.global_id)
            plan = decide(scenario, facts, arrival, counters, sandbox_seed)
            fates.append(PlannedCall(facts, arrival.attempt, plan, _is_certain(scenario, facts, arrival, plan)))
    return fates


def order_dependent(scenario: Scenario) -> list[tuple[Rule, list[str]]]:
    """Return the rules whose effect depends on the order of arrival, each with what makes it so."""
    return [(rule, reasons) for rule in scenario.rules if (reasons := rule.depends_on_order())]


def unknown_conditions(scenario: Scenario, calls: Iterable[Facts]) -> list[str]:
    """Name the conditions that rules ask for and that these calls do not tell, so that those rules pass them by."""
    missing: dict[str, None] = {}
    for facts in calls:
        for rule in scenario.rules_for(facts.operation):
            for name in ("remote_id", "quantity", "order_id"):
                if getattr(rule.when, name) is not None and getattr(facts, name) is None:
                    missing.setdefault(name)
    return list(missing)


def _is_certain(scenario: Scenario, facts: Facts, arrival: Arrival, plan: Plan | None) -> bool:
    """Tell whether no rule up to the one that decided could have gone otherwise in another order."""
    for rule in scenario.rules_for(facts.operation):
        if rule.depends_on_order() and replace(rule.when, call=None).match(facts, arrival):
            return False
        if plan is not None and rule.id == plan.rule_id:
            break
    return True
