"""Fields that several control calls share."""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.durations import parse_duration
from mockpos.sandboxes.registry import NAME

_LONGEST_MS = 3650 * 86_400_000

DURATION_PATTERN = r"^ *[0-9]{1,12}(\.[0-9]{1,3})? *([mM][sS]|[sSmMhHdD]) *$"
"""The form of a duration; JSON Schema reads it as Python does."""

_DAY = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-9]))"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
MOMENT_PATTERN = f"^(19[7-9][0-9]|2[0-9]{{3}})-{_DAY}T{_TIME}(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
"""The form of an RFC 3339 moment from 1970 to 2999: beyond, there is no room to add a hold's TTL or an advance."""


class Duration(fields.Field[int]):
    """A duration as people write it, such as ``20m``; milliseconds when loaded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or re.match(DURATION_PATTERN, value) is None:
            raise ValidationError('must be a duration such as "20m"')
        milliseconds = parse_duration(value)
        if milliseconds > _LONGEST_MS:
            raise ValidationError("must be at most 3650d")
        return milliseconds


class Moment(fields.Field[Millis]):
    """An RFC 3339 moment; milliseconds when loaded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Millis:
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


def name(**options: Any) -> fields.String:
    """Return a field for the name of a sandbox or a snapshot."""
    form = validate.Regexp(f"(?:{NAME.pattern})\\Z", error="must be 1 to 64 letters, digits, '_' or '-'")
    return fields.String(validate=form, error_messages={"invalid": "must be a text"}, **options)


def key(**options: Any) -> fields.String:
    """Return a field for an API key: what a header can carry, as for --api-key."""
    form = validate.Regexp(
        r"[!-~]([ -~]{0,254}[!-~])?\Z", error="must be 1 to 256 printable ASCII characters, without spaces around it"
    )
    return fields.String(validate=form, error_messages={"invalid": "must be a text"}, **options)


def seed(**options: Any) -> fields.Integer:
    """Return a field for a seed."""
    return fields.Integer(
        strict=True, validate=validate.Range(-(10**18), 10**18),
        error_messages={"invalid": "must be a whole number"}, **options,
    )  # fmt: skip
