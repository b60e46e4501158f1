"""Tables that fit the terminal: texts are shortened and columns left out, ids and statuses are never cut."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from mockpos.cli.terminal import shown, terminal_width, wrapped

Row = Mapping[str, object]

_SHORTEST_TEXT = 16
_LONG_TEXT = 24
_GAP = "  "
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z")
_IDS = ("name", "request_id", "global_id", "remote_id", "invoice_id", "operation")
_STANDING = ("status", "code")
"""How a row stands. This, and the first id, which tells one row from another, are never left out or cut."""

_COLOURS = {"2": "green", "4": "yellow", "5": "red"}
_BAD = frozenset({"cut", "client_gone", "expired", "retired", "over", "findings"})


@dataclass(slots=True)
class _Column:
    name: str
    cells: list[str]
    is_number: bool
    may_be_cut: bool
    width: int = 0

    def __post_init__(self) -> None:
        self.width = max(len(self.heading), *map(len, self.cells))

    @property
    def heading(self) -> str:
        return self.name.replace("_", " ")


def show_table(rows: Sequence[Row], columns: Sequence[str] | None = None, *, keep: Collection[str] = ()) -> None:
    """Print rows under headings, as wide as the terminal allows.

    Without ``columns`` all members are shown that are no lists. Never left out are the first id, how
    a row stands, and what is in ``keep``.
    """
    names = columns or _columns_of(rows)
    keep = {*keep, *_STANDING, *[name for name in names if name in _IDS][:1]}
    found = [_column(name, rows) for name in names]
    shown_ones, left_out = _fitted(found, keep, terminal_width())
    click.echo(_line(shown_ones, lambda column: column.heading, lambda text, _: click.style(text, bold=True)))
    for at in range(len(rows)):
        click.echo(_line(shown_ones, lambda column, at=at: column.cells[at], _coloured))  # type: ignore[misc]  # at is bound here
    if left_out:
        names = ", ".join(column.heading for column in left_out)
        click.echo(wrapped(f"left out for want of room: {names}; --json has them"), err=True)


def _columns_of(rows: Sequence[Row]) -> list[str]:
    names: dict[str, None] = {}
    for row in rows:
        names |= dict.fromkeys(name for name, value in row.items() if _is_plain(value))
    return [name for name in names if any(row.get(name) is not None for row in rows)] or list(names)


def _is_plain(value: object) -> bool:
    return not isinstance(value, list | dict) or (isinstance(value, dict) and "name" in value)


def _column(name: str, rows: Sequence[Row]) -> _Column:
    values = [row.get(name) for row in rows]
    is_number = any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    cells = _moments(values) or [_cell(value, name) for value in values]
    longest = max(map(len, cells), default=0)
    may_be_cut = longest > _LONG_TEXT and name not in (*_IDS, *_STANDING) and any(" " in cell for cell in cells)
    return _Column(name, cells, is_number and name != "status", may_be_cut)


def _cell(value: object, name: str) -> str:
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "-"
    return str(value) if name == "status" and isinstance(value, int) else shown(value)


def _moments(values: Sequence[object]) -> list[str] | None:
    """Return moments as times of day, with month and day where they are not all of one day; None for other values."""
    matches = [_MOMENT.fullmatch(value) if isinstance(value, str) else None for value in values]
    if any(match is None and value is not None for match, value in zip(matches, values, strict=True)):
        return None
    days = {match[1] for match in matches if match}
    if not days:
        return None
    return [(match[2] if len(days) == 1 else f"{match[1][5:]} {match[2]}") if match else "-" for match in matches]


def _fitted(columns: list[_Column], keep: Collection[str], width: int) -> tuple[list[_Column], list[_Column]]:
    """Shorten texts, then leave columns out from the right, until a row fits; what must stay, stays."""
    kept, left_out = list(columns), list[_Column]()
    while (excess := sum(column.width + len(_GAP) for column in kept) - len(_GAP) - width) > 0:
        texts = [column for column in kept if column.may_be_cut and column.width > _SHORTEST_TEXT]
        ids = [column for column in kept if column.name in _IDS]
        beside_id = [*ids[1:], *(column for column in kept if ids and column.name == "code")]
        spare = [column for column in kept if column.name not in keep] or beside_id
        if texts:
            longest = max(texts, key=lambda column: column.width)
            longest.width = max(_SHORTEST_TEXT, longest.width - excess)
        elif spare:
            kept.remove(spare[-1])
            left_out.insert(0, spare[-1])
        else:
            break
    return kept, left_out


def _line(columns: Sequence[_Column], text_of: Callable[[_Column], str], style: Callable[[str, _Column], str]) -> str:
    cells = []
    for column in columns:
        text = text_of(column)
        if len(text) > column.width:
            text = text[: column.width - 1] + "…"
        padding = " " * (column.width - len(text))
        styled = style(text, column)
        cells.append(padding + styled if column.is_number else styled + padding)
    return _GAP.join(cells).rstrip()


def _coloured(text: str, column: _Column) -> str:
    if column.name == "status" and text[:1] in _COLOURS and text.isdecimal():
        return click.style(text, fg=_COLOURS[text[0]])
    return click.style(text, fg="red") if text in _BAD else text


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
