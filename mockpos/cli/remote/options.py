"""The options of every command that talks to a running server."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from mockpos.cli.completion import complete_sandbox
from mockpos.cli.remote.remote import Remote
from mockpos.settings import is_yes

_DEFAULT_URL = "http://127.0.0.1:8000"


def remote_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --url, --sandbox, --token and --json; the function gets a Remote in their place, as its first argument.

    In a group they may stand before the name of the command or after it.
    """

    @click.option("--url", metavar="URL", help=f"The running server.  [MOCKPOS_URL; default {_DEFAULT_URL}]")
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
            url or (above.url if above else None) or _environment("MOCKPOS_URL") or _DEFAULT_URL,
            sandbox or (above.sandbox if above else None) or _environment("MOCKPOS_SANDBOX"),
            token or (above.token if above else None) or _environment("MOCKPOS_CONTROL_TOKEN"),
            as_json or bool(above and above.as_json) or is_yes(_environment("MOCKPOS_JSON") or ""),
        )
        return function(context.obj, **given)

    return reach


def _environment(name: str) -> str | None:
    return os.environ.get(name)
