"""``python -m tests.torture``: kill a serving mockpos over and over, and judge what is there afterwards."""

import json
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

import click
from rich.console import Console

from mockpos.cli.terminal import progress_bar
from tests.torture.report import as_document, as_table, summary
from tests.torture.run import Outcome, RunOptions, torture

_PIPE_WIDTH = 160


def _seconds(_: click.Context, __: click.Parameter, value: str) -> tuple[float, float]:
    """Read a range of seconds. Raises BadParameter that says how to write one."""
    least, dots, most = value.partition("..")
    try:
        found = float(least), float(most)
    except ValueError:
        found = -1.0, -1.0
    if not dots or not 0 <= found[0] <= found[1] <= 60:
        raise click.BadParameter(f"{value!r} is not a range of seconds from 0 to 60; write it as 0.05..1.5")
    return found


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--kills", type=click.IntRange(1), default=20, show_default=True, help="How often the server dies.")
@click.option("--seed", type=int, help="Repeat the plan of a run; a new one each time if left out.")
@click.option(
    "--between",
    callback=_seconds,
    default="0.05..1.5",
    show_default=True,
    metavar="S..S",
    help="How long a server lives before the moment to die is looked for.",
)
@click.option("--callers", type=click.IntRange(1, 100), default=8, show_default=True, help="Callers side by side.")
@click.option(
    "--durability",
    type=click.Choice(["os", "disk", "both"]),
    default="both",
    show_default=True,
    help="The server's option of this name; both: in turn.",
)
@click.option(
    "--large",
    type=click.IntRange(10, 1_000_000),
    default=20_000,
    show_default=True,
    metavar="LISTINGS",
    help="How many listings the larger inventory has.",
)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JSON there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def command(
    kills: int,
    seed: int | None,
    between: tuple[float, float],
    callers: int,
    durability: str,
    large: int,
    report: Path | None,
    as_json: bool,
) -> None:
    """Run real load over HTTP, kill the server at chosen moments, start it again, and check everything it answered.

    Exit status 0 when nothing was found, 1 when something was, 2 when nothing could be tried.

    \b
    Examples:
      python -m tests.torture --kills 200 --seed 7
      python -m tests.torture --kills 50 --durability disk --between 0..0.3 --report torture.json
    """
    if report is not None and not report.parent.is_dir():
        raise click.BadParameter(f"there is no folder {report.parent}", param_hint="--report")
    wish = RunOptions(
        kills=kills, seed=secrets.randbelow(10**6) if seed is None else seed, between=between, callers=callers,
        durabilities=("os", "disk") if durability == "both" else (durability,), large_listings=large,
    )  # fmt: skip
    outcome, seconds = _tortured(wish)
    text = json.dumps(as_document(outcome, wish, seconds), indent=2, ensure_ascii=False) + "\n"
    if report is not None:
        report.write_text(text, encoding="utf-8")
    _show(outcome, wish, seconds, text if as_json else None)
    sys.exit(0 if outcome.is_clean else 1)


def _tortured(wish: RunOptions) -> tuple[Outcome, float]:
    """Carry a run out; return what came of it, and in how many seconds. Its files are kept only after a finding."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that no server outlives the run
    begun = time.monotonic()
    folder, outcome = Path(mkdtemp(prefix="mockpos-torture-")), Outcome()
    try:
        with progress_bar(f"kill -9, seed {wish.seed}", wish.kills) as on_kill:
            outcome = torture(wish, folder, on_kill)
    finally:
        if outcome.is_clean:
            shutil.rmtree(folder)
    return outcome, time.monotonic() - begun


def _show(outcome: Outcome, wish: RunOptions, seconds: float, text: str | None) -> None:
    console = Console(stderr=text is not None, highlight=False)
    if not console.is_terminal:
        console = Console(stderr=text is not None, highlight=False, width=_PIPE_WIDTH)
    if text is not None:
        click.echo(text, nl=False)
    else:
        console.print(as_table(outcome))
    for line in summary(outcome, seconds):
        console.print(line, soft_wrap=True)
    for finding in outcome.tally.findings:
        console.print(f"[red]✗[/] {finding.kind}: ", end="")
        console.print(finding.detail, markup=False, soft_wrap=True)
    for kept in outcome.kept:
        console.print(f"the files as the last kill left them: {kept}", soft_wrap=True)
    colour, mark = ("green", "✓") if outcome.is_clean else ("red", "✗")
    console.print(f"[{colour}]{mark}[/] {len(outcome.tally.findings)} findings, seed {wish.seed}")


if __name__ == "__main__":
    command()
