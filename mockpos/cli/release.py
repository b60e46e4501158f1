"""``mockpos release``: one hold release, as Ticket Evolution's checkout sends it."""

import click

from mockpos.checkout.client import AutomatorClient
from mockpos.cli.completion import completer_of
from mockpos.cli.product import product_options, show_call


@click.command("release")
@click.argument("global_id", metavar="GLOBAL_ID", shell_complete=completer_of("global_id"))
@product_options
def command(client: AutomatorClient, as_json: bool, global_id: str) -> None:
    """Release the hold of GLOBAL_ID.

    Exit status 0 when it is released, 1 when not, 2 when the server cannot be asked.

    \b
    Example:
      mockpos release checkout-17
    """
    show_call(client.release(global_id), as_json=as_json)
