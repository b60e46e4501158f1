"""``mockpos hold``: one hold, as Ticket Evolution's checkout sends it."""

import secrets

import click

from mockpos.checkout.client import AutomatorClient
from mockpos.cli.completion import completer_of
from mockpos.cli.product import product_options, show_call


@click.command("hold")
@click.argument("remote_id", metavar="REMOTE_ID", shell_complete=completer_of("remote_id"))
@click.argument("quantity", type=click.IntRange(min=1))
@click.option("--global-id", metavar="ID", help="The Global ID; made up if not given.")
@product_options
def command(client: AutomatorClient, as_json: bool, remote_id: str, quantity: int, global_id: str | None) -> None:
    """Hold QUANTITY tickets of the listing REMOTE_ID.

    Exit status 0 when they are held, 1 when not, 2 when the server cannot be asked.

    \b
    Examples:
      mockpos hold TG-1042 2
      mockpos hold TG-1042 2 --global-id checkout-17 --scenario lost-answers
    """
    show_call(client.hold(remote_id, quantity, global_id or f"shell-{secrets.token_hex(4)}"), as_json=as_json)
