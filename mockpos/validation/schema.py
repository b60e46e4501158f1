"""A mapping that takes its own fields and no other, and its problems in words: a misspelt one must not pass unseen.

With the kinds of fields that files, bodies and queries share, each read by a function of our own.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from mockpos.domain.clock import Millis, parse_duration, parse_rfc3339

Json = dict[str, Any]
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


_LONGEST_MS = 3650 * 86_400_000

DURATION_PATTERN = r"^ *[0-9]{1,12}(\.[0-9]{1,3})? *([mM][sS]|[sSmMhHdD]) *$"
"""The form of a duration; JSON Schema reads it as Python does."""

_DAY = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-9]))"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
MOMENT_PATTERN = f"^(19[7-9][0-9]|2[0-9]{{3}})-{_DAY}T{_TIME}(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
"""The form of an RFC 3339 moment from 1970 to 2999: beyond, there is no room to add a hold's TTL or an advance."""

_NUMBER_AND_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ]*)\s*")
_UNITS = {
    "ms": ("msec", "msecs", "millis", "millisecond", "milliseconds", "us", "µs", ""),
    "s": ("sec", "secs", "second", "seconds"),
    "m": ("min", "mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"),
}


class ReadBy(fields.Field[Any]):
    """A field that a function reads: it returns the value, or raises ValidationError with what is allowed.

    ``json_schema`` is what it takes.
    """

    def __init__(self, read: Callable[[Any], Any], json_schema: Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self._read = read
        self.json_schema = json_schema

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self._read(value)


def duration(**options: Any) -> ReadBy:
    """Return a field for a duration as people write it, such as ``20m``; milliseconds when loaded."""
    return ReadBy(_duration, {"type": "string", "pattern": DURATION_PATTERN, "examples": ["20m"]}, **options)


def _duration(value: Any) -> int:
    if not isinstance(value, str) or re.match(DURATION_PATTERN, value) is None:
        raise ValidationError(not_a_duration(value))
    milliseconds = parse_duration(value)
    if milliseconds > _LONGEST_MS:
        raise ValidationError("must be at most 3650d")
    return milliseconds


def not_a_duration(value: Any) -> str:
    """Say what is wrong with a duration, and which was probably meant."""
    match = _NUMBER_AND_UNIT.fullmatch(value if isinstance(value, str) else shown(value))
    unit = match and next((unit for unit, names in _UNITS.items() if match[2].lower() in names), None)
    meant = f"; did you mean {match[1]}{unit}?" if match and unit else ";"
    return f"{shown(value)} is not a duration{meant} allowed: a number with ms, s, m, h or d, such as 250ms or 2s"


def moment(**options: Any) -> ReadBy:
    """Return a field for an RFC 3339 moment; milliseconds when loaded."""
    example = "2026-11-23T14:02:07.120Z"
    schema = {"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN, "examples": [example]}
    return ReadBy(_moment, schema, **options)


def _moment(value: Any) -> Millis:
    try:
        if isinstance(value, str) and re.match(MOMENT_PATTERN, value):
            return parse_rfc3339(value)
    except (ValueError, OverflowError):
        pass  # a day that its month does not have
    raise ValidationError('must be a moment from 1970 to 2999, such as "2026-11-23T14:02:07.120Z"')


class Truth(fields.Boolean):
    """True and false of JSON, and nothing that looks like them: Python takes 1 for true."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


truth = Truth
"""A field for true and false."""


def text(longest: int = 200, **options: Any) -> fields.String:
    """Return a field for a bounded text."""
    return fields.String(validate=validate.Length(1, longest), error_messages={"invalid": "must be a text"}, **options)


def read_each(value: Mapping[Any, Any] | list[Any], read: Callable[[Any, Any], Any]) -> list[Any]:
    """Read every item of a mapping or list with its key or index. Raises ValidationError with all that is wrong."""
    found: list[Any] = []
    wrong: dict[Any, Any] = {}
    for place, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        try:
            found.append(read(place, item))
        except ValidationError as error:
            wrong[place] = error.messages
    if wrong:
        raise ValidationError(wrong)
    return found
