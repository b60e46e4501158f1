"""``mockpos status`` and ``audit``: how a sandbox of a running server stands, and what its client left behind."""

import sys
from typing import Any

import click

from mockpos.cli.banner import over_and_what_to_do
from mockpos.cli.clock import how_it_goes
from mockpos.cli.remote import Remote, remote_options
from mockpos.cli.table import show_facts
from mockpos.cli.terminal import mark, shown, wrapped
from mockpos.control_client import part


@click.command("status")
@remote_options
def command(remote: Remote) -> None:
    """Say how a running server stands: inventory, holds, clock, calls, what the client left behind.

    Exit status 0 when it answers, 2 when it does not.

    \b
    Examples:
      mockpos status
      mockpos status --url http://ci.example:8000 --token "$TOKEN" --sandbox checkout-17 --json
    """
    found = {
        "sandbox": remote.get(f"/sandboxes/{part(remote.sandbox or 'default')}"),
        "clock": remote.get("/clock"),
        "scenario": remote.get("/scenario"),
        "requests": {**remote.get("/requests", {"limit": 1}), "requests": None},
        "timing": remote.get("/timing"),
        "audit": {**remote.get("/audit"), "findings": None},
    }
    found["requests"].pop("requests")
    found["audit"].pop("findings")
    found["audit_without_live_holds"] = {"counts": remote.get("/audit", {"pending": "ok"})["counts"]}
    remote.show({"url": remote.url, **found}, lambda: show_facts({"server": remote.url, **_facts(found)}))


def _facts(found: dict[str, Any]) -> dict[str, object]:
    sandbox, clock, journal, audit = (found[name] for name in ("sandbox", "clock", "requests", "audit"))
    number = sum(audit["counts"].values())
    pending = number - sum(found["audit_without_live_holds"]["counts"].values())
    over = sandbox.get("listings_over", 0)
    evicted = f", {shown(journal['evicted'])} evicted" if journal["evicted"] else ""
    return {
        "sandbox": sandbox["name"] + ("" if sandbox["key_enabled"] else "  (its key is off)"),
        "listings": sandbox["listings"],
        **({"over": over_and_what_to_do(over, sandbox["listings"])} if over else {}),
        "holds": f"{shown(sandbox['holds_live'])} live, {shown(sandbox['holds_ended'])} ended",
        "clock": f"{clock['now']}  ({how_it_goes(clock)})",
        "scenario": found["scenario"]["active"] or "none",
        "calls": f"{shown(journal['recorded'])} recorded{evicted}",
        "timing": found["timing"]["verdict"] or "no calls yet",
        "audit": audit["verdict"] if not number else _audit(number, pending),
    }


def _audit(number: int, pending: int) -> str:
    """Say what `mockpos audit` finds, and how much of it may only be under way."""
    live = ", 1 of them a live hold" if pending == 1 else f", {pending} of them live holds"
    return f"{number} finding{'' if number == 1 else 's'}{live if pending else ''}; `mockpos audit` names them"


_FINDINGS = 1
"""The exit status when something was left behind."""


@click.command("audit")
@click.option("--pending-ok", is_flag=True, help="A hold that is alive is no finding: a checkout may be under way.")
@remote_options
def audit(remote: Remote, pending_ok: bool) -> None:
    """Say what the client left behind: holds never ended, lost answers never followed up, double holds.

    Exit status 0 when it is clean, 1 when there are findings, 2 when the server cannot be asked.

    \b
    Examples:
      mockpos audit
      mockpos audit --pending-ok --sandbox checkout-17
      mockpos audit --json | jq -r '.findings[].kind'
    """
    report = remote.get("/audit", {"pending": "ok" if pending_ok else None})
    remote.show(report, lambda: _show_audit(report))
    sys.exit(_FINDINGS if report["verdict"] != "clean" else 0)


def _show_audit(report: dict[str, Any]) -> None:
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
