"""The table of goals, as the issue has it, and whether they are met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One bound on one measured value. ``row`` is the issue's line it comes from; a stretch may be missed.

    ``in_the_way`` says what stands in the way when it is.
    """

    id: str
    measurement: str
    row: str
    bound: str
    limit: float
    unit: str = "x"
    at_least: bool = False
    stretch: bool = False
    in_the_way: str = ""

    def is_met(self, value: float) -> bool:
        """Tell whether a value keeps to the bound."""
        return value >= self.limit if self.at_least else value <= self.limit


_WIREMOCK = "CPU per hold against WireMock's stub with journal"
_SCALE = "CPU per hold at 1,000,000 listings against 1,000"
_START = "start to first hold, 200 listings / 100,000 listings"

GOALS = (
    Goal("cpu_echo", "cpu", "CPU per hold against a bare Flask echo on the same worker", "at most 1.5 x", 1.5),
    Goal("cpu_wiremock", "cpu", _WIREMOCK, "at most 1.0 x", 1.0),
    Goal("cpu_wiremock", "cpu", _WIREMOCK, "at most 0.8 x", 0.8, stretch=True),
    Goal(
        "cpu_mountebank", "cpu", "CPU per hold against mountebank's stub", "at most 1.0 x", 1.0, stretch=True,
        in_the_way="A bare Flask echo on the same worker already takes most of what mountebank's whole answer takes.",
    ),
    Goal("stored", "stored", "holds/s against json-server at 1,000 listings", "at least 10 x", 10, at_least=True),
    Goal("scale_listings", "scale", _SCALE, "at most 1.15 x", 1.15),
    Goal("scale_holds", "scale", f"{_SCALE}, after 1,000,000 earlier holds", "at most 1.15 x", 1.15),
    Goal("delay", "delay", "500 callers at 250 ms delay", "at least 90% of the ideal", 90, "%", at_least=True),
    Goal("beside", "beside", "p99 of undelayed calls beside 200 delayed ones", "at most 2 x without them", 2),
    Goal("start_few", "start", f"{_START}: 200", "at most 0.7 s", 0.7, "s"),
    Goal("start_many", "start", f"{_START}: 100,000", "at most 2.5 s", 2.5, "s"),
    Goal(
        "memory", "memory", "memory, 200 listings, after 1,000,000 calls",
        "at most 150 MB, plus 300 bytes per Global ID still remembered", 150, "MB",
    ),
    Goal("listing_bytes", "scale", "memory per listing at 1,000,000, after load", "at most 1 KB", 1000, "bytes"),
    Goal(
        "stall", "checkpoint", "longest stall of a call while a checkpoint of 100,000 listings runs",
        "at most 50 ms", 50, "ms",
    ),
    Goal("fairness", "fairness", "p99 with 32 connections in a closed loop", "at most 5 x the p50", 5),
)  # fmt: skip
"""Every goal. What a value means is said where it is measured."""


def judged(measured: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each goal with its value and whether it is met; None for both where nothing was measured."""
    return [_judged(goal, measured.get(goal.measurement, {}).get("values", {}).get(goal.id)) for goal in GOALS]


def _judged(goal: Goal, found: Mapping[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": goal.id,
        "measurement": goal.measurement,
        "what": goal.row,
        "bound": goal.bound,
        "unit": goal.unit,
    }
    told |= {"stretch": goal.stretch, "in_the_way": goal.in_the_way}
    if found is None:
        return {**told, "value": None, "met": None}
    return {**told, **found, "met": goal.is_met(found["value"])}
