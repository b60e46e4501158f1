"""The engine: facts of a call, counters and seeds in, a plan out. It reads no clock, no random source, no store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from mockpos.scenario.counters import Counters
from mockpos.scenario.model import Arrival, DrawBy, Facts, Rule, Scenario
from mockpos.scenario.outcomes import Plan

_PERSON = b"mockpos draw"
_STEP = 2.0**-53


def draw(*key: str) -> float:
    """Return the number in [0, 1) that belongs to this key: the same in every process, on every machine.

    Each part is hashed with its length before it, so that no two keys run together into the same bytes.
    """
    data = "".join([f"{len(part)}:{part}" for part in key]).encode("utf-8", "surrogatepass")
    digest = blake2b(data, digest_size=8, person=_PERSON).digest()
    return (int.from_bytes(digest, "big") >> 11) * _STEP


def decide(
    scenario: Scenario, facts: Facts, arrival: Arrival, counters: Counters, sandbox_seed: int = 0
) -> Plan | None:
    """Return what the first matching rule asks for, or None when no rule matches.

    A missed chance or exhausted ``times`` is no match. Only a rule that decides counts as fired.
    """
    for rule in scenario.rules_for(facts.operation):
        if not rule.when.match(facts, arrival):
            continue
        dice = _Dice(scenario.seed, sandbox_seed, rule, facts, arrival) if rule.draws else None
        if dice is not None and not dice.match():
            continue
        number = counters.fire(scenario.name, rule.id, rule.times)
        if number is not None:
            return _plan(scenario, rule, facts, dice, number)
    return None


class _Dice:
    """The draws of one rule for one call. ``chance_drawn`` is what its chance drew."""

    __slots__ = ("_attempt", "_key", "_rule", "_value", "chance_drawn")

    def __init__(self, seed: int, sandbox_seed: int, rule: Rule, facts: Facts, arrival: Arrival) -> None:
        self._rule = rule
        self._attempt = str(arrival.attempt)
        match rule.draw_by:
            case DrawBy.GLOBAL_ID:
                value: str | None = facts.global_id
            case DrawBy.REMOTE_ID:
                value = facts.remote_id
            case DrawBy.CALL:
                value = str(arrival.call)
        self._value = value
        self._key = None if value is None else (str(seed), str(sandbox_seed), rule.id, facts.operation.value, value)
        chance = rule.when.chance
        self.chance_drawn = 0.0 if chance is None else self.draw("chance")

    def draw(self, purpose: str) -> float:
        return 0.0 if self._key is None else draw(*self._key, self._attempt, purpose)

    def match(self) -> bool:
        """Tell whether the rule matches by its draws: never when what they are keyed on is not known here."""
        chance = self._rule.when.chance
        return self._key is not None and (chance is None or self.chance_drawn < chance)

    @property
    def by(self) -> str:
        return f"{self._rule.draw_by.value} {self._value}, attempt {self._attempt}"


def _plan(scenario: Scenario, rule: Rule, facts: Facts, dice: _Dice | None, number: int) -> Plan:
    delay = rule.delay
    delay_ms = 0
    why = [f"{facts.operation} matches {rule.asks}"]
    if dice is not None and rule.when.chance is not None:
        why.append(f"drew {dice.chance_drawn:.4f} by {dice.by}, under chance {rule.when.chance:g}")
    if rule.times is not None:
        why.append(f"firing {number} of {rule.times}")
    if delay is not None:
        delay_ms = delay.at(dice.draw("delay") if dice is not None else 0.0)
        if dice is not None and delay.draws:
            why.append(f"drew a delay of {delay_ms} ms from {delay} by {dice.by}")
    return Plan(
        scenario=scenario.name,
        rule_id=rule.id,
        why="; ".join(why),
        delay_ms=delay_ms,
        delay_at=rule.delay_at,
        outcome=rule.outcome,
        phase=rule.phase,
        pos=rule.pos,
    )


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
