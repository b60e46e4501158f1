"""``mockpos status``, ``audit`` and ``events``: how a sandbox stands, what its client left behind, all that happens."""

import json
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import click

from mockpos.cli.remote import Remote, remote_options
from mockpos.cli.sandbox import how_it_goes
from mockpos.cli.table import show_facts
from mockpos.cli.terminal import mark, shown, wrapped
from mockpos.control_client import TOKEN_HEADER, part
from mockpos.domain.counted import are, counted
from mockpos.domain.errors import BadInput


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


def over_and_what_to_do(over: int, count: int, *, kept: bool = False) -> str:
    """Say how many listings cannot be sold any more, and the ways out. ``kept``: they would move, but were not to."""
    way_out = "serve with --dates ahead" if kept else "import a newer file, or set the clock back (mockpos clock set)"
    return f"{over:,} of {counted(count, 'listing')} {are(over)} over: {way_out}"


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
    return f"{counted(number, 'finding')}{live if pending else ''}; `mockpos audit` names them"


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
        click.echo(f"\n{counted(len(report['findings']), 'finding')}")
        click.echo("Hint: `mockpos requests show ID` shows a call.", err=True)
    else:
        click.echo(f"{mark(True)} clean: nothing was left behind")


_SILENCE_S = 60.0
"""The server sends something every 15 seconds: after this long it is gone."""

_TOLD_FIRST = ("request_id", "operation", "status", "code", "global_id", "remote_id", "quantity")
_NOT_TOLD = ("at", "link", *_TOLD_FIRST)


@click.command("events")
@click.option("--since", metavar="NUMBER", type=click.IntRange(0), help="Go on after the event of this number.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only these: call, hold.placed; may be given again."
)
@remote_options
def events(remote: Remote, since: int | None, kinds: tuple[str, ...]) -> None:
    """Show everything that happens in a sandbox, as it happens, until Ctrl-C.

    \b
    Examples:
      mockpos events
      mockpos events --kind call --json | jq -r .code
    """
    for number, kind, data in _events(remote, since):
        if kinds and kind not in kinds:
            continue
        if remote.as_json:
            click.echo(json.dumps({"number": number, "kind": kind, **data}).encode())
        else:
            click.echo(_line(kind, data))


def _line(kind: str, data: dict[str, Any]) -> str:
    at = str(data.get("at", ""))[11:23]
    first = [shown(data[name]) for name in _TOLD_FIRST if data.get(name) is not None]
    rest = [
        f"{name.replace('_', ' ')} {shown(value)}"
        for name, value in data.items()
        if name not in _NOT_TOLD and value not in (None, False, "") and not isinstance(value, list | dict)
    ]
    return f"{at:12}  {click.style(f'{kind:17}', bold=True)} {'  '.join(first)}  {', '.join(rest)}".rstrip()


def _events(remote: Remote, since: int | None) -> Iterator[tuple[int | None, str, dict[str, Any]]]:
    """Yield number, kind and data of each event. Raises BadInput when the server does not answer, or goes."""
    fields: dict[str, str] = {}
    try:
        for raw in _opened(remote, since):
            name, _, value = raw.decode("utf-8", "replace").rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                number = fields.get("id", "")
                yield int(number) if number.isdecimal() else None, fields["event"], json.loads(fields["data"])
                fields = {}
            else:
                fields = {}
    except (OSError, HTTPException, ValueError) as error:
        raise BadInput(f"{remote.url} does not answer ({error}); is `mockpos serve` running there?") from None
    raise BadInput(f"{remote.url} ended the stream: the sandbox is gone or the server stopped")


def _opened(remote: Remote, since: int | None) -> HTTPResponse:
    parts = urlsplit(remote.url)
    assert parts.hostname  # the client took the URL apart before
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = make(parts.hostname, parts.port, timeout=_SILENCE_S)
    headers = {"Accept": "text/event-stream"}
    if remote.token:
        headers[TOKEN_HEADER] = remote.token
    if since is not None:
        headers["Last-Event-ID"] = str(since)
    connection.request("GET", f"{parts.path.rstrip('/')}{remote.prefix}/events", headers=headers)
    response = connection.getresponse()
    if response.status != 200:
        remote.get("/clock")  # its refusal says it in words
        raise BadInput(f"{remote.url} answers {response.status} to a stream of events")
    return response
