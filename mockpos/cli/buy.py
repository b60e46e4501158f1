"""``mockpos buy``: a correct checkout from a shell, each step shown."""

import json
import sys
import threading
import time
from pathlib import Path

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
from mockpos.checkout.documents import receipt_document
from mockpos.cli.completion import completer_of
from mockpos.cli.options import SCENARIO, contract_option
from mockpos.cli.terminal import handled, mark, progress_bar, safe
from mockpos.contract.loader import load_contract
from mockpos.domain.counted import counted
from mockpos.settings import DEFAULT_API_KEY, DEFAULT_URL

_NOT_ALL_BOUGHT = 1


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
def command(
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
    headers = {"X-Mockpos-Scenario": scenario} if scenario else None
    client = AutomatorClient(url, api_key, load_contract(contract_path), timeout=timeout, headers=headers)
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
    sys.exit(0 if all(receipt.outcome == "bought" for receipt in receipts) else _NOT_ALL_BOUGHT)


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
        colour = "green" if event.result.heard == "success" else "yellow" if event.result.heard != "refused" else "red"
        result = event.result
        said = result.code or "no answer"
        status = str(result.status or "-")
        name = click.style(f"{event.operation.value:8}", bold=True)
        code = click.style(f"{said:22}", fg=colour)
        click.echo(f"{name} {status:>3} {code} {result.took * 1000:7,.0f} ms  {safe(_fact(event))}".rstrip())
    elif isinstance(event, Waiting):
        click.echo(f"         ... again in {event.seconds:.3g} s, with the same ids")
    elif isinstance(event, Finished):
        _show_receipt(event.receipt)


def _fact(event: Event) -> str:
    assert isinstance(event, CallAnswered)
    values = event.result.values
    if "invoice_id" in values:
        total = f"{values.get('total_amount', '')} {values.get('total_currency', '')}".strip()
        return f"{values['invoice_id']} {total}".strip()
    seats = values.get("seats")
    if isinstance(seats, list) and seats:
        return f"seats {', '.join(str(seat) for seat in seats)}"
    return "" if event.result.heard == "success" else event.result.detail


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
    from collections import Counter

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
