"""``mockpos openapi``: the OpenAPI document of a contract, without a server."""

import json
from pathlib import Path

import click

from mockpos.cli.options import write_file

_FILE = click.Path(path_type=Path)


@click.command("openapi")
@click.option("--contract", "path", type=_FILE, envvar="MOCKPOS_CONTRACT", help="Another contract than the default.")
@click.option(
    "--version",
    type=click.Choice(["3.0", "3.1"]),
    default="3.1",
    show_default=True,
    help="Of OpenAPI; 3.0 for tools that read no 3.1.",
)
@click.option("--output", "-o", type=_FILE, help="Write to a file instead of the terminal.")
def command(path: Path | None, version: str, output: Path | None) -> None:
    """Print the OpenAPI document of a contract.

    The same document a running mock serves at /openapi.json; only the address in it is that of a mock which was
    started without options.

    \b
    Examples:
      mockpos openapi -o openapi.json
      mockpos openapi --contract mine.yaml | npx openapi-typescript -o client.d.ts
      mockpos openapi --version 3.0 -o openapi-3.0.json
    """
    from mockpos.contract.loader import load_contract
    from mockpos.web.openapi.document import openapi_document
    from mockpos.web.openapi.version_3_0 import as_3_0

    document = openapi_document(load_contract(path))
    if version == "3.0":
        document = as_3_0(document)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text.encode(), nl=False)  # bytes: a pipe's encoding may not be UTF-8, but JSON is
        return
    write_file(output, text)
    click.echo(f"wrote {output}", err=True)
