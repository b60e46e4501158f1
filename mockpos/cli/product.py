"""``mockpos hold``, ``release`` and ``invoice``: one call each, as Ticket Evolution's checkout sends it."""

import secrets
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mockpos.checkout.client import AutomatorClient, CallResult
from mockpos.checkout.documents import call_document
from mockpos.cli.completion import completer_of
from mockpos.cli.options import SCENARIO, contract_option
from mockpos.cli.table import show_facts, show_json
from mockpos.cli.terminal import mark, safe
from mockpos.contract.loader import load_contract
from mockpos.control_client import part
from mockpos.domain.errors import BadInput
from mockpos.settings import DEFAULT_API_KEY, DEFAULT_URL

NOT_DONE = 1
"""The exit status when the automator refused, or what it did is unknown."""


def product_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a call; the function gets a client in their place, and ``as_json``."""

    @click.option("--url", envvar="MOCKPOS_URL", metavar="URL", default=DEFAULT_URL,
                  help=f"The automator.  [MOCKPOS_URL; default {DEFAULT_URL}]")  # fmt: skip
    @click.option("--api-key", envvar="MOCKPOS_API_KEY", metavar="KEY", default=DEFAULT_API_KEY,
                  help="Its API key.  [MOCKPOS_API_KEY]")  # fmt: skip
    @click.option(
        "--sandbox", metavar="NAME", help="A sandbox of a mockpos.", shell_complete=completer_of("sandbox_name")
    )
    @contract_option("Its contract file, where it is not the default one.")
    @SCENARIO
    @click.option("--json", "as_json", is_flag=True, help="Print the call as JSON.")
    @wraps(function)
    def reach(
        url: str, api_key: str, sandbox: str | None, contract_path: Path | None, scenario: str | None, **given: Any
    ) -> Any:
        base = url.rstrip("/") + (f"/s/{part(sandbox)}" if sandbox else "")
        headers = {"X-Mockpos-Scenario": scenario} if scenario else None
        return function(AutomatorClient(base, api_key, load_contract(contract_path), headers=headers), **given)

    return reach


def _show_call(result: CallResult, *, as_json: bool) -> None:
    """Print one call and end: 0 when it did what was asked. Raises BadInput when nobody answers."""
    if result.response is None and result.heard.value != "unknown":
        raise BadInput(f"no answer: {result.detail}; is `mockpos serve` running there?")
    if as_json:
        show_json(call_document(result))
    elif result.heard.value == "success":
        show_facts({name.replace("_", " "): _plain(value) for name, value in result.values.items()})
    else:
        status = f"{result.status} " if result.status else ""
        click.echo(f"{mark(False)} {status}{result.code or ''}  {safe(result.detail)}{_meant(result)}".rstrip())
    click.echo(f"request {result.request_id}", err=True)
    sys.exit(0 if result.heard.value == "success" else NOT_DONE)


def _meant(result: CallResult) -> str:
    answer = result.response.json() if result.response else None
    meant = answer.get("did_you_mean") if isinstance(answer, dict) else None
    return f" Did you mean {safe(str(meant))}?" if meant else ""


def _plain(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    if isinstance(value, dict):
        return " ".join(map(str, value.values()))
    return value


@click.command("hold")
@click.argument("remote_id", metavar="REMOTE_ID", shell_complete=completer_of("remote_id"))
@click.argument("quantity", type=click.IntRange(min=1))
@click.option("--global-id", metavar="ID", help="The Global ID; made up if not given.")
@product_options
def hold(client: AutomatorClient, as_json: bool, remote_id: str, quantity: int, global_id: str | None) -> None:
    """Hold QUANTITY tickets of the listing REMOTE_ID.

    Exit status 0 when they are held, 1 when not, 2 when the server cannot be asked.

    \b
    Examples:
      mockpos hold TG-1042 2
      mockpos hold TG-1042 2 --global-id checkout-17 --scenario lost-answers
    """
    _show_call(client.hold(remote_id, quantity, global_id or f"shell-{secrets.token_hex(4)}"), as_json=as_json)


@click.command("release")
@click.argument("global_id", metavar="GLOBAL_ID", shell_complete=completer_of("global_id"))
@product_options
def release(client: AutomatorClient, as_json: bool, global_id: str) -> None:
    """Release the hold of GLOBAL_ID.

    Exit status 0 when it is released, 1 when not, 2 when the server cannot be asked.

    \b
    Example:
      mockpos release checkout-17
    """
    _show_call(client.release(global_id), as_json=as_json)


@click.command("invoice")
@click.argument("global_id", metavar="GLOBAL_ID", shell_complete=completer_of("global_id"))
@click.argument("order_id", metavar="ORDER_ID")
@product_options
def invoice(client: AutomatorClient, as_json: bool, global_id: str, order_id: str) -> None:
    """Sell the tickets held for GLOBAL_ID under ORDER_ID.

    Exit status 0 when they are sold, 1 when not, 2 when the server cannot be asked.

    \b
    Example:
      mockpos invoice checkout-17 order-9
    """
    _show_call(client.invoice(global_id, order_id), as_json=as_json)
