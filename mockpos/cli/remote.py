"""Options of the commands that talk to a running mockpos, and the control plane as they see it."""

import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from mockpos.cli.completion import complete_sandbox
from mockpos.cli.table import show_json
from mockpos.control_client import ControlClient
from mockpos.settings import DEFAULT_URL, is_yes


class Remote(ControlClient):
    """One sandbox of one server. ``as_json`` is how its answers are wanted."""

    def __init__(self, url: str, sandbox: str | None, token: str | None, *, as_json: bool) -> None:
        super().__init__(url, token, sandbox)
        self.as_json = as_json

    def show(self, answer: Mapping[str, Any], told: str | Callable[[], object]) -> None:
        """Print an answer as JSON where that is wanted, else a sentence about it, or what ``told`` prints."""
        if self.as_json:
            show_json(answer)
        elif isinstance(told, str):
            click.echo(told)
        else:
            told()


def remote_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --url, --sandbox, --token and --json; the function gets a Remote in their place, as its first argument.

    In a group they may stand before the name of the command or after it.
    """

    @click.option("--url", metavar="URL", help=f"The running server.  [MOCKPOS_URL; default {DEFAULT_URL}]")
    @click.option(
        "--sandbox",
        metavar="NAME",
        help="The sandbox; else the default one.  [MOCKPOS_SANDBOX]",
        shell_complete=complete_sandbox,
    )
    @click.option("--token", metavar="TOKEN", help="The control token, if one is asked for.  [MOCKPOS_CONTROL_TOKEN]")
    @click.option("--json", "as_json", is_flag=True, help="Print what the server answers, as JSON.  [MOCKPOS_JSON]")
    @wraps(function)
    def reach(url: str | None, sandbox: str | None, token: str | None, as_json: bool, **given: Any) -> Any:
        context = click.get_current_context()
        above = context.parent.find_object(Remote) if context.parent else None
        context.obj = Remote(
            url or (above.url if above else None) or os.environ.get("MOCKPOS_URL") or DEFAULT_URL,
            sandbox or (above.sandbox if above else None) or os.environ.get("MOCKPOS_SANDBOX"),
            token or (above.token if above else None) or os.environ.get("MOCKPOS_CONTROL_TOKEN"),
            as_json=as_json or bool(above and above.as_json) or is_yes(os.environ.get("MOCKPOS_JSON") or ""),
        )
        return function(context.obj, **given)

    return reach
