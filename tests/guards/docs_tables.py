"""Writes the tables of docs/ from those in the code: ``python tests/guards/docs_tables.py``."""

from pathlib import Path

from mockpos.broker.columns import COLUMNS
from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.settings import SETTINGS

DOCS = Path(__file__).parents[2] / "docs"
_MADE = "<!-- made from the code by `make format` -->"


def settings() -> str:
    lines = ["# Settings", "", _MADE, "", "Every setting is an option of `mockpos serve` and an environment variable."]
    lines += ["The option wins; an empty variable is one that is not set.", ""]
    lines += ["| option | environment | default | what it does |", "| --- | --- | --- | --- |"]
    for setting in SETTINGS:
        default = _cell(f"`{setting.default}`") if setting.default else "off"
        option = _cell(f"`{setting.option} {setting.metavar}".strip() + "`")
        lines.append(f"| {option} | `{setting.env}` | {default} | {_cell(setting.help)} |")
    return "\n".join(lines) + "\n"


def codes() -> str:
    lines = [
        "# Response codes",
        "",
        _MADE,
        "",
        "With the statuses of the default contract. A running mock shows each at",
    ]
    lines += ["`/docs/codes`, with an example and the command that provokes it.", ""]
    lines += ["| status | code | operations | same call again? | meaning |", "| --- | --- | --- | --- | --- |"]
    for code in CATALOGUE:
        where = "none" if code.scope is Scope.NO_OPERATION else ", ".join(code.operations)
        if len(code.operations) == len(Operation) and code.scope is not Scope.NO_OPERATION:
            where = "any"
        again = "yes" if code.retryable else "no"
        lines.append(f"| {code.status} | `{code.code}` | {where} | {again} | {_cell(code.meaning)} |")
    return "\n".join(lines) + "\n"


def broker_files() -> str:
    lines = [
        "# Columns of a broker's file",
        "",
        _MADE,
        "",
        "`mockpos import FILE --inventory broker.json` reads them in",
    ]
    lines += [
        "any order. Case, blanks and punctuation of a header do not count. `--map Event=production` takes a column"
    ]
    lines += ["from a header of another name, `--default Venue='Larch Hall'` fills what a sheet leaves out.", ""]
    lines += ["| column | also called | required | what it is | example |", "| --- | --- | --- | --- | --- |"]
    for column in COLUMNS:
        example = f"`{column.example}`" if column.example else ""
        cells = (column.name, ", ".join(column.aliases), "yes" if column.required else "no", column.meaning, example)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")  # GitHub ends a cell at a bar, within code too


PAGES = {"settings.md": settings, "codes.md": codes, "broker-files.md": broker_files}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
