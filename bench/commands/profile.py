"""``bench profile``: the functions of mockpos that take the most time under load."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.commands.progress import telling
from bench.effort import QUICK
from bench.errors import MissingTool, Unmeasurable
from bench.profile import Profile, profile
from bench.tools import need
from bench.workspace import Workspace


@click.command("profile")
@click.option("--seconds", type=click.IntRange(1, 600), default=10, show_default=True, help="How long to load it.")
@click.option("--top", type=click.IntRange(1), default=30, show_default=True, help="How many functions to print.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(seconds: int, top: int, as_json: bool) -> None:
    """Put mockpos under load and print the functions that take the most time by themselves.

    py-spy samples it, nearly for free; without py-spy cProfile counts every call, which makes small functions look
    dearer than they are.
    """
    try:
        need(["wrk"])
        with telling(1) as tell, tempfile.TemporaryDirectory(prefix="mockpos-bench-") as folder:
            found = profile(Workspace(Path(folder), QUICK, tell), seconds)
    except MissingTool as error:
        raise click.UsageError(str(error)) from None
    except Unmeasurable as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    if as_json:
        functions = [asdict(one) for one in found.functions[:top]]
        click.echo(json.dumps({"by": found.by, "calls": found.calls, "functions": functions}, indent=2))
    else:
        _print(found, top)


def _print(found: Profile, top: int) -> None:
    table = Table("own", "total", "function", "where", box=None, pad_edge=False)
    for one in found.functions[:top]:
        table.add_row(f"{one.own:.1%}", f"{one.total:.1%}", one.function, one.place)
    console = Console(highlight=False)
    console.print(table)
    start = "" if found.by == "py-spy" else "; the start is in it too"
    console.print(f"by {found.by}, of {found.calls:,} holds{start}")
