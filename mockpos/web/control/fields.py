"""Fields that several control calls share."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.durations import parse_duration
from mockpos.sandboxes.registry import NAME

_LONGEST_MS = 3650 * 86_400_000


class Duration(fields.Field[int]):
    """A duration as people write it, such as ``20m``; milliseconds when loaded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise ValidationError('must be a duration such as "20m"')
        try:
            milliseconds = parse_duration(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if milliseconds > _LONGEST_MS:
            raise ValidationError("must be at most 3650d")
        return milliseconds


class Moment(fields.Field[Millis]):
    """An RFC 3339 moment; milliseconds when loaded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Millis:
        try:
            return parse_rfc3339(value)
        except (TypeError, ValueError, OverflowError):
            raise ValidationError('must be a moment such as "2026-11-23T14:02:07.120Z"') from None


def truth(**options: Any) -> fields.Boolean:
    """Return a field for true and false of JSON, and nothing that looks like them."""
    return fields.Boolean(truthy={True}, falsy={False}, error_messages={"invalid": "must be true or false"}, **options)


def text(longest: int = 200, **options: Any) -> fields.String:
    """Return a field for a bounded text."""
    return fields.String(validate=validate.Length(1, longest), error_messages={"invalid": "must be a text"}, **options)


def name(**options: Any) -> fields.String:
    """Return a field for the name of a sandbox or a snapshot."""
    form = validate.Regexp(f"(?:{NAME.pattern})\\Z", error="must be 1 to 64 letters, digits, '_' or '-'")
    return fields.String(validate=form, error_messages={"invalid": "must be a text"}, **options)


def seed(**options: Any) -> fields.Integer:
    """Return a field for a seed."""
    return fields.Integer(
        strict=True, validate=validate.Range(-(10**18), 10**18),
        error_messages={"invalid": "must be a whole number"}, **options,
    )  # fmt: skip
