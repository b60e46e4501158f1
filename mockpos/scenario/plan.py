"""What will happen to a call, decided before it happens."""

from dataclasses import dataclass

from mockpos.domain.clock import show_duration
from mockpos.scenario.outcomes import Outcome, Phase, PosAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The one rule that decided about a call, and what it asks for. ``why`` is for logs and explanations."""

    scenario: str
    rule_id: str
    why: str
    delay_ms: int = 0
    delay_at: Phase = Phase.BEFORE_COMMIT
    outcome: Outcome | None = None
    phase: Phase = Phase.BEFORE_COMMIT
    pos: tuple[PosAction, ...] = ()

    @property
    def delay_s(self) -> float:
        """The delay in seconds."""
        return self.delay_ms / 1000

    @property
    def commits(self) -> bool:
        """True when the call is carried out, whatever its caller is told."""
        return self.outcome is None or self.phase is Phase.AFTER_COMMIT

    def __str__(self) -> str:
        parts = []
        if self.delay_ms:
            parts.append(f"delay {show_duration(self.delay_ms)}{_after(self.delay_at)}")
        if self.outcome is not None:
            parts.append(f"{self.outcome}{_after(self.phase)}")
        parts += [f"pos: {action}" for action in self.pos]
        return "; ".join(parts) or "nothing"


def _after(phase: Phase) -> str:
    return " after commit" if phase is Phase.AFTER_COMMIT else ""
