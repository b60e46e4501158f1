"""Assembles the OpenAPI 3.1 document of the control plane from the table of its calls. Must not know Flask's routes."""

import re
from collections.abc import Mapping

from marshmallow import Schema

from mockpos import __version__
from mockpos.contract.model import KeyRule
from mockpos.control_client import TOKEN_HEADER
from mockpos.domain.codes import MOCK_CODES, MockCode
from mockpos.sandboxes.registry import NAME
from mockpos.server.parser import LONGEST_REQUEST_LINE
from mockpos.validation.json_schema import field_schema, object_schema
from mockpos.validation.schema import Json
from mockpos.web.control.calls import PATH_EXAMPLES, PREFIX, ControlCall
from mockpos.web.control.examples import examples
from mockpos.web.control.guard import CHANGES
from mockpos.web.control.table import CONTROL_CALLS
from mockpos.web.openapi.wording import security_schemes

PROBLEM = "Problem"
_PROBLEM_TYPE = "application/problem+json"
_URI_TOO_LONG = (
    f"[`uri_too_long`](/docs/codes#uri_too_long): The request line is longer than {LONGEST_REQUEST_LINE} bytes."
)
_ALSO = {"get_listings_export": ("text/csv",)}
"""Calls whose caller chooses what the success is written in."""

_KEY_UNKNOWN = "[`api_key_invalid`](/docs/codes#api_key_invalid): The API key is no sandbox's."


def answers(call: ControlCall) -> Json:
    """Return the responses object of one call, lowest status first."""
    by_status: dict[int, list[str]] = {401: [_KEY_UNKNOWN]}
    for code in errors_of(call):
        by_status.setdefault(code.status, []).append(f"[`{code.code}`](/docs/codes#{code.code}): {code.meaning}")
    if call.query is not None:
        by_status[414] = [_URI_TOO_LONG]
    found = {status: _error(lines) for status, lines in by_status.items()}
    success = _success(call)
    return {str(status): answer for status, answer in sorted({**found, call.status: success}.items())}


def errors_of(call: ControlCall) -> list[MockCode]:
    """Return the errors of the mock that a call may be refused with, lowest status first."""
    codes = {"mock_host_not_allowed", "mock_token_missing", "mock_token_invalid", "mock_bad_input", *call.errors}
    codes.add("mock_unknown_sandbox")
    if call.method in CHANGES:
        codes.add("mock_cross_site")
    if call.body is not None:
        codes |= {"mock_malformed_request", "mock_unsupported_media_type", "mock_request_too_large"}
    return sorted((MOCK_CODES[code] for code in codes if code in MOCK_CODES), key=lambda code: (code.status, code.code))


def problem_schema() -> Json:
    """Return the schema of an error: problem details (RFC 9457) with a code."""
    text: Json = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "A sentence for people; it names the field that is wrong."},
            "instance": text,
            "code": {"type": "string", "description": "What to decide by."},
            "retryable": {"type": "boolean"},
            "request_id": text,
        },
    }


def response_headers() -> Json:
    """Return the headers that answers share."""
    return {
        "X-Request-Id": {"description": "The id of this call.", "required": True, "schema": {"type": "string"}},
        "X-Mockpos-Error": {
            "description": "`true`: the mock says this, no automator.",
            "schema": {"type": "string", "const": "true"},
        },
    }


def _error(lines: list[str]) -> Json:
    shared = {name: {"$ref": f"#/components/headers/{name}"} for name in response_headers()}
    content = {_PROBLEM_TYPE: {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}}
    return {"description": _listed(lines), "headers": shared, "content": content}


def _success(call: ControlCall) -> Json:
    example = examples().get(call.endpoint)
    media: Json = {"schema": {}}
    if call.media_type != "application/json":
        media = {"schema": {"type": "string"}}
    elif example is not None:
        media = {"schema": shape_of(example), "example": example}
    others = {media_type: {"schema": {"type": "string"}} for media_type in _ALSO.get(call.endpoint, ())}
    headers = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    return {"description": f"{call.summary}: done.", "headers": headers, "content": {call.media_type: media, **others}}


def shape_of(example: Mapping[str, object]) -> Json:
    """Return the schema of an answer that has at least its example's members.

    An example does not tell which of them may be null or of several types, so the members are named, not typed.
    """
    return {"type": "object", "required": list(example), "properties": {name: _kind(example[name]) for name in example}}


def _kind(value: object) -> Json:
    if isinstance(value, list | tuple):
        return {"type": "array", "items": {"type": "object"} if value and isinstance(value[0], Mapping) else {}}
    return {"type": ["object", "null"]} if isinstance(value, Mapping) else {}


def _listed(lines: list[str]) -> str:
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


_ABOUT = f"""\
Everything a test, a demo or a person needs that is not the automator's contract: sandboxes, the clock, the record of \
calls and what it shows. [The same, to read](/docs/control).

A call is about the sandbox whose API key it carries, and about the default one without a key; behind `/s/NAME` it is \
about that sandbox, for its own key, the default key or none. Beyond loopback every call needs the control token in \
`{TOKEN_HEADER}`. Unknown fields are refused everywhere.
"""

_NAME = {"type": "string", "pattern": f"^{NAME.pattern}$"}
_PATH_SCHEMAS = {"sandbox_name": _NAME, "name": _NAME}
_ANY_PART = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_:-]{0,127}$"}
"""Other parts of a path: the form every id of the mock's own has. Whatever else stands there is not found."""


def control_document(key: KeyRule, base_url: str, *, needs_token: bool) -> Json:
    """Return the document, as what json.dumps takes. ``needs_token`` beyond loopback."""
    paths: Json = {}
    for call in CONTROL_CALLS:
        paths.setdefault(PREFIX + call.path, {})[call.method.lower()] = _operation(call)
    schemes = security_schemes(key)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockpos control plane", "version": __version__, "description": _ABOUT},
        "servers": [
            {"url": base_url, "description": "The sandbox of the key; without one the default sandbox"},
            {
                "url": f"{base_url}/s/{{sandbox}}",
                "description": "One sandbox, by its path",
                "variables": {"sandbox": {"default": "default", "description": "Its name."}},
            },
        ],
        "tags": [{"name": area} for area in dict.fromkeys(call.area for call in CONTROL_CALLS)],
        "security": _security(schemes, needs_token=needs_token),
        "paths": paths,
        "components": {
            "schemas": {PROBLEM: problem_schema()},
            "headers": response_headers(),
            "securitySchemes": {**_described(schemes), "controlToken": _TOKEN_SCHEME},
        },
    }


_TOKEN_SCHEME: Json = {
    "type": "apiKey",
    "in": "header",
    "name": TOKEN_HEADER,
    "description": "The control token: `--control-token`, else the one printed at the start. Not asked on loopback.",
}


_A_FILE: Json = {
    "required": True,
    "description": "A whole file.",
    "content": {"application/json": {"schema": {}}, "text/csv": {"schema": {"type": "string"}}},
}
"""The body of a call that reads it itself."""


def _security(schemes: Json, *, needs_token: bool) -> list[Json]:
    """Return what a call may carry: no key or one, with the token where it is needed."""
    token: Json = {"controlToken": []} if needs_token else {}
    return [token, *({**token, name: []} for name in schemes)]


def _described(schemes: Json) -> Json:
    told = "Chooses the sandbox a call is about; an unknown key is refused."
    return {name: {**scheme, "description": f"{scheme['description']} {told}"} for name, scheme in schemes.items()}


def _operation(call: ControlCall) -> Json:
    operation: Json = {"operationId": call.endpoint, "tags": [call.area], "summary": call.summary}
    operation["description"] = call.description or f"{call.summary}."
    parameters = [_path_parameter(name) for name in re.findall(r"{(?:\w+:)?(\w+)}", call.path)]
    if call.query is not None:
        parameters += _query_parameters(call.query())
    if parameters:
        operation["parameters"] = parameters
    if call.body is not None:
        content = {"application/json": {"schema": object_schema(call.body())}}
        operation["requestBody"] = {"required": not call.body_may_be_missing, "content": content}
    elif "mock_unsupported_media_type" in call.errors:
        operation["requestBody"] = _A_FILE
    operation["responses"] = answers(call)
    return operation


def _query_parameters(schema: Schema) -> list[Json]:
    found = []
    for name, field in schema.fields.items():
        written = field_schema(field)
        description = {"description": written.pop("description")} if "description" in written else {}
        parameter = {"name": field.data_key or name, "in": "query", "required": field.required}
        found.append({**parameter, "schema": written, **description})
    return found


def _path_parameter(name: str) -> Json:
    schema = _PATH_SCHEMAS.get(name, _ANY_PART)
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": PATH_EXAMPLES[name]}
