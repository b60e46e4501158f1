"""The report of a run: what was met, what was checked, what was found; and on which machine, with which versions."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.table import Table

from tests.torture.kill_points import KillPoint
from tests.torture.run import Outcome, RunOptions

ROOT = Path(__file__).parents[2]
_PACKAGES = ("mockpos", "gunicorn", "flask", "greenlet", "msgspec", "tinydb")

Document = dict[str, Any]


def surroundings() -> Document:
    """Say when, of which commit, on which machine and with which versions."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "with_uncommitted_changes": bool(_git("status", "--porcelain", "--", "mockpos", "tests", "pyproject.toml")),
        "machine": {"cpu": _cpu(), "cores": _cores(), "kernel": f"{platform.system()} {platform.release()}"},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
    }


def as_document(outcome: Outcome, wish: RunOptions, seconds: float) -> Document:
    """Return the whole report as JSON has it."""
    tally = outcome.tally
    return {
        **surroundings(),
        "parameters": {
            "kills": wish.kills, "seed": wish.seed, "between_s": list(wish.between), "callers": wish.callers,
            "durability": list(wish.durabilities), "large_listings": wish.large_listings,
        },
        "seconds": round(seconds, 1),
        "verdict": "clean" if outcome.is_clean else "findings",
        "findings": [finding._asdict() for finding in tally.findings],
        "kills": {
            "total": tally.killed,
            "chapters": outcome.chapters,
            "aimed_at": _by_name({moment: tally.aimed[moment] for moment in KillPoint}),
            "met": _by_name({moment: tally.met[moment] for moment in KillPoint}),
            "by_kind": _sorted(tally.kills),
        },
        "answers_acknowledged": {"total": sum(tally.answers.values()), "by_code": _sorted(tally.answers)},
        "answers_that_came_again_after_a_restart": _sorted(tally.confirmed),
        "compared_after_kills": _sorted(tally.compared),
        "lost_answers": _sorted(tally.lost_calls),
        "changes_of_the_world_acknowledged": _sorted(tally.changes),
        "changes_of_the_world_whose_answer_was_lost": _sorted(tally.lost_changes),
        "other": _sorted(tally.other),
    }  # fmt: skip


def as_table(outcome: Outcome) -> Table:
    """Return the moments, for a terminal."""
    table = Table("moment", "aimed at", "met", title="kill -9")
    for moment in KillPoint:
        met = outcome.tally.met[moment]
        table.add_row(str(moment), str(outcome.tally.aimed[moment]), f"[{'green' if met else 'yellow'}]{met}[/]")
    return table


def summary(outcome: Outcome, seconds: float) -> list[str]:
    """Return what was checked, in a few lines."""
    tally = outcome.tally
    unheard = _shown(tally.lost_calls)
    return [
        f"{tally.killed} kills in {outcome.chapters} chapters, {seconds:.0f} s; by kind: {_shown(tally.kills)}",
        f"{sum(tally.answers.values()):,} acknowledged calls, each compared with what was there after the kill; "
        f"{sum(tally.confirmed.values()):,} answers asked for again: {_shown(tally.confirmed)}",
        f"{sum(tally.lost_calls.values()):,} lost answers of calls: {unheard}",
        f"acknowledged changes of the world: {_shown(tally.changes)}",
        f"lost answers of changes of the world: {_shown(tally.lost_changes)}",
        f"beside: {_shown(tally.other)}",
    ]


def _by_name(counts: Mapping[KillPoint, int]) -> dict[str, int]:
    return {f"{moment.name.lower()}: {moment}": count for moment, count in counts.items()}


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items()) if count}


def _shown(counts: Mapping[str, int]) -> str:
    return "; ".join(f"{name} {count:,}" for name, count in _sorted(counts).items()) or "none"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    return len(os.sched_getaffinity(0))
