"""Fields that several control calls share."""

from typing import Any

from marshmallow import fields, validate

from mockpos.sandboxes.registry import NAME


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
