"""``bench tools``: which outside tools are there, and how to get each."""

import json
import sys

import click
from rich.console import Console
from rich.table import Table

from bench.tools import TOOLS


@click.command("tools")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Tell which outside tools are there, and how to get each. Exits with 2 when a needed one is missing."""
    found = {tool.name: tool.version() for tool in TOOLS}
    missing = [tool for tool in TOOLS if found[tool.name] is None and not tool.optional]
    if as_json:
        rows = [
            {"name": tool.name, "version": found[tool.name], "install": tool.install, "optional": tool.optional}
            for tool in TOOLS
        ]
        click.echo(json.dumps(rows, indent=2))
    else:
        table = Table("tool", "for", "here", "how to get it", box=None, pad_edge=False)
        for tool in TOOLS:
            table.add_row(tool.name, tool.purpose, found[tool.name] or "no", tool.install)
        Console().print(table)
    sys.exit(2 if missing else 0)
