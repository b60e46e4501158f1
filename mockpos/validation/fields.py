"""Kinds of fields that files, bodies and queries share, each read by a function of our own."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from mockpos.domain.clock import Millis, parse_duration, parse_rfc3339
from mockpos.validation.schema import shown

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


def truth(**options: Any) -> fields.Boolean:
    """Return a field for true and false."""
    return Truth(**options)


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


Json = dict[str, Any]
