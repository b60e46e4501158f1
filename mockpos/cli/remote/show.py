"""Shows answers of a server: as JSON, or as facts and tables for people. Plain in pipes, and under NO_COLOR."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import click

from mockpos.cli.remote.table import show_table
from mockpos.cli.remote.words import shown

__all__ = ["show_answer", "show_document", "show_facts", "show_json", "show_table", "shown"]

_UNPRINTABLE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def show_json(content: object) -> None:
    """Print JSON, for scripts. Bytes: a pipe's encoding may not be UTF-8, but JSON is. Unprintables are escaped."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    click.echo(_UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode())


def show_facts(facts: Mapping[str, object], indent: str = "") -> None:
    """Print names and values, one pair a line."""
    width = max((len(name) for name in facts), default=0) + 2
    for name, value in facts.items():
        click.echo(f"{indent}{click.style(f'{name:{width}}', bold=True)}{shown(value)}")


Columns = Mapping[str, Sequence[str]]
"""Which columns the table of a list has, by the list's name; all that are plain where it is not named."""

_NO_COLUMNS: Columns = {}


def show_answer(answer: Mapping[str, Any], columns: Columns = _NO_COLUMNS) -> None:
    """Print an answer: a list by its table with the rest below it, anything else as a document."""
    lists = [name for name, value in answer.items() if isinstance(value, list)]
    listed = [name for name in lists if all(isinstance(each, dict) for each in answer[name])]
    if len(listed) != 1 or any(isinstance(value, dict) for value in answer.values()):
        show_document(answer, columns)
        return
    (name,) = listed
    rest = {key: value for key, value in answer.items() if key != name and value is not None}
    if answer[name]:
        show_table(answer[name], columns.get(name))
    else:
        click.echo(f"no {name.replace('_', ' ')}")
    if rest:
        click.echo()
        show_document(rest)


def show_document(document: Mapping[str, Any], columns: Columns = _NO_COLUMNS, indent: str = "") -> None:
    """Print whatever a server answers: its plain members as facts, what is inside them below, lists as tables."""
    plain = {name: value for name, value in document.items() if not isinstance(value, dict | list)}
    plain |= {name: ", ".join(map(shown, value)) or None for name, value in document.items() if _is_short_list(value)}
    if plain:
        show_facts({name.replace("_", " "): plain[name] for name in document if name in plain}, indent)
    for name, value in document.items():
        if name in plain or not value:
            continue
        click.echo(f"{indent}{click.style(name.replace('_', ' '), bold=True)}:")
        if isinstance(value, dict):
            show_document(value, columns, indent + "  ")
        else:
            show_table([each if isinstance(each, dict) else {"": each} for each in value], columns.get(name))


def _is_short_list(value: object) -> bool:
    return isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
