"""``mockpos clock``: show, move, stop and reset the clock of a sandbox."""

from typing import Any

import click

from mockpos.cli.options import SuggestingGroup
from mockpos.cli.remote import Remote, remote_options
from mockpos.cli.table import show_facts, show_table
from mockpos.domain.clock import parse_duration, stands_still
from mockpos.domain.errors import BadInput


@click.group("clock", cls=SuggestingGroup, invoke_without_command=True)
@remote_options
def command(remote: Remote) -> None:
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
        _told(remote, remote.get("/clock"))


@command.command("show")
@remote_options
def show(remote: Remote) -> None:
    """Show the clock."""
    _told(remote, remote.get("/clock"))


@command.command("advance", context_settings={"ignore_unknown_options": True})  # else -5m is an option
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
    _change(remote, {"advance": duration})


@command.command("freeze")
@remote_options
def freeze(remote: Remote) -> None:
    """Let the clock stand still."""
    _change(remote, {"freeze": True})


@command.command("unfreeze")
@remote_options
def unfreeze(remote: Remote) -> None:
    """Let the clock go on from where it stands."""
    _change(remote, {"freeze": False})


@command.command("set")
@click.argument("moment")
@remote_options
def set_clock(remote: Remote, moment: str) -> None:
    """Set the clock to a moment such as 2026-12-24T18:00:00Z; list the holds that expired."""
    _change(remote, {"set": moment})


@command.command("reset")
@remote_options
def reset(remote: Remote) -> None:
    """Let the clock show the machine's time."""
    _change(remote, {"reset": True})


def _change(remote: Remote, change: dict[str, object]) -> None:
    _told(remote, remote.send("POST", "/clock", change))


def _told(remote: Remote, clock: dict[str, Any]) -> None:
    remote.show(clock, lambda: _show(clock))


def _show(clock: dict[str, Any]) -> None:
    show_facts({"now": clock["now"], "is": how_it_goes(clock)})
    if clock.get("expired"):
        names = ("global_id", "remote_id", "quantity", "expired_at")
        click.echo("\nexpired:")
        show_table(clock["expired"], names)


def how_it_goes(clock: dict[str, Any]) -> str:
    """Say how a clock differs from the machine's."""
    if clock["stands_still_ms"]:
        return stands_still(clock["stands_still_ms"])
    if clock["frozen"]:
        return "frozen"
    return "the machine's time" if clock["real"] else f"{clock['offset_ms'] / 1000:+,.3f} s from the machine's time"
