"""The answers of one operation: its success, and every documented code, grouped by status."""

from collections.abc import Sequence
from http import HTTPStatus

from mockpos.contract.bodies import success_body
from mockpos.contract.model import Contract, OperationRule
from mockpos.domain.catalogue import ResponseCode
from mockpos.domain.codes import CATALOGUE
from mockpos.web.openapi.error_schemas import error_schema, example_body
from mockpos.web.openapi.fields import EXAMPLES, response_field
from mockpos.web.openapi.wording import TEXTS, Json, object_schema

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
