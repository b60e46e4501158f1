"""Bodies as a JSON document can show them: as text where they are text, else as base64, and parsed where they are JSON.

Callers choose what they send: whatever it is, the document must still be writable as strict JSON in UTF-8.
"""

import json
import math
from base64 import b64encode
from typing import Never

_DEEPEST = 50
_LEAST, _MOST = -(2**63), 2**64 - 1  # whole numbers beyond 64 bits are no JSON for many readers and writers


def body_document(body: bytes) -> dict[str, object] | None:
    """Show a body; None when there is none. ``json`` stands beside the text only when it means the same."""
    if not body:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"size": len(body), "base64": b64encode(body).decode("ascii")}
    shown: dict[str, object] = {"size": len(body), "text": text}
    try:
        parsed = json.loads(text, parse_constant=_refuse, object_pairs_hook=_members)
    except (ValueError, RecursionError):
        return shown
    if _is_portable(parsed, _DEEPEST):
        shown["json"] = parsed
    return shown


def safe_text(text: str) -> str:
    """Return a text that UTF-8 can write: lone surrogates are shown as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not JSON")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _is_portable(value: object, depth: int) -> bool:
    """Tell whether any JSON writer can write a value again."""
    if isinstance(value, dict | list):
        inside = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and all(_is_portable(each, depth - 1) for each in inside)
    if isinstance(value, str):
        return safe_text(value) == value
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or _LEAST <= value <= _MOST
