"""Writes the fields of control calls as JSON Schema: exactly what the server accepts, no more and no less.

A schema says what its fields cannot (``exactly one of``) in a class attribute ``json_schema``; a field of another
kind than those known here says its own in ``metadata={"schema": {...}}``. Must not know any call.
"""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from mockpos.web.control.fields import DURATION_PATTERN, MOMENT_PATTERN, Duration, Moment

Json = dict[str, Any]

_TYPES: tuple[tuple[type[Any], Json], ...] = (
    (Duration, {"type": "string", "pattern": DURATION_PATTERN, "examples": ["20m"]}),
    (
        Moment,
        {"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN, "examples": ["2026-11-23T14:02:07.120Z"]},
    ),
    (fields.Boolean, {"type": "boolean"}),
    (fields.Integer, {"type": "integer"}),
    (fields.Number, {"type": "number"}),
    (fields.Dict, {"type": "object"}),
    (fields.String, {"type": "string"}),
)


def object_schema(schema: Schema) -> Json:
    """Return the JSON Schema of a body: its fields, which are required, and none that is not known."""
    known = {_wire_name(name, field): field for name, field in schema.fields.items()}
    written: Json = {
        "type": "object",
        "properties": {name: field_schema(field) for name, field in known.items()},
        "additionalProperties": False,
    }
    required = [name for name, field in known.items() if field.required]
    if required:
        written["required"] = required
    return {**written, **getattr(schema, "json_schema", {})}


def field_schema(field: fields.Field[Any]) -> Json:
    """Return the JSON Schema of one field."""
    written = {**_kind(field), **_limits(field)}
    if field.allow_none and "type" in written:
        written["type"] = [written["type"], "null"]
    if field.metadata.get("description"):
        written["description"] = field.metadata["description"]
    return {**written, **field.metadata.get("schema", {})}


def query_parameters(schema: Schema) -> list[Json]:
    """Return the query parameters of a call."""
    return [
        {
            "name": _wire_name(name, field),
            "in": "query",
            "required": field.required,
            "schema": field_schema(field),
            **({"description": field.metadata["description"]} if "description" in field.metadata else {}),
        }
        for name, field in schema.fields.items()
    ]


def _wire_name(name: str, field: fields.Field[Any]) -> str:
    return field.data_key or name


def _kind(field: fields.Field[Any]) -> Json:
    if isinstance(field, fields.Nested):
        return object_schema(field.schema)
    if isinstance(field, fields.List):
        return {"type": "array", "items": field_schema(field.inner)}
    return next((dict(schema) for kind, schema in _TYPES if isinstance(field, kind)), {})


def _limits(field: fields.Field[Any]) -> Json:
    found: Json = {}
    for check in field.validators:
        write = _LIMITS.get(type(check))
        if write is not None:
            found |= write(check, isinstance(field, fields.List))
    return {name: value for name, value in found.items() if value is not None}


def _length(check: validate.Length, is_list: bool) -> Json:
    lowest, highest = ("minItems", "maxItems") if is_list else ("minLength", "maxLength")
    return {
        lowest: check.min if check.equal is None else check.equal,
        highest: check.max if check.equal is None else check.equal,
    }


def _range(check: validate.Range, _: bool) -> Json:
    return {
        "minimum" if check.min_inclusive else "exclusiveMinimum": check.min,
        "maximum" if check.max_inclusive else "exclusiveMaximum": check.max,
    }


def _pattern(check: validate.Regexp, _: bool) -> Json:
    anchored = str(check.regex.pattern).removeprefix("^").removesuffix("\\Z").removesuffix("$")
    return {"pattern": f"^{anchored}$"}


def _choice(check: validate.OneOf, _: bool) -> Json:
    return {"enum": list(check.choices)}


_LIMITS: Mapping[type, Callable[[Any, bool], Json]] = {
    validate.Length: _length,
    validate.Range: _range,
    validate.Regexp: _pattern,
    validate.OneOf: _choice,
}
