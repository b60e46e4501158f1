"""``mockpos fsck``: check an inventory file and its commit logs, say what is wrong and what it means, and repair it."""

import sys
from pathlib import Path

import click

from mockpos.cli.progress import progress_bar
from mockpos.cli.remote.show import show_json
from mockpos.fsck.check import check
from mockpos.fsck.repair import Repair, carry_out, planned_repair
from mockpos.fsck.report import Report

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
    _show(report, as_json=as_json)
    sys.exit(0 if report.is_clean else FINDINGS)


def _repair(file: Path, *, as_json: bool) -> int:
    """Repair what can be, look again and show both; return the exit status."""
    from mockpos.cli.fsck_report import show_plan, show_report

    with progress_bar("checking", 100) as show, planned_repair(file, show) as planned:
        before = planned.report
        does_it = planned.log is not None
        if not as_json:
            show_report(before)
            show_plan(planned)
        if does_it:
            carry_out(planned)
    after = check(file).report if does_it else before
    if as_json:
        show_json({**after.as_json(), "repair": _as_json(planned, before)})
    elif after is not before:
        click.echo("\nafter the repair:")
        show_report(after)
    return 0 if after.is_clean else FINDINGS


def _as_json(repair: Repair, before: Report) -> dict[str, object]:
    return {
        "done": repair.log is not None,
        "steps": repair.steps(),
        "copies": [str(copy) for _, copy in repair.copies],
        "stopped_by": [finding.kind for finding in repair.blockers],
        "before": before.as_json(),
    }


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        show_json(report.as_json())
        return
    from mockpos.cli.fsck_report import show_report

    show_report(report)
