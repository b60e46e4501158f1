"""Writes an OpenAPI 3.1 document as 3.0.3, for tools that read no 3.1. Independent of what the document is about."""

from collections.abc import Mapping
from typing import Any

from mockpos.web.openapi.wording import Json


def as_3_0(document: Mapping[str, Any]) -> Json:
    """Return the document in the words of 3.0: nullable, enum for const, one example, nothing beside a ``$ref``."""
    written: Json = _rewritten(document)
    info = {name: value for name, value in document["info"].items() if name != "summary"}
    return {**written, "openapi": "3.0.3", "info": info}


def _rewritten(node: Any, within: str = "") -> Any:
    if isinstance(node, list):
        return [_rewritten(item, within) for item in node]
    if not isinstance(node, Mapping):
        return node
    if within in ("properties", "schemas"):  # a mapping of names to schemas
        return {name: _schema(below) for name, below in node.items()}
    return {name: _below(name, below, within) for name, below in node.items()}


def _below(name: str, node: Any, within: str) -> Any:
    if name == "schema":
        return _schema(node)
    if name in ("example", "value") or (name == "examples" and not isinstance(node, Mapping)):
        return node
    return _rewritten(node, name)


def _schema(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema and len(schema) > 1:
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        return {"allOf": [{"$ref": schema["$ref"]}], **_schema(beside)}
    written: Json = {}
    for name, value in schema.items():
        written |= _keyword(name, value, schema)
    return written


def _keyword(name: str, value: Any, schema: Mapping[str, Any]) -> Json:
    match name:
        case "type" if isinstance(value, list):
            return _types(value)
        case "const":
            return {"enum": [value], **({} if "type" in schema else _type_of(value))}
        case "examples":
            return {"example": value[0]}
        case "properties":
            value = {member: _schema(below) for member, below in value.items()}
        case "allOf" | "anyOf" | "oneOf":
            value = [_schema(below) for below in value]
        case "items" | "additionalProperties" | "not":
            value = _schema(value)
    return {} if name == "propertyNames" else {name: value}  # 3.0 has no propertyNames


def _types(kinds: list[str]) -> Json:
    others = [kind for kind in kinds if kind != "null"]
    nullable = {"nullable": True} if "null" in kinds else {}
    if len(others) == 1:
        return {"type": others[0], **nullable}
    return {"anyOf": [{"type": kind, **nullable} for kind in others]}


def _type_of(value: object) -> Json:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": kinds[type(value)]} if type(value) in kinds else {"nullable": True}
