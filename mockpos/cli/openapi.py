"""``mockpos openapi``: the OpenAPI document of a contract, without a server."""

import json
from pathlib import Path

import click

from mockpos.cli.options import write_file

_FILE = click.Path(path_type=Path)


@click.command("openapi")
@click.option("--contract", "path", type=_FILE, envvar="MOCKPOS_CONTRACT", help="Another contract than the default.")
@click.option("--output", "-o", type=_FILE, help="Write to a file instead of the terminal.")
def command(path: Path | None, output: Path | None) -> None:
    """Print the OpenAPI 3.1 document of a contract.

    The same document a running mock serves at /openapi.json.

    \b
    Examples:
      mockpos openapi -o openapi.json
      mockpos openapi --contract mine.yaml | npx openapi-typescript -o client.d.ts
    """
    from mockpos.contract.loader import load_contract
    from mockpos.web.openapi import openapi_document

    text = json.dumps(openapi_document(load_contract(path)), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text.encode(), nl=False)  # bytes: a pipe's encoding may not be UTF-8, but JSON is
        return
    write_file(output, text)
    click.echo(f"wrote {output}", err=True)
