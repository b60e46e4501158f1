"""``mockpos audit``: what the client of a running server left behind."""

import sys
from typing import Any

import click

from mockpos.cli.remote import Remote, remote_options, show_json
from mockpos.cli.terminal import mark, shown, wrapped

FINDINGS = 1
"""The exit status when something was left behind."""


@click.command("audit")
@click.option("--pending-ok", is_flag=True, help="A hold that is alive is no finding: a checkout may be under way.")
@remote_options
def command(remote: Remote, pending_ok: bool) -> None:
    """Say what the client left behind: holds never ended, lost answers never followed up, double holds.

    Exit status 0 when it is clean, 1 when there are findings, 2 when the server cannot be asked.

    \b
    Examples:
      mockpos audit
      mockpos audit --pending-ok --sandbox checkout-17
      mockpos audit --json | jq -r '.findings[].kind'
    """
    report = remote.get("/audit", {"pending": "ok" if pending_ok else None})
    if remote.as_json:
        show_json(report)
    else:
        _show(report)
    sys.exit(FINDINGS if report["verdict"] != "clean" else 0)


def _show(report: dict[str, Any]) -> None:
    for finding in report["findings"]:
        click.echo(f"{mark(False)} {click.style(shown(finding['kind']), bold=True)}")
        click.echo(wrapped(shown(finding["detail"]), "  "))
        click.echo(wrapped(f"calls: {', '.join(map(shown, finding['requests']))}", "  "))
    if report["unsafe"]:
        click.echo(f"{click.style('warning', fg='yellow')} {shown(report['unsafe'])}", err=True)
    if report["findings"]:
        count = len(report["findings"])
        click.echo(f"\n{count} {'finding' if count == 1 else 'findings'}")
        click.echo("Hint: `mockpos requests show ID` shows a call.", err=True)
    else:
        click.echo(f"{mark(True)} clean: nothing was left behind")
