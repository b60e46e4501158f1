"""Writes the table of derived commands beside the command line: run it when control calls changed (``make format``)."""

import json
from pathlib import Path

from mockpos.web.control.commands import command_table

FILE = Path(__file__).parent.parent.parent / "mockpos" / "cli" / "control" / "commands.json"


def as_text() -> str:
    return json.dumps(command_table(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
