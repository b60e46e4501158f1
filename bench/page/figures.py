"""The figures of a series of rounds: which are shown, in what unit, and with what spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.formatting import said_number


@dataclass(frozen=True, slots=True)
class Figure:
    """A column: the name in the results file, the head, and what to divide by for its unit."""

    name: str
    head: str
    per: float = 1.0


FIGURES = (
    Figure("per_s", "calls/s"),
    Figure("cpu_us", "CPU a call, us"),
    Figure("p50_us", "p50, ms", 1000),
    Figure("p99_us", "p99, ms", 1000),
    Figure("resident_bytes", "memory, MB", 1e6),
    Figure("ready_s", "start to first hold, s"),
    Figure("took_s", "took, s"),
    Figure("took_ms", "took, ms"),
    Figure("p50_ms", "p50, ms"),
    Figure("p99_ms", "p99, ms"),
    Figure("max_ms", "longest, ms"),
    Figure("longest_at_s", "which began at, s"),
    Figure("before_max_ms", "longest before, ms"),
    Figure("calls", "calls"),
    Figure("remembered", "Global IDs remembered"),
)


def shown_in(rounds: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Return the figures that the rounds have."""
    return [figure for figure in FIGURES if figure.name in rounds[0]]


def cell(figure: Figure, rounds: Sequence[Mapping[str, Any]]) -> str:
    """Write the median of the rounds, with the lowest and the highest."""
    values = [one[figure.name] if figure.per == 1 else one[figure.name] / figure.per for one in rounds]
    if len(values) == 1:
        return said_number(values[0])
    return f"{said_number(median(values))} ({said_number(min(values))} to {said_number(max(values))})"
