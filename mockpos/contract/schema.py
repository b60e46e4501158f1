"""What a contract file must look like, key by key; what its parts mean together is checked in checks.py."""

import re
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from mockpos.contract.model import ErrorShape, GlobalIdIn
from mockpos.validation.schema import Strict

METHODS = ("POST", "PUT", "PATCH", "DELETE")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_WIRE_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*")
_JSON_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json")
_MISSING: dict[str, Any] = {"required": "is missing; a contract leaves nothing out", "null": "must not be null"}


class _Mapping(Strict):
    """A mapping of a contract file."""

    error_messages = {"unknown": "is not a key that belongs here", "type": "must be a mapping"}  # noqa: RUF012  # marshmallow's way


def _text(pattern: re.Pattern[str], meaning: str, **options: Any) -> fields.String:
    """Return a required string field of one form."""
    error = f"must be {meaning}".replace("{", "{{").replace("}", "}}")  # marshmallow calls format on it
    form = validate.Regexp(re.compile(f"(?:{pattern.pattern})\\Z"), error=error)
    messages = {**_MISSING, "invalid": f"must be {meaning}"}
    return fields.String(required=True, validate=form, error_messages=messages, **options)


def _truth() -> fields.Boolean:
    return fields.Boolean(
        required=True, truthy={True}, falsy={False}, error_messages={**_MISSING, "invalid": "must be true or false"}
    )


def _word(allowed: tuple[str, ...]) -> fields.String:
    choice = validate.OneOf(allowed, error=f"must be one of {', '.join(allowed)}")
    return fields.String(required=True, validate=choice, error_messages=_MISSING)


def _status(error_too: bool) -> fields.Integer:
    def check(value: int) -> None:
        carries_body = value not in (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT)
        if not (carries_body and (200 <= value < 300 or (error_too and 400 <= value < 600))):
            allowed = "200-299 or 400-599" if error_too else "200-299"
            raise ValidationError(f"must be an HTTP status of {allowed} that carries a body")

    return fields.Integer(
        required=True, strict=True, validate=check, error_messages={**_MISSING, "invalid": "must be a whole number"}
    )


def _nested(schema: type[Schema]) -> fields.Nested:
    return fields.Nested(schema, required=True, error_messages=_MISSING)


class KeySchema(_Mapping):
    """How the API key comes."""

    header = _text(_TOKEN, "the name of a header")
    scheme = _text(_TOKEN, "one word, or null", allow_none=True)
    bearer = _truth()


class OperationSchema(_Mapping):
    """How one operation looks."""

    operation_id = _text(re.compile(r"[A-Za-z][A-Za-z0-9_]*"), "a name of letters and digits")
    method = _word(METHODS)
    path = _text(re.compile(r"(/([A-Za-z0-9._~-]+|\{global_id\}))+"), "a path such as /v1/holds/{global_id}")
    global_id_in = _word(tuple(GlobalIdIn))
    request = fields.Dict(
        keys=fields.String(), values=_text(_WIRE_PATH, "a dotted name"), required=True, error_messages=_MISSING
    )
    success = _status(error_too=False)
    response = fields.Dict(
        keys=fields.String(),
        values=_text(_WIRE_PATH, "a dotted name, or null to leave the field out", allow_none=True),
        required=True,
        error_messages=_MISSING,
    )


class OperationsSchema(_Mapping):
    """All three operations."""

    hold = _nested(OperationSchema)
    release = _nested(OperationSchema)
    invoice = _nested(OperationSchema)


class ErrorsSchema(_Mapping):
    """How errors look."""

    media_type = _text(_JSON_TYPE, "application/json or application/...+json")
    shape = _word(tuple(ErrorShape))
    statuses = fields.Dict(keys=fields.String(), values=_status(error_too=True), required=True, error_messages=_MISSING)
    template = fields.Raw()


class ContractSchema(_Mapping):
    """A whole contract file."""

    name = fields.String(required=True, validate=validate.Length(1, 100), error_messages=_MISSING)
    version = fields.String(required=True, validate=validate.Length(1, 40), error_messages=_MISSING)
    key = _nested(KeySchema)
    unknown_fields = _word(("ignore", "refuse"))
    operations = _nested(OperationsSchema)
    errors = _nested(ErrorsSchema)
