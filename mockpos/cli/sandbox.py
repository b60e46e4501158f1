"""``mockpos sandbox``, ``reset`` and ``clock``: the sandboxes of a running server, one begun anew, the time in one."""

from typing import Any

import click

from mockpos.cli.options import SuggestingGroup, completer_of
from mockpos.cli.remote import Remote, add_derived, remote_options
from mockpos.cli.table import show_facts, show_table
from mockpos.control_client import given, new_sandbox, part
from mockpos.domain.clock import parse_duration, stands_still
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput

_COLUMNS = ("name", "listings", "holds_live", "holds_ended", "key_enabled", "expires_at", "base_path")


@click.group("sandbox", cls=SuggestingGroup, invoke_without_command=True)
@remote_options
def command(remote: Remote) -> None:
    """List, make, drop and switch the sandboxes of a running server.

    A sandbox is a whole world of its own: inventory, holds, clock, scenario, journal, API key.

    \b
    Examples:
      mockpos sandbox
      mockpos sandbox create --name checkout-17 --ttl 1h
      KEY=$(mockpos sandbox create --json | jq -r .api_key)
      mockpos sandbox delete checkout-17
    """
    if click.get_current_context().invoked_subcommand is None:
        _list(remote)


@command.command("list")
@remote_options
def list_sandboxes(remote: Remote) -> None:
    """List the sandboxes."""
    _list(remote)


@command.command("create")
@click.option("--name", metavar="NAME", help="Its name; made up if not given.")
@click.option("--api-key", metavar="KEY", help="Its key; made up if not given.")
@click.option("--fixture", metavar="NAME", shell_complete=completer_of("fixture"), help="Its world: a shipped one.")
@click.option(
    "--copy-of",
    metavar="NAME",
    shell_complete=completer_of("sandbox_name"),
    help="Its world: that of another sandbox as it stands, holds and all.",
)
@click.option("--seed", type=int, metavar="N", help="Seed of everything drawn by chance.")
@click.option("--ttl", metavar="DURATION", help="Drop it after so long without a call.")
@remote_options
def create(
    remote: Remote, name: str | None, api_key: str | None, fixture: str | None, copy_of: str | None, seed: int | None,
    ttl: str | None,
) -> None:  # fmt: skip
    """Make a sandbox, from the default one's listings if nothing else is said; print its key."""
    made = remote.send("POST", "/sandboxes", new_sandbox(name, api_key, fixture, copy_of, seed, ttl))
    base_url = remote.url + made["base_path"]
    facts = {"name": made["name"], "API key": made["api_key"], "base URL": base_url, "listings": made["listings"]}
    remote.show(made, lambda: show_facts(facts))


@command.command("delete")
@click.argument("name", shell_complete=completer_of("sandbox_name"))
@remote_options
def delete(remote: Remote, name: str) -> None:
    """Drop a sandbox."""
    remote.show(remote.send("DELETE", f"/sandboxes/{part(name)}"), f"deleted {name}")


@command.command("enable")
@click.argument("name", shell_complete=completer_of("sandbox_name"))
@remote_options
def enable(remote: Remote, name: str) -> None:
    """Let a sandbox's key in again."""
    _switch(remote, name, enabled=True)


@command.command("disable")
@click.argument("name", shell_complete=completer_of("sandbox_name"))
@remote_options
def disable(remote: Remote, name: str) -> None:
    """Switch a sandbox's key off: its calls are answered key_not_allowed."""
    _switch(remote, name, enabled=False)


def _switch(remote: Remote, name: str, *, enabled: bool) -> None:
    answer = remote.send("PATCH", f"/sandboxes/{part(name)}", {"enabled": enabled})
    remote.show(answer, f"the key of {name} is {'on' if enabled else 'off'}")


def _list(remote: Remote) -> None:
    answer = remote.get("/sandboxes")
    remote.show(answer, lambda: show_table(answer["sandboxes"], _COLUMNS))


add_derived(command, "sandbox")


@click.command("reset")
@click.option(
    "--fixture",
    metavar="NAME",
    shell_complete=completer_of("fixture"),
    help="Begin with a shipped world instead of the listings it began with.",
)
@click.option("--seed", type=int, metavar="N", help="Begin with another seed.")
@remote_options
def reset(remote: Remote, fixture: str | None, seed: int | None) -> None:
    """Begin a sandbox of a running server anew: no holds, invoices or journal, the machine's clock.

    When it returns, the world is new.

    \b
    Examples:
      mockpos reset
      mockpos reset --fixture tiny --seed 7 --sandbox checkout-17
    """
    answer = remote.send("POST", "/reset", given(fixture=fixture, seed=seed))
    woken = f", {counted(answer['sleepers_woken'], 'delayed call')} woken" if answer["sleepers_woken"] else ""
    new = f"{answer['sandbox']} is new: {counted(answer['listings'], 'listing')}, seed {answer['seed']}{woken}"
    remote.show(answer, new)


@click.group("clock", cls=SuggestingGroup, invoke_without_command=True)
@remote_options
def clock(remote: Remote) -> None:
    """Show or change the clock of a sandbox on a running server.

    Holds, their expiry and events being over follow it. Delays are real time.

    \b
    Examples:
      mockpos clock
      mockpos clock advance 20m        # and see which holds expire
      mockpos clock freeze
      mockpos clock set 2026-12-24T18:00:00Z --sandbox checkout-17
      mockpos clock reset
    """
    if click.get_current_context().invoked_subcommand is None:
        _tell_clock(remote, remote.get("/clock"))


@clock.command("show")
@remote_options
def show_clock(remote: Remote) -> None:
    """Show the clock."""
    _tell_clock(remote, remote.get("/clock"))


@clock.command("advance", context_settings={"ignore_unknown_options": True})  # else -5m is an option
@click.argument("duration")
@remote_options
def advance(remote: Remote, duration: str) -> None:
    """Move the clock ahead, by 30s, 20m or 2d; list the holds that expired."""
    if duration.startswith("-"):
        raise BadInput("a clock is advanced by a duration such as 20m; `mockpos clock set MOMENT` sets it back")
    try:
        parse_duration(duration)
    except ValueError as error:
        raise BadInput(str(error)) from None
    _change_clock(remote, {"advance": duration})


@clock.command("freeze")
@remote_options
def freeze(remote: Remote) -> None:
    """Let the clock stand still."""
    _change_clock(remote, {"freeze": True})


@clock.command("unfreeze")
@remote_options
def unfreeze(remote: Remote) -> None:
    """Let the clock go on from where it stands."""
    _change_clock(remote, {"freeze": False})


@clock.command("set")
@click.argument("moment")
@remote_options
def set_clock(remote: Remote, moment: str) -> None:
    """Set the clock to a moment such as 2026-12-24T18:00:00Z; list the holds that expired."""
    _change_clock(remote, {"set": moment})


@clock.command("reset")
@remote_options
def reset_clock(remote: Remote) -> None:
    """Let the clock show the machine's time."""
    _change_clock(remote, {"reset": True})


def _change_clock(remote: Remote, change: dict[str, object]) -> None:
    _tell_clock(remote, remote.send("POST", "/clock", change))


def _tell_clock(remote: Remote, answer: dict[str, Any]) -> None:
    remote.show(answer, lambda: _show_clock(answer))


def _show_clock(answer: dict[str, Any]) -> None:
    show_facts({"now": answer["now"], "is": how_it_goes(answer)})
    if answer.get("expired"):
        names = ("global_id", "remote_id", "quantity", "expired_at")
        click.echo("\nexpired:")
        show_table(answer["expired"], names)


def how_it_goes(answer: dict[str, Any]) -> str:
    """Say how a clock differs from the machine's."""
    if answer["stands_still_ms"]:
        return stands_still(answer["stands_still_ms"])
    if answer["frozen"]:
        return "frozen"
    return "the machine's time" if answer["real"] else f"{answer['offset_ms'] / 1000:+,.3f} s from the machine's time"
