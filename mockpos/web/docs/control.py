"""What the page of the control plane shows, worked out from the table of its calls. Must not know HTML."""

import json
import shlex
from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mockpos.contract.model import KeyRule
from mockpos.control_client import TOKEN_HEADER
from mockpos.settings import DEFAULT_API_KEY
from mockpos.validation.json_schema import object_schema
from mockpos.web.control.calls import PATH_EXAMPLES, PREFIX, ControlCall
from mockpos.web.control.examples import AREAS, BODIES, QUERIES, examples
from mockpos.web.control.openapi import errors_of
from mockpos.web.control.table import CONTROL_CALLS

_FORMS = {"date-time": "a moment, RFC 3339"}


class FieldPart(NamedTuple):
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


_TOKEN_LINE = f'-H "{TOKEN_HEADER}: $MOCKPOS_CONTROL_TOKEN"'


def control_page(key: KeyRule, base_url: str, *, needs_token: bool) -> dict[str, Any]:
    """Return what the page shows beside its own text. ``needs_token`` beyond loopback."""
    codes = dict.fromkeys(code for call in CONTROL_CALLS for code in errors_of(call))
    return {
        "control": control_reference(key, base_url, needs_token=needs_token),
        "token_header": TOKEN_HEADER,
        "key_header": key.header,
        "mock_codes": sorted(codes, key=lambda code: code.status),
    }


def control_reference(key: KeyRule, base_url: str, *, needs_token: bool) -> dict[str, Any]:
    """Return every call, area by area, as commands for the server's address."""
    token = [_TOKEN_LINE] if needs_token else []
    clock = f"curl {base_url}/_mock/clock"
    own_key = shlex.quote(f"{key.header}: {key.value(DEFAULT_API_KEY)}")
    return {
        "areas": [
            {"name": area, "about": AREAS.get(area, ""), "calls": [_call_part(call, base_url, token) for call in calls]}
            for area, calls in groupby(CONTROL_CALLS, key=lambda call: call.area)
        ],
        "by_key": _joined([clock, f"-H {own_key}", *token]),
        "by_path": _joined([f"curl {base_url}/s/checkout-17/_mock/clock", *token]),
        "with_token": _joined([clock, _TOKEN_LINE]),
        "needs_token": needs_token,
    }


def _call_part(call: ControlCall, base_url: str, token: list[str]) -> dict[str, Any]:
    """Return one call as the page shows it. ``fields`` are those of its body or query, ``errors`` its own."""
    schema, example = call.body or call.query, examples().get(call.endpoint)
    return {
        "call": call,
        "path": PREFIX + call.path,
        "command": _command(call, base_url, token),
        "fields": fields_of(object_schema(schema())) if schema is not None else [],
        "where": "body" if call.body is not None else "query",
        "example": json.dumps(example, indent=2, ensure_ascii=False) if example is not None else "",
        "errors": [code for code in errors_of(call) if code.code in call.errors],
    }


def _command(call: ControlCall, base_url: str, token: list[str]) -> str:
    path = call.path.format_map(PATH_EXAMPLES)
    query = QUERIES.get(call.endpoint)
    url = f"{base_url}{PREFIX}{path}" + (f"?{urlencode(query)}" if query else "")
    options = " -N" if call.media_type == "text/event-stream" else ""
    method = "" if call.method == "GET" else f" -X {call.method}"
    lines = [f"curl{options}{method} {shlex.quote(url)}", *token]
    body = BODIES.get(call.endpoint)
    if body is not None:
        lines += _sent(body)
    return _joined(lines)


def _sent(body: Mapping[str, Any] | str) -> list[str]:
    """Return what sends a body: JSON, or a text as it stands, for calls that read files."""
    if isinstance(body, str):
        return [body]
    return ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(body))}"]


def _joined(lines: list[str]) -> str:
    return " \\\n  ".join(lines)
