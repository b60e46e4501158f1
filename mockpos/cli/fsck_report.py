"""A report of ``mockpos fsck`` for people: a tick or cross for each file and finding, then what a start would do."""

from pathlib import Path

import click

from mockpos.cli.remote.show import shown
from mockpos.domain.clock import rfc3339
from mockpos.fsck.repair import Repair
from mockpos.fsck.report import Finding, Report, Start, counted

_MOST_SHOWN = 50
_WIDTH = 110


def show_report(report: Report) -> None:
    """Print everything that was found."""
    if report.in_use_by is not None:
        _note(f"in use by {report.in_use_by}: this is how the files stood a moment ago")
    sizes = {look.path: f"{look.what} ({look.size:,} bytes)" for look in report.files}
    others = dict.fromkeys(Path(finding.file) for finding in report.findings)
    for path in dict.fromkeys((*sizes, *others)):
        found = report.of(path)
        is_sound = all(finding.is_note for finding in found)
        about = f"  {sizes[path]}" if path in sizes else ""
        click.echo(f"{_mark(is_sound)} {click.style(shown(path), bold=True)}{about}")
        for finding in found[:_MOST_SHOWN]:
            _show_finding(finding)
        if len(found) > _MOST_SHOWN:
            click.echo(f"  and {len(found) - _MOST_SHOWN:,} more; --json shows them")
    if report.start is not None:
        _show_start(report.start)
    _show_verdict(report)


def show_plan(repair: Repair) -> None:
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
    mark = click.style("·", fg="yellow") if finding.is_note else _mark(False)
    place = f"{finding.place}: " if finding.place else ""
    click.echo(f"  {mark} {place}{shown(finding.what)}")
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
        click.echo(f"\n{_mark(True)} clean")


def _mark(is_sound: bool) -> str:
    return click.style("✓", fg="green") if is_sound else click.style("✗", fg="red")


def _note(text: str) -> None:
    click.echo(f"{click.style('note:', fg='yellow')} {shown(text)}")
