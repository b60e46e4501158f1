"""The fields of a control call in words, read from its JSON Schema. Must not know marshmallow or HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FORMS = {"date-time": "a moment, RFC 3339"}


@dataclass(frozen=True, slots=True)
class FieldPart:
    """One field: its name (dotted inside another), what it takes, what it means."""

    name: str
    takes: str
    required: bool
    meaning: str


def fields_of(schema: Mapping[str, Any], inside: str = "") -> list[FieldPart]:
    """Return the fields of an object, and below each the fields in it."""
    found: list[FieldPart] = []
    for name, field in schema.get("properties", {}).items():
        full = inside + name
        found.append(FieldPart(full, takes(field), name in schema.get("required", ()), field.get("description", "")))
        found += fields_of(field, f"{full}.")
    return found


def takes(field: Mapping[str, Any]) -> str:
    """Say what a field takes."""
    ways = field.get("oneOf") or field.get("anyOf")
    if ways and "type" not in field:
        return ", or ".join(takes(way) for way in ways)
    if "const" in field:
        return _word(field["const"])
    if "enum" in field:
        return ", ".join(_word(each) for each in field["enum"])
    if field.get("format") in _FORMS:
        return _FORMS[field["format"]]
    kind = field.get("type", "anything")
    kinds = [kind] if isinstance(kind, str) else list(kind)
    told = " or ".join(_kind(each, field) for each in kinds)
    return told + _range(field)


def _kind(kind: str, field: Mapping[str, Any]) -> str:
    if kind == "string" and field.get("examples") and field["examples"][0] == "20m":
        return "a duration: 30s, 20m, 2h"
    if kind == "object" and field.get("properties"):
        return f"an object of {', '.join(field['properties'])}"
    return {
        "string": "a text",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "object": "an object",
        "array": "a list",
        "null": "null",
    }.get(kind, kind)


def _range(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None and abs(high) < 10**9:
        return f" from {low} to {high}"
    longest = field.get("maxLength")
    return f" of up to {longest} characters" if longest else ""


def _word(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
