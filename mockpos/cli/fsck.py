"""``mockpos fsck``: check an inventory file and its commit logs, say what is wrong and what it means, and repair it."""

import sys
from pathlib import Path

import click

from mockpos.cli.table import show_json
from mockpos.cli.terminal import mark, progress_bar, shown
from mockpos.domain.clock import rfc3339
from mockpos.domain.counted import counted
from mockpos.fsck.check import check
from mockpos.fsck.repair import Repair, carry_out, planned_repair
from mockpos.fsck.report import Finding, Report, Start

FINDINGS = 1
"""The exit status when something is wrong and was not put right."""


@click.command("fsck")
@click.argument(
    "file", type=click.Path(path_type=Path, dir_okay=False, readable=False), default=Path("inventory.json"),
    envvar="MOCKPOS_INVENTORY",
)  # fmt: skip
@click.option("--repair", is_flag=True, help="Cut a log before its first damaged line, having copied it first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def command(file: Path, repair: bool, as_json: bool) -> None:
    """Check FILE, an inventory, and the commit logs beside it: what is damaged, what is lost, what would help.

    It looks without a lock and writes nothing, so the file may be in use. FILE is inventory.json if left out.
    With --repair it cuts a log before its first damaged line, having copied each file that it changes to
    FILE.before-repair.N. It never makes anything up: commits before the line are kept, those after it are left out.

    Exit status 0 when nothing is wrong or everything was repaired, 1 when there are findings, 2 when FILE is not
    there, or is in use and cannot be repaired.

    \b
    Examples:
      mockpos fsck
      mockpos fsck broker.json --json | jq -r '.findings[].kind'
      mockpos fsck broker.json --repair
    """
    if repair:
        sys.exit(_repair(file, as_json=as_json))
    with progress_bar("checking", 100) as show:
        report = check(file, show).report
    if as_json:
        show_json(report.as_json())
    else:
        _show_report(report)
    sys.exit(0 if report.is_clean else FINDINGS)


def _repair(file: Path, *, as_json: bool) -> int:
    """Repair what can be, look again and show both; return the exit status."""
    with progress_bar("checking", 100) as show, planned_repair(file, show) as planned:
        before = planned.report
        does_it = planned.log is not None
        if not as_json:
            _show_report(before)
            _show_plan(planned)
        if does_it:
            carry_out(planned)
    after = check(file).report if does_it else before
    if as_json:
        show_json({**after.as_json(), "repair": _as_json(planned, before)})
    elif after is not before:
        click.echo("\nafter the repair:")
        _show_report(after)
    return 0 if after.is_clean else FINDINGS


def _as_json(repair: Repair, before: Report) -> dict[str, object]:
    return {
        "done": repair.log is not None,
        "steps": repair.steps(),
        "copies": [str(copy) for _, copy in repair.copies],
        "stopped_by": [finding.kind for finding in repair.blockers],
        "before": before.as_json(),
    }


_MOST_SHOWN = 50
_WIDTH = 110


def _show_report(report: Report) -> None:
    """Print everything that was found."""
    if report.in_use_by is not None:
        told = f"in use by {report.in_use_by}: this is how the files stood a moment ago"
        click.echo(f"{click.style('note:', fg='yellow')} {shown(told)}")
    sizes = {look.path: f"{look.what} ({look.size:,} bytes)" for look in report.files}
    others = dict.fromkeys(Path(finding.file) for finding in report.findings)
    for path in dict.fromkeys((*sizes, *others)):
        found = report.of(path)
        is_sound = all(finding.is_note for finding in found)
        about = f"  {sizes[path]}" if path in sizes else ""
        click.echo(f"{mark(is_sound)} {click.style(shown(path), bold=True)}{about}")
        for finding in found[:_MOST_SHOWN]:
            _show_finding(finding)
        if len(found) > _MOST_SHOWN:
            click.echo(f"  and {len(found) - _MOST_SHOWN:,} more; --json shows them")
    if report.start is not None:
        _show_start(report.start)
    _show_verdict(report)


def _show_plan(repair: Repair) -> None:
    """Print what a repair will do, or why it does nothing."""
    if repair.blockers:
        count = counted(len(repair.blockers), "finding")
        click.echo(f"\nNothing was changed: {count} cannot be repaired without a guess. See the way out of each.")
    elif repair.log is None:
        click.echo("\nThere is nothing to repair.")
    else:
        click.echo("\nrepair:")
        for step in repair.steps():
            click.echo(f"  - {shown(step)}")


def _show_finding(finding: Finding) -> None:
    sign = click.style("·", fg="yellow") if finding.is_note else mark(False)
    place = f"{finding.place}: " if finding.place else ""
    click.echo(f"  {sign} {place}{shown(finding.what)}")
    for text in (finding.meaning, f"Way out: {finding.way_out}" if finding.way_out else ""):
        if text:
            click.echo(click.wrap_text(shown(text), _WIDTH, "      ", "      "))


def _show_start(start: Start) -> None:
    if start.refuses is not None:
        click.echo(f"\nA start would refuse: {shown(start.refuses)}")
        click.echo("What can be applied comes to:")
    else:
        click.echo(f"\nA start would replay {counted(start.replays, 'commit')} and serve:")
    logs = ", ".join(map(str, start.log_generations)) or "none"
    match = {True: "yes", False: "no", None: "the logs name none"}[start.file_matches]
    facts = {
        "listings": f"{start.listings:,}",
        "holds": f"{start.live_holds:,} live, {start.ended_holds:,} ended",
        "invoices": f"{start.invoices:,}",
        "tombstones": f"{start.tombstones:,}",
        "last commit": rfc3339(start.last_commit) if start.last_commit else "none",
        "generations": f"file {start.generation}, logs {logs}",
        "file is the one the logs name": match,
    }
    width = max(map(len, facts)) + 2
    for name, value in facts.items():
        click.echo(f"  {name:{width}}{value}")


def _show_verdict(report: Report) -> None:
    findings = sum(not finding.is_note for finding in report.findings)
    if findings:
        repairable = sum(finding.can_repair for finding in report.findings)
        how_many = "it" if findings == 1 else "all" if repairable == findings else f"{repairable:,} of them"
        hint = f"; `mockpos fsck {report.file} --repair` can put {how_many} right" if repairable else ""
        click.echo(f"\n{counted(findings, 'finding')}{hint}")
    else:
        click.echo(f"\n{mark(True)} clean")
