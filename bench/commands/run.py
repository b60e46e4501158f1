"""``bench run``: measure, write the results, say which goals are met."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bench.commands.goals_table import print_goals
from bench.commands.progress import telling
from bench.effort import FULL, QUICK, Effort
from bench.errors import MissingTool, Unmeasurable
from bench.machine import stamp
from bench.measurement import Measurement
from bench.measurements import MEASUREMENTS
from bench.results import SPEED, add, new_results, results_to_extend, write
from bench.tools import need
from bench.workspace import Workspace

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_NEEDS = {"echo": (), "wiremock": ("java", "wiremock")}
"""What a server needs to run, where that is not node and its own package."""


@click.command("run")
@click.option("--only", multiple=True, type=click.Choice(tuple(MEASUREMENTS)), help="Measure this alone; repeatable.")
@click.option("--against", multiple=True, metavar="SERVER", help="Compare with this server alone; repeatable.")
@click.option("--quick", is_flag=True, help="Minutes instead of an hour: shows that it works, proves nothing.")
@click.option("--seconds", type=click.IntRange(1, 60), help="With --quick: seconds of load in a round.  [default: 2]")
@click.option("--rounds", type=click.IntRange(1, 20), help="With --quick: how many rounds.  [default: 3]")
@click.option("--out", type=_FILE, help="The results file.  [default: bench/results/speed.json]")
@click.option("--work", type=_FOLDER, help="Where to write meanwhile.  [default: the system's temporary folder]")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON instead of the table of goals.")
def command(only: tuple[str, ...], against: tuple[str, ...], out: Path | None, work: Path | None, **how: Any) -> None:
    """Measure mockpos against its goals, in an hour or so.

    A run of everything writes bench/results/speed.json; one with --only, --against or --quick writes nothing unless
    --out names a file, whose other results it keeps when they are of this machine.

    \b
    Examples:
      python -m bench run
      python -m bench run --only cpu --quick
      python -m bench run --only start --only memory --out bench/results/speed.json
    """
    chosen = [MEASUREMENTS[name] for name in only] or list(MEASUREMENTS.values())
    effort = _effort(how["quick"], how["seconds"], how["rounds"])
    _check(chosen, against)
    part = bool(only or against or effort.quick)
    target = out or (None if part else SPEED)
    results = _results(target if part else None)
    with telling(len(chosen)) as tell, tempfile.TemporaryDirectory(prefix="mockpos-bench-", dir=work) as folder:
        workspace = Workspace(Path(folder), effort, tell, frozenset(against) if against else None)
        for measurement in chosen:
            add(results, measurement.name, _measured(measurement, workspace, tell))
            if target is not None:
                write(results, target)
    goals = [goal for goal in results["goals"] if goal["measurement"] in {measurement.name for measurement in chosen}]
    if against:  # what was not asked for is not missed
        goals = [goal for goal in goals if goal["value"] is not None]
    _report(results, goals, how["as_json"])


def _effort(quick: bool, seconds: int | None, rounds: int | None) -> Effort:
    if not quick:
        if seconds or rounds:
            raise click.UsageError("--seconds and --rounds are for --quick: results in full are all made alike")
        return FULL
    seconds = seconds or QUICK.seconds
    return replace(QUICK, seconds=seconds, warm_up=min(seconds, QUICK.warm_up), rounds=rounds or QUICK.rounds)


def _results(extended: Path | None) -> dict[str, Any]:
    """Return new results, or those in a file to which this run adds."""
    try:
        return new_results() if extended is None else results_to_extend(extended)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _report(results: dict[str, Any], goals: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(results, indent=2))
    else:
        print_goals(goals)
    sys.exit(0 if goals and all(goal["met"] or goal["stretch"] for goal in goals) else 1)


def _check(chosen: list[Measurement], against: tuple[str, ...]) -> None:
    """Refuse what cannot be done, before anything is measured."""
    if not sys.platform.startswith("linux"):
        raise click.UsageError("CPU and memory are read from /proc, so this runs on Linux only")
    servers = sorted({server for measurement in chosen for server in measurement.servers})
    unknown = [name for name in against if name not in servers]
    if unknown:
        raise click.UsageError(
            f"--against: no server called {unknown[0]!r} here; there are {', '.join(servers) or 'none'}"
        )
    needed = {tool for measurement in chosen for tool in measurement.tools}
    for name in against or servers:
        needed.update(_NEEDS.get(name, ("node", name)))
    try:
        need(needed)
    except MissingTool as error:
        raise click.UsageError(str(error)) from None


def _measured(measurement: Measurement, workspace: Workspace, tell: Callable[[str], None]) -> dict[str, Any]:
    """Make one measurement; return it with its date and commit, or with why it failed."""
    tell(f"{measurement.name}: {measurement.summary}")
    told = {**stamp(), "quick": workspace.effort.quick}
    began = time.monotonic()
    try:
        found = measurement.run(workspace).document()
    except Unmeasurable as error:
        tell(f"{measurement.name}: not measured: {error}")
        found = {"failed": str(error)}
    return {**told, "took_s": round(time.monotonic() - began), **found}
