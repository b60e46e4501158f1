"""Shows answers of a server: as JSON, as facts one a line, or as a table. Plain in pipes, and under NO_COLOR."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence

import click

from mockpos.cli.terminal import safe

_PIPE_WIDTH = 200


def show_json(content: object) -> None:
    """Print JSON, for scripts. Bytes: a pipe's encoding may not be UTF-8, but JSON is."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def show_facts(facts: Mapping[str, object]) -> None:
    """Print names and values, one pair a line."""
    width = max(len(name) for name in facts) + 2
    for name, value in facts.items():
        click.echo(f"{click.style(f'{name:{width}}', bold=_is_fancy())}{shown(value)}")


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table. The last column may be folded, no other."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPE_WIDTH)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading != headings[-1], overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row))
    console.print(table)


def shown(value: object) -> str:
    """Return a value as people read it, safe to print in a terminal."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return safe(str(value))


def _is_fancy() -> bool:
    return "NO_COLOR" not in os.environ
