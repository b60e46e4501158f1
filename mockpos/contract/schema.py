"""What a contract file must look like, key by key; what its parts mean together is checked in checks.py."""

import re
from http import HTTPStatus
from math import isfinite
from typing import Any

from marshmallow import ValidationError, fields, validate

from mockpos.contract.model import ErrorShape, GlobalIdIn
from mockpos.domain.identifiers import LONGEST
from mockpos.validation.schema import Strict

METHODS = ("POST", "PUT", "PATCH", "DELETE")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_WIRE_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*")
_JSON_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json")
_SCALAR = (str, int, float, bool)


class _Mapping(Strict):
    """A mapping of a contract file."""

    error_messages = {"unknown": "is not a key that belongs here", "type": "must be a mapping"}  # noqa: RUF012  # marshmallow's way


def _text(pattern: re.Pattern[str], meaning: str, **options: Any) -> fields.String:
    """Return a string field of one form."""
    error = f"must be {meaning}".replace("{", "{{").replace("}", "}}")  # marshmallow calls format on it
    form = validate.Regexp(re.compile(f"(?:{pattern.pattern})\\Z"), error=error)
    return fields.String(
        validate=form, error_messages={"invalid": f"must be {meaning}", "null": "must not be null"}, **options
    )


def _truth() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, error_messages={"invalid": "must be true or false"})


def _word(allowed: tuple[str, ...]) -> fields.String:
    return fields.String(validate=validate.OneOf(allowed, error=f"must be one of {', '.join(allowed)}"))


def _status(error_too: bool) -> fields.Integer:
    def check(value: int) -> None:
        fits = 400 <= value < 600 or 200 <= value < 300 if error_too else 200 <= value < 300
        if not fits or value == HTTPStatus.RESET_CONTENT or (error_too and value == HTTPStatus.NO_CONTENT):
            allowed = "200-299 or 400-599 that carries a body" if error_too else "200-299, not 205"
            raise ValidationError(f"must be an HTTP status of {allowed}")

    return fields.Integer(strict=True, validate=check, error_messages={"invalid": "must be a whole number"})


class _Name(fields.Field[str | int]):
    """What the wire calls a code or a state: a text or a whole number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | int:
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
        if isinstance(value, str) and 1 <= len(value) <= LONGEST:
            return str(value)
        raise ValidationError("must be a text or a whole number")


class _Constant(fields.Field[Any]):
    """A value that never changes: what JSON has, and no mapping."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, _SCALAR) or (isinstance(value, float) and not isfinite(value)):
            raise ValidationError("must be a text, a number, true, false or null; dots in the name make objects")
        return value


def _by_name(values: fields.Field[Any]) -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=values)


def _by_place(values: fields.Field[Any]) -> fields.Dict:
    return fields.Dict(keys=_text(_WIRE_PATH, "a dotted name"), values=values)


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
    request = _by_name(_text(_WIRE_PATH, "a dotted name"))
    request_constants = _by_place(_Constant(allow_none=True))
    success = _status(error_too=False)
    response = _by_name(_text(_WIRE_PATH, "a dotted name, or null to leave the field out", allow_none=True))
    response_constants = _by_place(_Constant(allow_none=True))


class OperationsSchema(_Mapping):
    """All three operations."""

    hold = fields.Nested(OperationSchema)
    release = fields.Nested(OperationSchema)
    invoice = fields.Nested(OperationSchema)


class ErrorsSchema(_Mapping):
    """How errors look."""

    media_type = _text(_JSON_TYPE, "application/json or application/...+json")
    shape = _word(tuple(ErrorShape))
    statuses = _by_name(_status(error_too=True))
    codes = _by_name(_Name())
    template = fields.Raw()


class ContractSchema(_Mapping):
    """A whole contract file. Whatever it leaves out is as in the default contract."""

    name = fields.String(validate=validate.Length(1, 100))
    version = fields.String(validate=validate.Length(1, 40))
    key = fields.Nested(KeySchema)
    unknown_fields = _word(("ignore", "refuse"))
    states = _by_name(_Name())
    operations = fields.Nested(OperationsSchema)
    errors = fields.Nested(ErrorsSchema)
