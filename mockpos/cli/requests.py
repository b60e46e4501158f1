"""``mockpos requests``: the calls that a running server recorded, and why they ended so."""

import time
from typing import Any

import click

from mockpos.cli.completion import completer_of
from mockpos.cli.options import SuggestingGroup
from mockpos.cli.remote import Remote, part, remote_options, say, show_facts, show_json
from mockpos.cli.table import show_table
from mockpos.cli.terminal import shown
from mockpos.domain.catalogue import Operation

_COLUMNS = ("at", "request_id", "operation", "status", "code", "global_id", "remote_id", "sent", "injected")
_KEPT = ("operation",)
_EVERY_S = 0.5
_AT_ONCE = "1000"


@click.group("requests", cls=SuggestingGroup, invoke_without_command=True)
@click.option("--operation", type=click.Choice([each.value for each in Operation]), help="Only its calls.")
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
        _list(remote, remote.get("/requests", {**wanted, "limit": str(limit) if limit else None}))


@command.command("show")
@click.argument("request_id", metavar="ID")
@remote_options
def show(remote: Remote, request_id: str) -> None:
    """Show a call: what was asked and answered, which rule decided and why, what it changed."""
    call = remote.get(f"/requests/{part(request_id)}")
    if remote.as_json:
        show_json(call)
        return
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
    answer = remote.change("DELETE", "/requests")
    say(remote, answer, f"{shown(answer['cleared'])} calls forgotten")


def _list(remote: Remote, answer: dict[str, Any]) -> None:
    if remote.as_json:
        show_json(answer)
        return
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
            if remote.as_json:
                show_json(call)
            else:
                click.echo("  ".join(shown(value) for value in _row(call)))
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
