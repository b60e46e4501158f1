"""A mapping that takes its own fields and no other, and its problems in words: a misspelt one must not pass unseen."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields

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


_PLAIN = {
    "Missing data for required field.": "is missing",
    "Field may not be null.": "must not be null",
    "Not a valid string.": "must be a text",
    "Not a valid list.": "must be a list",
    "Not a valid mapping type.": "must be an object",
}
"""Marshmallow's own messages, in the words of all others."""


class Strict(Schema):
    """A mapping without unknown fields; each is told with what was probably meant.

    ``elsewhere`` tells of names that belong somewhere else. ``json_schema`` is what JSON Schema says of the mapping
    beside its fields, such as ``minProperties``.
    """

    elsewhere: ClassVar[Mapping[str, str]] = {}
    json_schema: ClassVar[Mapping[str, Any]] = {}

    class Meta:
        """Marshmallow's own settings."""

        unknown = RAISE

    error_messages = {"unknown": "is not a field that belongs here", "type": "must be an object"}  # noqa: RUF012  # marshmallow's way

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give a field's messages our words."""
        field_obj.error_messages = {
            name: _PLAIN.get(message, message) if isinstance(message, str) else message
            for name, message in field_obj.error_messages.items()
        }

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Say of each unknown field what was probably meant."""
        assert isinstance(error.messages, dict)
        known = [field.data_key or name for name, field in self.fields.items()]
        for name, messages in error.messages.items():
            if name not in known and messages == [self.error_messages["unknown"]]:
                belongs = self.elsewhere.get(str(name))
                messages[0] += f"; it belongs {belongs}" if belongs else nearest(name, known)
