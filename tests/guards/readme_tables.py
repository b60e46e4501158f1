"""Derives the README's tables from the code; run it to bring the README up to date."""

import re
from pathlib import Path

from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.settings import SETTINGS

README = Path(__file__).parents[2] / "README.md"


def settings_table() -> str:
    rows = ["| option | environment | default | what it does |", "| --- | --- | --- | --- |"]
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else "off"
        option = f"{setting.option} {setting.metavar}".strip()
        rows.append(f"| `{option}` | `{setting.env}` | {default} | {setting.help} |")
    return "\n".join(rows)


def codes_table() -> str:
    rows = ["| status | code | operations | same call again? | meaning |", "| --- | --- | --- | --- | --- |"]
    for code in CATALOGUE:
        where = "none" if code.scope is Scope.NO_OPERATION else ", ".join(code.operations)
        if len(code.operations) == len(Operation) and code.scope is not Scope.NO_OPERATION:
            where = "any"
        rows.append(
            f"| {code.status} | `{code.code}` | {where} | {'yes' if code.retryable else 'no'} | {code.meaning} |"
        )
    return "\n".join(rows)


TABLES = {"settings": settings_table, "codes": codes_table}


def with_tables(text: str) -> str:
    """Return the README with every table as the code has it."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        text = re.sub(f"{start}.*?{end}", lambda _, t=table, s=start, e=end: f"{s}\n{t()}\n{e}", text, flags=re.S)
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
