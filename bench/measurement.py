"""What a measurement is, and what it hands back."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a goal: the median of the rounds, with the lowest and the highest of them."""

    value: float
    low: float
    high: float
    detail: str = ""


def spread(values: Sequence[float], detail: str = "") -> Value:
    """Return the median of the rounds' values, with the lowest and the highest."""
    return Value(median(values), min(values), max(values), detail)


@dataclass(slots=True)
class Outcome:
    """Raw rounds and their medians by series, the values of goals by the goal's id, and remarks for a reader."""

    series: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return it for a results file."""
        values = {goal: asdict(value) for goal, value in self.values.items()}
        return {"values": values, "series": self.series, "notes": self.notes}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One thing to measure. ``tools`` are those it cannot do without; ``servers`` those it compares mockpos with."""

    name: str
    summary: str
    run: Callable[[Workspace], Outcome]
    tools: tuple[str, ...] = ("wrk",)
    servers: tuple[str, ...] = ()
