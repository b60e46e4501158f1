"""The table of goals, and whether they are met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One bound on one measured value. ``row`` says what is measured; a stretch may be missed.

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


_BEFORE = "against the commit before the redesign"
_WIREMOCK = "CPU per hold against WireMock's stub"
_SCALE = "CPU per hold at 1,000,000 listings against 1,000"

GOALS = (
    Goal("previous_holds", "previous", f"CPU per hold {_BEFORE}", "at most 0.5 x", 0.5),
    Goal("previous_holds", "previous", f"CPU per hold {_BEFORE}", "at most 0.43 x", 0.43, stretch=True),
    Goal("previous_rate", "previous", f"holds/s {_BEFORE}", "at least 2 x", 2, at_least=True),
    Goal("previous_p99", "previous", f"p99 of 32 callers {_BEFORE}", "at most 0.7 x", 0.7),
    Goal("previous_releases", "previous", f"CPU of a hold and its release {_BEFORE}", "at most 0.5 x", 0.5),
    Goal("previous_invoices", "previous", f"CPU of a hold and its invoice {_BEFORE}", "at most 0.5 x", 0.5),
    Goal("delay", "delay", "500 callers at 250 ms delay", "at least 95% of the ideal", 95, "%", at_least=True),
    Goal("delay_cpu", "delay", f"CPU of a call delayed by 250 ms {_BEFORE}", "at most 0.7 x", 0.7),
    Goal("cpu_mountebank", "cpu", "CPU per hold against mountebank's stub", "at most 0.4 x", 0.4),
    Goal("fresh_wiremock", "fresh", f"{_WIREMOCK}, both just started", "at most 0.4 x", 0.4),
    Goal("wiremock_unbounded", "wiremock", f"{_WIREMOCK} warmed up, journal unbounded", "at most 1.15 x", 1.15),
    Goal("wiremock_bounded", "wiremock", f"{_WIREMOCK} warmed up, journal bounded as ours", "at most 0.1 x", 0.1),
    Goal("stored", "stored", "holds/s against json-server at 1,000 listings", "at least 10 x", 10, at_least=True),
    Goal("scale_listings", "scale", _SCALE, "at most 1.2 x", 1.2),
    Goal("scale_holds", "scale", f"{_SCALE}, after 1,000,000 earlier holds", "at most 1.2 x", 1.2),
    Goal("beside", "beside", "p99 of undelayed calls beside 200 delayed ones", "at most 2 x without them", 2),
    Goal("fairness", "previous", "p99 with 32 connections in a closed loop", "at most 5 x the p50", 5),
    Goal("start_few", "start", "start to first hold, 200 listings", "at most 0.35 s", 0.35, "s"),
    Goal("start_many", "start", "start to first hold, 100,000 listings", "at most 2.5 s", 2.5, "s"),
    Goal("memory", "memory", "memory after 1,000,000 calls, default settings", "at most 250 MB", 250, "MB"),
    Goal("listing_bytes", "scale", "memory per listing at 1,000,000, after load", "at most 1 KB", 1000, "bytes"),
    Goal(
        "stall", "checkpoint", "longest stall of a call while a checkpoint of 100,000 listings runs",
        "at most 50 ms", 50, "ms",
    ),
    Goal("beside_work", "beside-work", "longest wait of a call beside large work", "at most 50 ms", 50, "ms"),
    Goal("console_paint", "console", "first paint of the console, 100,000 listings", "at most 1 s", 1, "s"),
    Goal("console_change", "console", "a change on the console's screen", "at most 250 ms", 250, "ms"),
    Goal("console_cpu", "console", "CPU per hold with the console open", "at most 1.15 x of without it", 1.15),
    Goal("copies", "copies", "a snapshot or sandbox of 100,000 listings", "at most 50 ms", 50, "ms"),
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
