"""Writes a proposed contract as YAML that explains itself: where each line comes from, and which one to look at."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MARK = "# ?"
"""Begins the comment of every line that somebody has to decide."""

_PLAIN = re.compile(r"[A-Za-z/_$][A-Za-z0-9/_${}.@ +-]*[A-Za-z0-9_}]|[A-Za-z]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"}
_COLUMN = 44


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``open`` lines need a decision; a line without a key is a comment alone."""

    depth: int
    key: str
    value: Any = None
    comment: str = ""
    open: bool = False
    is_section: bool = False


def written(lines: Sequence[Line]) -> str:
    """Return the file."""
    return "\n".join(_line(line) for line in lines) + "\n"


def _line(line: Line) -> str:
    comment = f"{MARK} {line.comment}" if line.open else f"# {line.comment}" if line.comment else ""
    indent = "  " * line.depth
    if not line.key:
        return (indent + comment).rstrip()
    text = f"{indent}{_key(line.key)}:" if line.is_section else f"{indent}{_key(line.key)}: {_value(line.value)}"
    return f"{text:<{_COLUMN}} {comment}".rstrip() if comment else text


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", key) and key.lower() not in _WORDS else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS and ": " not in value:
        return value if "{" not in value or value.startswith("/") else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)
