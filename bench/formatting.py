"""How figures are written for people, in a terminal and on the page."""

from collections.abc import Mapping
from typing import Any


def said_number(value: float) -> str:
    """Write a number with as many digits as mean something."""
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def said_value(goal: Mapping[str, Any]) -> str:
    """Write what was measured, with its unit."""
    return "not measured" if goal["value"] is None else f"{said_number(goal['value'])} {goal['unit']}"


def said_spread(goal: Mapping[str, Any]) -> str:
    """Write the lowest and the highest round."""
    if goal["value"] is None:
        return ""
    return f"{said_number(goal['low'])} to {said_number(goal['high'])}"


def said_met(goal: Mapping[str, Any]) -> str:
    """Say whether a goal is met."""
    if goal["met"] is None:
        return "not measured"
    if goal["met"]:
        return "met"
    return "stretch missed" if goal["stretch"] else "missed"
