"""``mockpos invoice``: one invoice, as Ticket Evolution's checkout sends it."""

import click

from mockpos.checkout.client import AutomatorClient
from mockpos.cli.completion import completer_of
from mockpos.cli.product import product_options, show_call


@click.command("invoice")
@click.argument("global_id", metavar="GLOBAL_ID", shell_complete=completer_of("global_id"))
@click.argument("order_id", metavar="ORDER_ID")
@product_options
def command(client: AutomatorClient, as_json: bool, global_id: str, order_id: str) -> None:
    """Sell the tickets held for GLOBAL_ID under ORDER_ID.

    Exit status 0 when they are sold, 1 when not, 2 when the server cannot be asked.

    \b
    Example:
      mockpos invoice checkout-17 order-9
    """
    show_call(client.invoice(global_id, order_id), as_json=as_json)
