"""The answers of a control call as OpenAPI: its success by its example, its errors by status."""

from collections.abc import Mapping

from mockpos.domain.mock_codes import MOCK_CODES, MockCode
from mockpos.validation.json_schema import Json
from mockpos.web.control.calls import ControlCall
from mockpos.web.control.examples import example_of
from mockpos.web.control.guard import CHANGES

PROBLEM = "Problem"
_PROBLEM_TYPE = "application/problem+json"
_URI_TOO_LONG = "[`uri_too_long`](/docs/codes#uri_too_long): The request line is longer than 16 KB."
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
    example = example_of(call.endpoint)
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
