"""The engine: facts of a call, counters and seeds in, a plan out. It reads no clock, no random source, no store."""

from dataclasses import dataclass

from mockpos.scenario.counters import Counters
from mockpos.scenario.draws import draw
from mockpos.scenario.facts import Arrival, Facts
from mockpos.scenario.model import DrawBy, Rule, Scenario
from mockpos.scenario.plan import Plan


def decide(
    scenario: Scenario, facts: Facts, arrival: Arrival, counters: Counters, sandbox_seed: int = 0
) -> Plan | None:
    """Return what the first matching rule asks for, or None when no rule matches.

    A missed chance or exhausted ``times`` is no match. Only a rule that decides counts as fired.
    """
    for rule in scenario.rules_for(facts.operation):
        if rule.when.miss(facts, arrival) is not None:
            continue
        dice = _Dice(scenario.seed, sandbox_seed, rule, facts, arrival) if rule.draws else None
        if dice is not None and dice.miss() is not None:
            continue
        number = counters.fire(scenario.name, rule.id, rule.times)
        if number is not None:
            return _plan(scenario, rule, facts, dice, number)
    return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says about a call, and why. The first that ``matches`` decides; later ones are not asked."""

    rule_id: str
    matches: bool
    because: str


def explain(
    scenario: Scenario, facts: Facts, arrival: Arrival, counters: Counters, sandbox_seed: int = 0
) -> list[Verdict]:
    """Return the verdict of every rule up to the one that would decide now. Counts nothing."""
    verdicts = []
    for rule in scenario.rules:
        because = _why_not(scenario, rule, facts, arrival, counters, sandbox_seed)
        verdicts.append(Verdict(rule.id, because is None, because or f"matches {rule.when}"))
        if because is None:
            break
    return verdicts


def _why_not(
    scenario: Scenario, rule: Rule, facts: Facts, arrival: Arrival, counters: Counters, sandbox_seed: int
) -> str | None:
    if facts.operation not in rule.on:
        return f"it is for {' and '.join(sorted(rule.on))}, this is {facts.operation.value}"
    missed = rule.when.miss(facts, arrival)
    if missed is not None:
        return _missed(missed, rule, facts, arrival)
    unlucky = _Dice(scenario.seed, sandbox_seed, rule, facts, arrival).miss() if rule.draws else None
    if unlucky is not None:
        return unlucky
    if rule.times is not None and counters.fired(scenario.name, rule.id) >= rule.times:
        return f"it has fired {rule.times} times already"
    return None


class _Dice:
    """The draws of one rule for one call. ``chance_drawn`` is what its chance drew."""

    __slots__ = ("_attempt", "_key", "_rule", "chance_drawn")

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
        self._key = None if value is None else (str(seed), str(sandbox_seed), rule.id, facts.operation.value, value)
        chance = rule.when.chance
        self.chance_drawn = 0.0 if chance is None else self.draw("chance")

    def draw(self, purpose: str) -> float:
        return 0.0 if self._key is None else draw(*self._key, self._attempt, purpose)

    def miss(self) -> str | None:
        """Say why the rule does not match by its draws, or None when it does."""
        if self._key is None:
            return f"its draws are keyed on {self._rule.draw_by.value}, which is not known here"
        chance = self._rule.when.chance
        if chance is None or self.chance_drawn < chance:
            return None
        return f"drew {self.chance_drawn:.4f} by {self.by}, not under chance {chance:g}"

    @property
    def by(self) -> str:
        value = "nothing" if self._key is None else self._key[-1]
        return f"{self._rule.draw_by.value} {value}, attempt {self._attempt}"


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


def _missed(name: str, rule: Rule, facts: Facts, arrival: Arrival) -> str:
    if name.startswith("header "):
        return f"{name} does not match {dict(rule.when.header)[name.removeprefix('header ')]}"  # never its value
    source: object = arrival if name in ("attempt", "call") else facts
    value = getattr(source, name)
    return f"{name} is {'not known' if value is None else value}, not {getattr(rule.when, name)}"
