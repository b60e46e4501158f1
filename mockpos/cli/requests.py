"""``mockpos requests`` and ``verify``: the calls that a running server recorded, and a check that they were made."""

import sys
import time
from typing import Any

import click

from mockpos.cli.options import OPERATION, SuggestingGroup, completer_of
from mockpos.cli.remote import Remote, remote_options
from mockpos.cli.table import show_facts, show_table
from mockpos.cli.terminal import safe, shown
from mockpos.control_client import given, part
from mockpos.domain.counted import counted

_COLUMNS = ("at", "request_id", "operation", "status", "code", "global_id", "remote_id", "sent", "injected")
_KEPT = ("operation",)
_EVERY_S = 0.5
_AT_ONCE = "1000"


@click.group("requests", cls=SuggestingGroup, invoke_without_command=True)
@click.option("--operation", type=OPERATION, help="Only its calls.")
@click.option(
    "--code",
    shell_complete=completer_of("code"),
    help="Only calls that ended so: held, released, invoiced, or an error's code.",
)
@click.option("--global-id", shell_complete=completer_of("global_id"), help="Only calls with this Global ID.")
@click.option("--remote-id", shell_complete=completer_of("remote_id"), help="Only calls with this Remote ID.")
@click.option("--since", help="Only calls after this moment, or after the call of this id.")
@click.option("--limit", type=click.IntRange(1, 1000), help="At most so many, the newest; 100 if not given.")
@click.option("--follow", is_flag=True, help="Go on showing calls as they come, until Ctrl-C.")
@remote_options
def command(remote: Remote, follow: bool, limit: int | None, **wanted: str | None) -> None:
    """List the calls that a running server recorded, oldest of them first.

    \b
    Examples:
      mockpos requests --operation hold --code listing_sold_out
      mockpos requests --follow
      mockpos requests show b1946ac9-000017
      mockpos requests curl b1946ac9-000017
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    if follow:
        _follow(remote, wanted, limit)
    else:
        answer = remote.get("/requests", {**wanted, "limit": limit})
        remote.show(answer, lambda: _list(answer))


@command.command("show")
@click.argument("request_id", metavar="ID")
@remote_options
def show(remote: Remote, request_id: str) -> None:
    """Show a call: what was asked and answered, which rule decided and why, what it changed."""
    call = remote.get(f"/requests/{part(request_id)}")
    remote.show(call, lambda: _show(call))


def _show(call: dict[str, Any]) -> None:
    request, response, decision, timings = (call[name] for name in ("request", "response", "decision", "timings"))
    rule = f"{decision['scenario']}/{decision['rule']}: {decision['injected']}" if decision["scenario"] else None
    facts = {
        "request": f"{request['method']} {request['target']}",
        "body": _body(request["body"]),
        "response": f"{response['status']} {response['code']}, {call['sent']}",
        "answer": _body(response["body"]),
        "rule": rule,
        "why": decision["why"],
        "committed": call["committed"],
        "replayed": call["replayed"],
        "before": _state(call["before"]),
        "after": _state(call["after"]),
        "took": f"{timings['duration_ms']} ms, {timings['delay_served_ms']} ms of it a delay",
    }
    show_facts({"id": call["request_id"], "at": call["at"], "sandbox": call["sandbox"], **facts})


@command.command("curl")
@click.argument("request_id", metavar="ID")
@remote_options
def curl(remote: Remote, request_id: str) -> None:
    """Write a call as a curl command that repeats it; put the API key into MOCKPOS_KEY first."""
    click.echo(remote.text(f"/requests/{part(request_id)}/curl"), nl=False)


@command.command("clear")
@remote_options
def clear(remote: Remote) -> None:
    """Forget the recorded calls."""
    answer = remote.send("DELETE", "/requests")
    remote.show(answer, f"{counted(answer['cleared'], 'call')} forgotten")


def _list(answer: dict[str, Any]) -> None:
    show_table([_shortened(call) for call in reversed(answer["requests"])], _COLUMNS, keep=_KEPT)
    if len(answer["requests"]) < answer["matched"]:
        click.echo(f"the newest {len(answer['requests'])} of {shown(answer['matched'])}; --limit shows more", err=True)
    if answer["evicted"]:
        click.echo(f"{shown(answer['evicted'])} older calls had to be evicted", err=True)


def _follow(remote: Remote, wanted: dict[str, str | None], limit: int | None) -> None:
    """Show calls as they come, each on a line that is never changed again."""
    given, first = wanted.get("since"), str(limit or 10)
    while True:
        answer = remote.get("/requests", {**wanted, "since": given, "limit": first})
        for call in reversed(answer["requests"]):
            remote.show(call, "  ".join(shown(value) for value in _row(call)))
            given = call["request_id"]
        first = _AT_ONCE
        time.sleep(_EVERY_S)


def _row(call: dict[str, Any]) -> list[object]:
    return [str(call[name]) if name == "status" else call[name] for name in _COLUMNS]


def _shortened(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call with what stands out: of most, that they were sent whole and met no rule need not be said."""
    return {**call, "operation": call["operation"] or call["method"], "injected": call["injected"] or None}


def _body(body: dict[str, Any] | None) -> str | None:
    """Return a body as a line, or how many bytes it has where it is no text."""
    if body is None:
        return None
    text = body.get("text")
    return f"{shown(body['size'])} bytes, no text" if text is None else str(text)


def _state(state: dict[str, Any] | None) -> str | None:
    if state is None:
        return None
    hold = f", hold {state['hold_status']}" if state["hold_status"] else ""
    return f"{state['available']} available, {state['held']} held, {state['sold']} sold{hold}"


_DIFFERENT = 1
"""The exit status when other calls were made."""

_CONFLICT = 409


@click.command("verify")
@click.option("--operation", type=OPERATION, help="Calls of this operation.")
@click.option(
    "--code",
    shell_complete=completer_of("code"),
    help="Calls that ended so: held, released, invoiced, or an error's code.",
)
@click.option("--global-id", help="Calls with this Global ID.")
@click.option("--remote-id", help="Calls with this Remote ID.")
@click.option("--order-id", help="Calls with this Order ID.")
@click.option("--scenario", shell_complete=completer_of("scenario"), help="Calls that a scenario decided.")
@click.option("--count", type=click.IntRange(0), help="Exactly so many of them.")
@click.option("--min", "lowest", type=click.IntRange(0), help="At least so many.")
@click.option("--max", "highest", type=click.IntRange(0), help="At most so many.")
@remote_options
def verify(remote: Remote, count: int | None, lowest: int | None, highest: int | None, **pattern: str | None) -> None:
    """Check that calls were made; without a number, that there was at least one.

    Exit status 0 when it is so, 1 when not (with the nearest calls and how they differ), 2 when the server cannot
    be asked.

    \b
    Examples:
      mockpos verify --operation hold --code held --count 2
      mockpos verify --operation invoice --global-id checkout-17 --max 1
    """
    if count is not None and (lowest, highest) != (None, None):
        raise click.UsageError("give --count, or --min and --max, not both")
    expected = count if count is not None else given(min=lowest, max=highest) or {"min": 1}
    answer = remote.answer("POST", "/verify", {**given(**pattern), "count": expected})
    found = answer.json()
    if answer.status != _CONFLICT or not isinstance(found, dict) or "satisfied" not in found:
        found = remote.body_of(answer)
    remote.show(found, "\n".join(safe(line) for line in found["text"].splitlines()))
    sys.exit(0 if found["satisfied"] else _DIFFERENT)
