"""What a contract file must look like, key by key; what its parts mean together is checked in loader.py."""

import re
from http import HTTPStatus
from math import isfinite
from typing import Any, TypeVar

from marshmallow import ValidationError, fields, validate

from mockpos.contract.model import ErrorShape, GlobalIdIn
from mockpos.domain.identifiers import LONGEST
from mockpos.validation.schema import ReadBy, Strict

METHODS = ("POST", "PUT", "PATCH", "DELETE")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_WIRE_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*")
_JSON_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json")
F = TypeVar("F", bound=fields.Field[Any])
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


def _name() -> ReadBy:
    """Return the field for what the wire calls a code or a state: a text or a whole number."""
    return ReadBy(_read_name, {})


def _read_name(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and 1 <= len(value) <= LONGEST:
        return str(value)
    raise ValidationError("must be a text or a whole number")


def _constant() -> ReadBy:
    """Return the field for a value that never changes: what JSON has, and no mapping."""
    return ReadBy(_read_constant, {}, allow_none=True)


def _read_constant(value: Any) -> Any:
    if not isinstance(value, _SCALAR) or (isinstance(value, float) and not isfinite(value)):
        raise ValidationError("must be a text, a number, true, false or null; dots in the name make objects")
    return value


def _by_name(values: fields.Field[Any]) -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=values)


def _by_place(values: fields.Field[Any]) -> fields.Dict:
    return fields.Dict(keys=_text(_WIRE_PATH, "a dotted name"), values=values)


def _said(field: F, meaning: str) -> F:
    """Give a key its meaning, which the docs show."""
    field.metadata = {**field.metadata, "description": meaning}
    return field


class KeySchema(_Mapping):
    """How the API key comes."""

    header = _said(_text(_TOKEN, "the name of a header"), "The header that carries the API key.")
    scheme = _said(
        _text(_TOKEN, "one word, or null", allow_none=True), "A word before the key in it, such as `Token`, or null."
    )
    bearer = _said(_truth(), "Whether `Authorization: Bearer KEY` is accepted too.")


class OperationSchema(_Mapping):
    """How one operation looks."""

    operation_id = _said(
        _text(re.compile(r"[A-Za-z][A-Za-z0-9_]*"), "a name of letters and digits"),
        "What client generators name their function after.",
    )
    method = _said(_word(METHODS), "POST, PUT, PATCH or DELETE.")
    path = _said(
        _text(re.compile(r"(/([A-Za-z0-9._~-]+|\{global_id\}))+"), "a path such as /v1/holds/{global_id}"),
        "Where it is called; with `{global_id}` in it where the path carries that.",
    )
    global_id_in = _said(_word(tuple(GlobalIdIn)), "Where the Global ID stands: path, query or body.")
    request = _said(
        _by_name(_text(_WIRE_PATH, "a dotted name")),
        "Our name for each field, and where it stands in the body; each dot opens an object.",
    )
    request_constants = _said(
        _by_place(_constant()),
        "Members of the body that must have one value: `order.channel: TEVO`.",
    )
    success = _said(_status(error_too=False), "The status of a success. With 204 it has no body.")
    response = _said(
        _by_name(_text(_WIRE_PATH, "a dotted name, or null to leave the field out", allow_none=True)),
        "Where each field stands in the answer, in this order; null leaves it out.",
    )
    response_constants = _said(
        _by_place(_constant()),
        "Members of the answer that always have one value: `meta.version: 3`.",
    )


class OperationsSchema(_Mapping):
    """All three operations."""

    hold = fields.Nested(OperationSchema)
    release = fields.Nested(OperationSchema)
    invoice = fields.Nested(OperationSchema)


class ErrorsSchema(_Mapping):
    """How errors look."""

    media_type = _said(_text(_JSON_TYPE, "application/json or application/...+json"), "The Content-Type of errors.")
    shape = _said(_word(tuple(ErrorShape)), '`problem` (RFC 9457), `envelope` (`{"error": {...}}`), or `template`.')
    statuses = _said(_by_name(_status(error_too=True)), "Codes with another HTTP status: `listing_retired: 404`.")
    codes = _said(
        _by_name(_name()),
        "Codes with another name or number: `listing_sold_out: SOLD_OUT`. Several may share one.",
    )
    template = _said(
        fields.Raw(),
        "The body of an error for the shape `template`: anything, with `$code`, `$detail`, `$status`, `$title`, "
        "`$request_id`, `$retryable`, `$details`, `$type` and `$instance` filled in.",
    )


class ContractSchema(_Mapping):
    """A whole contract file. Whatever it leaves out is as in the default contract."""

    name = _said(fields.String(validate=validate.Length(1, 100)), "Stands at the top of the documentation.")
    version = _said(fields.String(validate=validate.Length(1, 40)), "Quoted: 3.10 would be read as 3.1.")
    key = _said(fields.Nested(KeySchema), "How the API key comes.")
    unknown_fields = _said(_word(("ignore", "refuse")), "What becomes of fields that the contract does not name.")
    states = _said(
        _by_name(_name()),
        "States of a hold with another name or number: `held: RESERVED`. There are held, released, expired, invoiced "
        "and released_before_hold.",
    )
    operations = _said(fields.Nested(OperationsSchema), "`hold`, `release` and `invoice`.")
    errors = _said(fields.Nested(ErrorsSchema), "How errors look.")
