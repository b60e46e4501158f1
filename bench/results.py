"""The results file: what was measured, when, of which commit, on what machine."""

import json
from pathlib import Path
from typing import Any

from bench.goals import judged
from bench.machine import machine, versions

FOLDER = Path(__file__).parent / "results"
SPEED = FOLDER / "speed.json"


def new_results() -> dict[str, Any]:
    """Return results of this machine with nothing measured yet."""
    return {"format": 1, "machine": machine(), "versions": versions(), "measurements": {}, "goals": []}


def results_to_extend(path: Path) -> dict[str, Any]:
    """Return the results in a file to add to, or new ones when there is no file.

    Raises ValueError when they are of another machine or of other versions: ratios of one run only.
    """
    fresh = new_results()
    if not path.exists():
        return fresh
    found: dict[str, Any] = json.loads(path.read_bytes())
    for what in ("machine", "versions"):
        if found[what] != fresh[what]:
            differ = ", ".join(sorted({name for name, _ in found[what].items() ^ fresh[what].items()}))
            raise ValueError(
                f"{path} has results of other {what} ({differ}); give another --out, or measure everything"
            )
    return found


def add(results: dict[str, Any], name: str, measured: dict[str, Any]) -> None:
    """Put one measurement into the results, in place of an earlier one, and judge the goals anew."""
    results["measurements"][name] = measured
    results["goals"] = judged(results["measurements"])


def judge_again(path: Path) -> None:
    """Bring the goals in a results file up to date with the table of goals; what was measured stays."""
    results = json.loads(path.read_bytes())
    goals = judged(results["measurements"])
    if goals != results["goals"]:
        write({**results, "goals": goals}, path)


def write(results: dict[str, Any], path: Path) -> None:
    """Write results to a file, in the order they were measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
