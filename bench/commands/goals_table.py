"""The table of goals in a terminal."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.formatting import said_met, said_spread, said_value

_STYLES = {"met": "green", "missed": "red", "stretch missed": "yellow", "not measured": "yellow"}


def print_goals(goals: Sequence[dict[str, Any]]) -> None:
    """Print goals with their bounds, what was measured, and whether they are met."""
    table = Table("goal", "bound", "measured", "rounds", "met", box=None, pad_edge=False)
    for goal in goals:
        met = said_met(goal)
        detail = f"{said_value(goal)}\n{goal['detail']}" if goal.get("detail") else said_value(goal)
        table.add_row(goal["what"], goal["bound"], detail, said_spread(goal), f"[{_STYLES[met]}]{met}[/]")
    Console(highlight=False).print(table)
