"""The engine: facts of a call, counters and seeds in, a plan out. It reads no clock, no random source, no store."""

from hashlib import blake2b

from mockpos.scenario.conditions import Arrival, Facts
from mockpos.scenario.counters import Counters
from mockpos.scenario.model import DrawBy, Rule, Scenario
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
