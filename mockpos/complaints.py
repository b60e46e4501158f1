"""Complaints about a file someone wrote: where, what is wrong, what is allowed, and the name that was meant."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

Place = tuple[str | int, ...]
Complaint = tuple[Place, str]

_FEW = 12
_LONGEST_SHOWN = 60


def flatten(errors: Mapping[Any, Any], at: Place = ()) -> list[Complaint]:
    """Flatten marshmallow's nested messages into (place, message) pairs."""
    found: list[Complaint] = []
    for key, value in errors.items():
        here = at if key in ("_schema", "value") else (*at, key)
        if isinstance(value, Mapping):
            found += flatten(value, here)
        else:
            found += [(here, str(message)) for message in value]
    return found


def nearest(name: object, allowed: Iterable[str]) -> str:
    """Return a hint at the name that was probably meant, and at what is allowed."""
    known = list(allowed)
    close = get_close_matches(str(name).lower().replace("-", "_"), known, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    if len(known) <= _FEW or not close:
        return f"{meant}{' ' if close else '; '}allowed: {', '.join(known)}"
    return meant


def shown(value: object) -> str:
    """Return a value as a message can show it: short, and never the inside of something nested."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "..."
        return '"' + cut.encode("unicode_escape").decode("ascii") + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)[:_LONGEST_SHOWN]
