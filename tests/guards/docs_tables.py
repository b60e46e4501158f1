"""Writes the tables of docs/ from those in the code: ``python tests/guards/docs_tables.py``."""

from pathlib import Path

from marshmallow import fields

from mockpos.broker.columns import COLUMNS
from mockpos.demo.story import (
    BuyersSchema,
    BuySchema,
    ChapterSchema,
    SellSchema,
    StepSchema,
    StorySchema,
    UntilSchema,
)
from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.settings import SETTINGS
from mockpos.validation.schema import ReadBy

DOCS = Path(__file__).parents[2] / "docs"
_STORY = DOCS.parent / "scenarios" / "demos" / "lost-answer.yaml"
_STORY_PARTS = {
    "story": StorySchema,
    "chapter": ChapterSchema,
    "do": StepSchema,
    "do: buy": BuySchema,
    "do: buyers": BuyersSchema,
    "do: sell": SellSchema,
    "until": UntilSchema,
}
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


def demo_stories() -> str:
    lines = ["# A story of your own", "", _MADE, ""]
    lines += ["`mockpos demo mine.yaml` plays it, `mockpos demo check mine.yaml` names every fault with its line, and"]
    lines += ["`mockpos demo mine.yaml --rehearse` plays it quickly and says which chapters did not come to what they"]
    lines += ["wait for. This one is shipped as `lost-answer`:", "", "```yaml"]
    lines += [line for line in _STORY.read_text("utf-8").splitlines() if not line.startswith("#")]
    lines += [
        "```",
        "",
        "`{broker}` in a text is the name given with `--name`. The showcase is the listing with the most",
    ]
    lines += ["numbered seats that fit on a screen; a crowd without a listing leaves it alone.", ""]
    lines += ["| part | field | default | what it is |", "| --- | --- | --- | --- |"]
    for part, schema in _STORY_PARTS.items():
        for name, field in schema().fields.items():
            default = "required" if field.required else _default(field)
            lines.append(f"| {part} | `{name}` | {default} | {_cell(field.metadata['description'])} |")
    return "\n".join(lines) + "\n"


def _default(field: fields.Field) -> str:
    value = field.load_default
    if not isinstance(value, bool | int | str) or value == "":
        return ""
    is_duration = isinstance(field, ReadBy)
    return f"`{value // 1000}s`" if is_duration else f"`{str(value).lower()}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")  # GitHub ends a cell at a bar, within code too


PAGES = {
    "settings.md": settings,
    "codes.md": codes,
    "broker-files.md": broker_files,
    "demo-stories.md": demo_stories,
}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
