"""The JSON Schema of fields and of whole bodies, for documents: whoever only reads values need not load it."""

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from mockpos.validation.schema import Json

_VERSION = "3.1.0"


class _Converter(OpenAPIConverter):
    """Writes nested schemas where they stand, and patterns as JSON Schema anchors them."""

    def __init__(self) -> None:
        super().__init__(_VERSION, lambda _: None, APISpec("", "", _VERSION))
        self.attribute_functions.insert(0, self.of_its_class)
        self.attribute_functions.append(self.of_its_own)

    def of_its_class(self, field: fields.Field[Any], **_: Any) -> Json:
        """Return what fields of a kind of our own take."""
        return dict(getattr(field, "json_schema", {}))

    def of_its_own(self, field: fields.Field[Any], ret: Json, **_: Any) -> Json:
        """Return what this field alone says, and its pattern in the words of JSON Schema."""
        found = {"pattern": _anchored(ret["pattern"])} if "pattern" in ret and field.validators else {}
        return {**found, **field.metadata.get("schema", {})}

    def schema2jsonschema(self, schema: Schema) -> Json:
        """Return an object's schema, with what it says of its fields together."""
        written: Json = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]  # apispec types none of it
        return {**written, **getattr(schema, "json_schema", {})}


@cache
def _converter() -> _Converter:
    return _Converter()


def object_schema(schema: Schema) -> Json:
    """Return the JSON Schema of a body: its fields, which are required, and none that is not known."""
    return _converter().schema2jsonschema(schema)


def field_schema(field: fields.Field[Any]) -> Json:
    """Return the JSON Schema of one field."""
    return dict(_converter().field2property(field))


def _anchored(pattern: str) -> str:
    return f"^{pattern.removeprefix('^').removesuffix(chr(92) + 'Z').removesuffix('$')}$"
