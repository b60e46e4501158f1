"""Problems of what someone wrote: where, what is wrong, what is allowed, and the name that was meant."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from marshmallow import ValidationError

Place = tuple[str | int, ...]
Problem = tuple[Place, str]

_FEW = 12
_LONGEST_SHOWN = 60


def problems_of(error: ValidationError) -> list[Problem]:
    """Return the problems that marshmallow's nested messages tell of."""
    messages = error.messages
    return _flat(messages if isinstance(messages, Mapping) else {"_schema": messages}, ())


def _flat(messages: Mapping[Any, Any], at: Place) -> list[Problem]:
    found: list[Problem] = []
    for key, value in messages.items():
        here = at if key in ("_schema", "value") else (*at, key)
        found += _flat(value, here) if isinstance(value, Mapping) else [(here, str(message)) for message in value]
    return found


def dotted(place: Place) -> str:
    """Return a place as people write it: ``rules.0.delay``."""
    return ".".join(str(step) for step in place)


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
