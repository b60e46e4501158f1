"""Calls as Ticket Evolution makes them: ``mockpos buy``, ``hold``, ``release``, ``invoice``; and ``mcp`` for agents."""

import json
import os
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mockpos.checkout import (
    AutomatorClient,
    CallAnswered,
    Checkout,
    Event,
    Finished,
    Outcome,
    Patience,
    Purchase,
    Receipt,
    Waiting,
)
from mockpos.checkout.client import CallResult
from mockpos.checkout.documents import call_document, receipt_document
from mockpos.cli.options import SCENARIO, completer_of, contract_option
from mockpos.cli.table import show_facts, show_json
from mockpos.cli.terminal import handled, mark, progress_bar, safe
from mockpos.contract.loader import load_contract
from mockpos.control_client import part
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.settings import DEFAULT_API_KEY, DEFAULT_URL

_NOT_DONE = 1
"""The exit status when the automator refused, or what it did is unknown."""


def _headers(scenario: str | None) -> dict[str, str] | None:
    return {"X-Mockpos-Scenario": scenario} if scenario else None


def _product_options(function: Callable[..., Any]) -> Callable[..., Any]:
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
        contract = load_contract(contract_path)
        return function(AutomatorClient(base, api_key, contract, headers=_headers(scenario)), **given)

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
    sys.exit(0 if result.heard.value == "success" else _NOT_DONE)


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
@_product_options
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
@_product_options
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
@_product_options
def invoice(client: AutomatorClient, as_json: bool, global_id: str, order_id: str) -> None:
    """Sell the tickets held for GLOBAL_ID under ORDER_ID.

    Exit status 0 when they are sold, 1 when not, 2 when the server cannot be asked.

    \b
    Example:
      mockpos invoice checkout-17 order-9
    """
    _show_call(client.invoice(global_id, order_id), as_json=as_json)


@click.command("buy")
@click.argument("remote_id", metavar="REMOTE_ID", shell_complete=completer_of("remote_id"))
@click.argument("quantity", type=click.IntRange(min=1))
@click.option("--url", envvar="MOCKPOS_URL", default=DEFAULT_URL, show_default=True, help="The automator.")
@click.option("--api-key", envvar="MOCKPOS_API_KEY", default=DEFAULT_API_KEY, help="Its API key.  [MOCKPOS_API_KEY]")
@contract_option("The automator's contract file, where it is not the default one.")
@click.option("--count", type=click.IntRange(1, 100_000), default=1, help="Make so many purchases.  [default 1]")
@click.option("--concurrency", type=click.IntRange(1, 500), default=1, help="So many at the same time.  [default 1]")
@SCENARIO
@click.option("--order-fails", is_flag=True, help="Release after the hold, as when the order cannot be made.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=10.0, show_default=True, help="Seconds a call.")
@click.option("--json", "as_json", is_flag=True, help="Print every purchase with its calls, as JSON lines.")
def buy(
    remote_id: str, quantity: int, url: str, api_key: str, contract_path: Path | None, count: int, concurrency: int,
    scenario: str | None, order_fails: bool, timeout: float, as_json: bool,
) -> None:  # fmt: skip
    """Buy tickets as Ticket Evolution's checkout does: hold, then invoice; release what cannot be bought.

    A call whose outcome is unknown is sent again with the same ids. Ctrl-C gives back what is held, then ends.
    Exit status 0 when everything was bought, 1 when not.

    \b
    Examples:
      mockpos buy TG-1042 2
      mockpos buy TG-1042 2 --scenario lost-answers
      mockpos buy TG-1042 1 --count 200 --concurrency 20 --json
    """
    contract = load_contract(contract_path)
    client = AutomatorClient(url, api_key, contract, timeout=timeout, headers=_headers(scenario))
    stop = threading.Event()

    def on_signal(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt  # the second one ends the program at once
        click.echo("stopping: giving back what is held", err=True)
        stop.set()

    with handled(on_signal):
        checkout = Checkout(
            client, Patience(call=timeout), sleep=lambda seconds: _pause(stop, seconds), stopped=stop.is_set
        )
        purchase = Purchase(remote_id, quantity, order_fails=order_fails)
        receipts = _buy_all(checkout, purchase, count, concurrency, as_json=as_json)
        interrupted = stop.is_set()
    if interrupted:
        sys.exit(130)
    sys.exit(0 if all(receipt.outcome == "bought" for receipt in receipts) else _NOT_DONE)


def _buy_all(checkout: Checkout, purchase: Purchase, count: int, concurrency: int, *, as_json: bool) -> list[Receipt]:
    if count == 1 and not as_json:
        return [checkout.buy(purchase, _show_event)]
    receipts: list[Receipt] = []
    with progress_bar("buying", count) as on_progress:
        for receipt in checkout.buy_many([purchase] * count, concurrency):
            receipts.append(receipt)
            if as_json:
                click.echo(json.dumps(receipt_document(receipt), ensure_ascii=False).encode("utf-8", "replace"))
            on_progress(len(receipts))
    if not as_json:
        _show_sums(receipts)
    return receipts


def _pause(stop: threading.Event, seconds: float) -> None:
    """Wait, but no longer than until the stop; after it, wait all the same: the release must not be hurried."""
    if stop.is_set():
        time.sleep(seconds)
    else:
        stop.wait(seconds)


def _show_event(event: Event) -> None:
    if isinstance(event, CallAnswered):
        result = event.result
        colour = {"success": "green", "refused": "red"}.get(result.heard, "yellow")
        said = result.code or "no answer"
        status = str(result.status or "-")
        name = click.style(f"{event.operation.value:8}", bold=True)
        code = click.style(f"{said:22}", fg=colour)
        click.echo(f"{name} {status:>3} {code} {result.took * 1000:7,.0f} ms  {safe(_fact(result))}".rstrip())
    elif isinstance(event, Waiting):
        click.echo(f"         ... again in {event.seconds:.3g} s, with the same ids")
    elif isinstance(event, Finished):
        _show_receipt(event.receipt)


def _fact(result: CallResult) -> str:
    values = result.values
    if "invoice_id" in values:
        total = f"{values.get('total_amount', '')} {values.get('total_currency', '')}".strip()
        return f"{values['invoice_id']} {total}".strip()
    seats = values.get("seats")
    if isinstance(seats, list) and seats:
        return f"seats {', '.join(str(seat) for seat in seats)}"
    return "" if result.heard == "success" else result.detail


def _show_receipt(receipt: Receipt) -> None:
    sentence = {
        Outcome.BOUGHT: f"bought under order {receipt.order_id}",
        Outcome.UNAVAILABLE: "not available: nothing was taken",
        Outcome.RELEASED: "not bought: nothing is held any more",
        Outcome.UNRESOLVED: f"nobody answered: ask the broker what became of {receipt.global_id}",
    }[receipt.outcome]
    is_good = receipt.outcome is Outcome.BOUGHT
    click.echo(f"{mark(is_good)} {receipt.quantity} of {safe(receipt.remote_id)}: {sentence}")


def _show_sums(receipts: list[Receipt]) -> None:
    outcomes = Counter(receipt.outcome.value for receipt in receipts)
    calls = [call for receipt in receipts for call in receipt.calls]
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    for refusal, count in Counter(
        receipt.refusal.code or receipt.refusal.detail for receipt in receipts if receipt.refusal
    ).most_common(5):
        click.echo(f"  {count:>6,} x {safe(refusal)}")
    if calls:
        times = sorted(call.took for call in calls)
        slowest, middle = times[-1] * 1000, times[len(times) // 2] * 1000
        click.echo(f"{counted(len(calls), 'call')}: median {middle:,.0f} ms, slowest {slowest:,.0f} ms")


@click.command("mcp")
@click.option(
    "--url", envvar="MOCKPOS_URL", metavar="URL", help="A running server; without it one is started.  [MOCKPOS_URL]"
)
@click.option(
    "--api-key",
    envvar="MOCKPOS_API_KEY",
    metavar="KEY",
    default=DEFAULT_API_KEY,
    help=f"The server's API key.  [MOCKPOS_API_KEY; default {DEFAULT_API_KEY}]",
)
@click.option("--token", metavar="TOKEN", help="The control token, beyond loopback.  [MOCKPOS_CONTROL_TOKEN]")
def mcp(url: str | None, api_key: str, token: str | None) -> None:
    """Serve ten tools to an agent by the Model Context Protocol: look, hold, release, invoice, explain, audit.

    An agent's program starts it and talks to it over standard input and output. Without a server it starts one with
    throw-away state, which ends with it. It needs the extra: pip install 'mockpos[mcp]'.

    \b
    Examples:
      claude mcp add mockpos -- uvx 'mockpos[mcp]' mcp
      mockpos mcp --url http://127.0.0.1:8000
    """
    try:
        from mockpos.mcp import Tools, make_server
    except ImportError as error:
        raise BadInput(f"the extra is not installed ({error.name} is missing): pip install 'mockpos[mcp]'") from None
    from mockpos.testing.server import connect, serve

    token = token or os.environ.get("MOCKPOS_CONTROL_TOKEN")
    with connect(url, api_key=api_key, token=token) if url else serve(api_key=api_key) as server:
        make_server(Tools(server)).run("stdio")
