"""``mockpos import --columns``: the columns of a broker's file, and the headers that mean them."""

import json

import click

from mockpos.broker.columns import COLUMNS, Column


def print_columns(*, as_json: bool) -> None:
    """Print the table, for people or for scripts."""
    if as_json:
        click.echo(json.dumps([_document(column) for column in COLUMNS], indent=2))
        return
    for column in COLUMNS:
        click.secho(f"{column.name}{'  (required)' if column.required else ''}", bold=True)
        for line in (column.meaning, _names(column), f"example: {column.example}" if column.example else ""):
            if line:
                click.echo(click.wrap_text(line, 78, "    ", "    "))


def _names(column: Column) -> str:
    return f"also: {', '.join(column.aliases)}" if column.aliases else ""


def _document(column: Column) -> dict[str, object]:
    return {
        "column": column.name,
        "also": list(column.aliases),
        "required": column.required,
        "from": column.family.value,
        "meaning": column.meaning,
        "example": column.example,
    }
