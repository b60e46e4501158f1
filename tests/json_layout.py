"""How JSON that is made from code is written down, for people who compare two versions of it."""

import json
from collections.abc import Mapping
from typing import Any

_WIDTH = 120


def laid_out(content: Any, inside: str = "") -> str:
    """Return JSON: on one line what fits on one, else a member a line, in the order they came."""
    flat = json.dumps(content, ensure_ascii=False)
    if len(inside) + len(flat) <= _WIDTH or not isinstance(content, dict | list) or not content:
        return flat
    deeper = inside + " "
    if isinstance(content, dict):
        parts = [f"{json.dumps(name)}: {laid_out(part, deeper)}" for name, part in content.items()]
        return "{\n" + ",\n".join(deeper + part for part in parts) + f"\n{inside}}}"
    return "[\n" + ",\n".join(deeper + laid_out(part, deeper) for part in content) + f"\n{inside}]"


def one_a_line(content: Mapping[str, Any]) -> str:
    """Return a whole file of JSON: each member on a line of its own, however long it is."""
    lines = (f"{json.dumps(name)}: {json.dumps(member, ensure_ascii=False)}" for name, member in content.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
