"""A scenario and its rules, as values. They are made by the loader (from YAML or JSON) and by ``magic``."""

from dataclasses import dataclass, field
from enum import StrEnum

from mockpos.domain.catalogue import Operation
from mockpos.scenario.conditions import Conditions
from mockpos.scenario.outcomes import Delay, Outcome, Phase, PosAction


class DrawBy(StrEnum):
    """What a rule's draws are keyed on."""

    GLOBAL_ID = "global_id"
    REMOTE_ID = "remote_id"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: whom it is for, and what it does to them. ``line`` is where it stands, and no part of what it is."""

    id: str
    on: frozenset[Operation]
    when: Conditions = field(default_factory=Conditions)
    draw_by: DrawBy = DrawBy.GLOBAL_ID
    times: int | None = None
    delay: Delay | None = None
    delay_at: Phase = Phase.BEFORE_COMMIT
    outcome: Outcome | None = None
    phase: Phase = Phase.BEFORE_COMMIT
    pos: tuple[PosAction, ...] = ()
    line: int = field(default=1, compare=False)
    draws: bool = field(init=False, repr=False, compare=False)
    """True when it draws anything: a chance, or a delay that varies."""
    asks: str = field(init=False, repr=False, compare=False)
    """Its conditions in words, which every call that meets it is told."""

    def __post_init__(self) -> None:
        draws = self.when.chance is not None or (self.delay is not None and self.delay.draws)
        object.__setattr__(self, "draws", draws)
        object.__setattr__(self, "asks", str(self.when))

    def depends_on_order(self) -> list[str]:
        """Name what makes its effect depend on the order in which calls arrive."""
        reasons = [("times", self.times is not None), ("call", self.when.call is not None)]
        reasons.append(("draw_by: call", self.draws and self.draw_by is DrawBy.CALL))
        return [name for name, is_so in reasons if is_so]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named list of rules. ``source`` says where it came from; ``warnings`` what is legal in it but unwise."""

    name: str
    rules: tuple[Rule, ...]
    summary: str = ""
    seed: int = 0
    source: str = field(default="", compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)
    _by_operation: dict[Operation, tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_operation = {
            operation: tuple(rule for rule in self.rules if operation in rule.on) for operation in Operation
        }
        object.__setattr__(self, "_by_operation", by_operation)

    def rules_for(self, operation: Operation) -> tuple[Rule, ...]:
        """Return the rules that one operation can meet, in order."""
        return self._by_operation[operation]
