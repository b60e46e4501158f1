"""``mockpos mcp``: tools for an agent, over standard input and output."""

import os

import click

from mockpos.domain.errors import BadInput
from mockpos.settings import DEFAULT_API_KEY


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
def command(url: str | None, api_key: str, token: str | None) -> None:
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
