"""Assembles the OpenAPI 3.1 document of a contract, the answers grouped by status; and writes any as 3.0.3.

Must not know Flask: the same document is served, printed by ``mockpos openapi`` and tested.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from mockpos.contract.bodies import request_body, success_body
from mockpos.contract.model import Contract, GlobalIdIn, OperationRule
from mockpos.domain.catalogue import ResponseCode
from mockpos.domain.codes import CATALOGUE
from mockpos.settings import DEFAULT_URL
from mockpos.web.openapi.schemas import (
    ANCHORED_GLOBAL_ID,
    EXAMPLES,
    PROBLEM,
    error_schema,
    example_body,
    problem_schema,
    request_field,
    response_field,
    shared_schemas,
)
from mockpos.web.openapi.wording import TAGS, TEXTS, Json, description, object_schema, security_schemes

_ABOUT = """\
The three calls of Ticket Evolution's order integration, as an automator offers them: **hold** tickets before the \
buyer's order is accepted, **release** them when the order could not be made, **invoice** them when it was.

Every answer is JSON, every answer carries `X-Request-Id` (your own, when you send one of the Global ID's form), and \
every error has a code that the [response-code reference](/docs/codes) explains, with how to get it from this mock.

Bodies may also be sent as `application/*+json`. Unknown fields are {unknown}.
"""


def openapi_document(
    contract: Contract, requests: Mapping[str, object] = EXAMPLES, base_url: str = DEFAULT_URL
) -> dict[str, object]:
    """Return the OpenAPI document of a contract, as what json.dumps takes. ``requests`` are its examples' values."""
    schemes = security_schemes(contract.key)
    paths: Json = {}
    for rule in contract.operations.values():
        paths.setdefault(rule.path, {})[rule.method.lower()] = _operation(contract, rule, requests)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": contract.name,
            "version": contract.version,
            "summary": "Ticket Evolution order integration: hold, release, invoice",
            "description": _ABOUT.format(unknown="refused" if contract.refuse_unknown_fields else "ignored"),
        },
        "servers": [{"url": base_url, "description": "A running mockpos"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "security": [{name: []} for name in schemes],
        "paths": paths,
        "components": {
            "schemas": _schemas(contract),
            "headers": _response_headers(),
            "securitySchemes": schemes,
        },
    }


def _operation(contract: Contract, rule: OperationRule, requests: Mapping[str, object]) -> Json:
    text = TEXTS[rule.operation]
    operation: Json = {
        "operationId": rule.operation_id,
        "tags": [text.tag],
        "summary": text.title,
        "description": description(rule.operation),
    }
    if rule.global_id_in is not GlobalIdIn.BODY:
        operation["parameters"] = [_global_id_parameter(rule, requests["global_id"])]
    if rule.has_body:
        operation["requestBody"] = _request_body(rule, requests)
    operation["responses"] = responses(contract, rule)
    return operation


def _global_id_parameter(rule: OperationRule, example: object) -> Json:
    in_path = rule.global_id_in is GlobalIdIn.PATH
    return {
        # The contract's path says {global_id} whatever the field is called elsewhere.
        "name": "global_id" if in_path else rule.global_id_name,
        "in": "path" if in_path else "query",
        "required": True,
        "description": "The Global ID that TEvo sent with the hold.",
        "schema": {"$ref": "#/components/schemas/GlobalId"},
        "example": example,
    }


def _request_body(rule: OperationRule, requests: Mapping[str, object]) -> Json:
    example = request_body(rule, requests)
    schema = {"$ref": f"#/components/schemas/{_request_schema_name(rule)}"}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _request_schema_name(rule: OperationRule) -> str:
    return f"{rule.operation.value.capitalize()}Request"


def _schemas(contract: Contract) -> Json:
    schemas = {**shared_schemas(), PROBLEM: problem_schema(contract)}
    for rule in contract.operations.values():
        if rule.has_body:
            fields = {path: request_field(name) for name, path in rule.body_fields().items()}
            constants = {path: {"const": value} for path, value in rule.request_constants.items()}
            closed = contract.refuse_unknown_fields
            schemas[_request_schema_name(rule)] = object_schema({**fields, **constants}, closed=closed)
        if rule.answers_body:
            schemas[success_schema_name(rule)] = success_schema(rule)
    return schemas


def _response_headers() -> Json:
    return {
        "X-Request-Id": {
            "description": "The id of this call: the caller's own where it sent a usable one.",
            "required": True,
            "schema": {"type": "string", "pattern": ANCHORED_GLOBAL_ID},
        },
        "Retry-After": {
            "description": "Seconds to wait before the same call is worth sending again.",
            "schema": {"type": "integer", "minimum": 1},
        },
        "WWW-Authenticate": {
            "description": "Which proof is asked for.",
            "schema": {"type": "string"},
        },
    }


_JSON = "application/json"


def responses(contract: Contract, rule: OperationRule) -> Json:
    """Return the responses object of one operation, lowest status first."""
    by_status: dict[int, list[ResponseCode]] = {rule.success: []}
    for code in contract.codes_of(CATALOGUE, rule.operation):
        by_status.setdefault(contract.status(code), []).append(code)
    return {str(status): _response(contract, rule, status, by_status[status]) for status in sorted(by_status)}


def success_schema_name(rule: OperationRule) -> str:
    """Return the name of an operation's success body among the components."""
    return f"{rule.operation.value.capitalize()}Answer"


def success_schema(rule: OperationRule) -> Json:
    """Return the schema of an operation's success body: every field is always there."""
    fields = {path: response_field(name, rule.state) for name, path in rule.response.items() if path}
    return object_schema({**fields, **{path: {"const": value} for path, value in rule.response_constants.items()}})


def _response(contract: Contract, rule: OperationRule, status: int, codes: Sequence[ResponseCode]) -> Json:
    lines = [_line(code) for code in codes]
    content: Json = {}
    if status == rule.success:
        lines.insert(0, f"{TEXTS[rule.operation].outcome}.")
        if rule.answers_body:
            content[_JSON] = _success_content(rule)
    if codes:
        _add(content, contract.errors.media_type, _error_content(contract, rule, codes))
    return {
        "description": lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines),
        "headers": _headers(status, codes),
        **({"content": content} if content else {}),
    }


def _success_content(rule: OperationRule) -> Json:
    text = TEXTS[rule.operation]
    first = success_body(rule, EXAMPLES)
    replay = success_body(rule, {**EXAMPLES, "replayed": True})
    examples = {"first": {"summary": text.outcome, "value": first}}
    if replay != first:
        examples["replayed"] = {"summary": "The same call again", "value": replay}
    return {"schema": {"$ref": f"#/components/schemas/{success_schema_name(rule)}"}, "examples": examples}


def _error_content(contract: Contract, rule: OperationRule, codes: Sequence[ResponseCode]) -> Json:
    return {
        "schema": error_schema(contract, codes),
        "examples": {
            code.code: {"summary": code.title, "value": example_body(contract, code, rule.operation)} for code in codes
        },
    }


def _add(content: Json, media_type: str, more: Json) -> None:
    """Add errors to a response; those that share the success's status and media type share its schema's place."""
    there = content.get(media_type)
    if there is None:
        content[media_type] = more
    else:
        there["schema"] = {"anyOf": [there["schema"], more["schema"]]}
        there["examples"] = {**there["examples"], **more["examples"]}


def _line(code: ResponseCode) -> str:
    notes = [f"who resolves it: {code.who.value}"]
    if code.retryable:
        notes.insert(0, "retryable")
    if code.outcome_unknown:
        notes.insert(0, "outcome unknown")
    return f"[`{code.code}`](/docs/codes#{code.code}): {code.meaning} *({'; '.join(notes)})*"


def _headers(status: int, codes: Sequence[ResponseCode]) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if any(code.retry_after for code in codes):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}
    return headers


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
