"""``python -m tests.torture.soak``: an hour's calls in minutes, and a verdict on what they left behind."""

import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.table import Table

from mockpos.cli.terminal import progress_bar
from tests.torture.report import surroundings
from tests.torture.soak.run import SoakResult, soak
from tests.torture.soak.samples import Sample

_ROWS = 16
_PIPE_WIDTH = 120


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--calls",
    type=click.IntRange(1),
    default=72_000,
    show_default=True,
    help="How many calls are made: an hour at twenty a second has 72,000.",
)
@click.option("--seconds", type=click.FloatRange(1), default=600, show_default=True, help="And how long, at most.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JSON there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def command(calls: int, seconds: float, report: Path | None, as_json: bool) -> None:
    """Make calls of every kind against one server, and see that nothing grows, leaks or breaks.

    Exit status 0 when nothing was found, 1 when something was, 2 when nothing could be tried.

    \b
    Examples:
      python -m tests.torture.soak
      python -m tests.torture.soak --calls 5000 --seconds 20
    """
    if report is not None and not report.parent.is_dir():
        raise click.BadParameter(f"there is no folder {report.parent}", param_hint="--report")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that no server outlives the run
    begun = time.monotonic()
    with TemporaryDirectory(prefix="mockpos-soak-") as folder, progress_bar("calls", calls) as on_calls:
        soaked = soak(calls, seconds, Path(folder), on_calls)
    document = {
        **surroundings(),
        "parameters": {"calls": calls, "seconds": seconds},
        "seconds": round(time.monotonic() - begun, 1),
        "verdict": "findings" if soaked.findings else "clean",
        **asdict(soaked),
        "findings": [finding._asdict() for finding in soaked.findings],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if report is not None:
        report.write_text(text, encoding="utf-8")
    _show(soaked, text if as_json else None)
    sys.exit(1 if soaked.findings else 0)


def _show(soaked: SoakResult, text: str | None) -> None:
    console = Console(stderr=text is not None, highlight=False)
    if not console.is_terminal:
        console = Console(stderr=text is not None, highlight=False, width=_PIPE_WIDTH)
    if text is not None:
        click.echo(text, nl=False)
    else:
        console.print(_table(soaked.samples))
    made = ", ".join(f"{count:,} {what}" for what, count in soaked.made.items())
    console.print(f"{soaked.calls:,} calls, among them {made}; {soaked.audited:,} Global IDs compared with the audit")
    if soaked.growth_kb is None:
        console.print("memory: not judged, the run was too short")
    else:
        console.print(f"memory: {soaked.growth_kb:+.0f} kB for 1,000 calls in the last half")
    for finding in soaked.findings:
        console.print(f"[red]✗[/] {finding.kind}: ", end="")
        console.print(finding.detail, markup=False, soft_wrap=True)
    colour, mark = ("red", "✗") if soaked.findings else ("green", "✓")
    console.print(f"[{colour}]{mark}[/] {len(soaked.findings)} findings")


def _table(samples: Sequence[Sample]) -> Table:
    table = Table("s", "calls", "memory MB", "descriptors", "threads", "log kB", "file kB", "sandboxes", title="soak")
    every = max(1, len(samples) // _ROWS)
    for sample in [*samples[:-1:every], samples[-1]]:
        table.add_row(
            f"{sample.seconds:.0f}", f"{sample.calls:,}", f"{sample.rss_kb / 1024:.1f}", str(sample.descriptors),
            str(sample.threads), f"{sample.log_bytes / 1000:,.0f}", f"{sample.file_bytes / 1000:,.0f}",
            str(sample.sandboxes),
        )  # fmt: skip
    return table


if __name__ == "__main__":
    command()
