"""What a contract makes of calls and answers: requests, bodies of successes and of errors in the three shapes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mockpos.contract.model import (
    NO_CONTENT,
    RESPONSE_FIELDS,
    Contract,
    ErrorShape,
    GlobalIdIn,
    OperationRule,
    WirePath,
)
from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.http_client import Request
from mockpos.validation.schema import Place, Problem, shown


def problem_members(
    code: str, title: str, status: int, detail: str, request_id: str, *, retryable: bool
) -> dict[str, object]:
    """Return the members that every problem has, in their order."""
    return {
        "type": f"/docs/codes#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"/_mock/requests/{request_id}",
        "code": code,
        "retryable": retryable,
        "request_id": request_id,
    }


def error_body(
    contract: Contract, code: ResponseCode, detail: str, details: Mapping[str, object], request_id: str
) -> dict[str, object]:
    """Lay out one error as the contract asks. The members are RFC 9457's, then the catalogue's."""
    status, retryable = contract.status(code), code.retryable
    members = problem_members(code.code, code.title, status, detail, request_id, retryable=retryable)
    members["code"] = contract.code_name(code.code)
    if "hold_status" in details:
        details = {**details, "hold_status": contract.state_name(str(details["hold_status"]))}
    if contract.errors.shape is ErrorShape.PROBLEM:
        return {**members, **details}
    filled = _filled(error_template(contract), {**members, "details": dict(details)})
    return filled if isinstance(filled, dict) else {}


_ENVELOPE = {
    "error": {
        "code": "$code",
        "message": "$detail",
        "retryable": "$retryable",
        "request_id": "$request_id",
        "details": "$details",
    }
}


def error_template(contract: Contract) -> object:
    """Return what errors look like that are no problem details: the envelope, or a template of the contract's own."""
    return _ENVELOPE if contract.errors.shape is ErrorShape.ENVELOPE else contract.errors.template


def _filled(template: object, members: Mapping[str, object]) -> object:
    if isinstance(template, Mapping):
        return {str(key): _filled(value, members) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, members) for value in template]
    if isinstance(template, str) and template.startswith("$"):
        return members[template[1:]]
    return template


_SILENT = ("statuses", "codes", "states", "request_constants", "response_constants", "template")
"""What is empty when it is left out, which goes without saying."""


def filled(content: Mapping[str, Any], default: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the whole contract that a file means, and a note on every part that it leaves out."""
    notes: list[Problem] = []
    whole = _defaults_filled(content, _fitting(content, default), (), notes)
    return whole, notes


def _defaults_filled(
    content: Mapping[str, Any], default: Mapping[str, Any], at: Place, notes: list[Problem]
) -> dict[str, Any]:
    whole = {**content}
    for name, usual in default.items():
        place = (*at, name)
        if name not in content:
            whole[name] = usual
            says_nothing = isinstance(usual, Mapping) and all(value is None for value in usual.values())
            if name not in _SILENT and not says_nothing:
                told = "all as in the default contract" if isinstance(usual, Mapping) else f"so {shown(usual)}"
                notes.append((place, f"is left out, {told}"))
        elif isinstance(usual, Mapping) and name not in _SILENT and isinstance(content[name], Mapping):
            whole[name] = _defaults_filled(content[name], usual, place, notes)
    return whole


def _fitting(content: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default contract as it fits what a file says: where a path has the Global ID, a 204, a shape."""
    given = content.get("operations") or {}
    operations = {
        name: _fitting_operation(Operation(name), given.get(name) or {}, usual)
        for name, usual in default["operations"].items()
    }
    errors = {**default["errors"]}
    if (content.get("errors") or {}).get("shape", ErrorShape.PROBLEM) != ErrorShape.PROBLEM:
        errors["media_type"] = "application/json"
    return {**default, "operations": operations, "errors": errors}


def _fitting_operation(operation: Operation, given: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    fitting = {**usual}
    if "path" in given and "global_id_in" not in given:
        has_it, usually = "{global_id}" in given["path"], usual["global_id_in"]
        in_body = GlobalIdIn.BODY.value if usually == GlobalIdIn.PATH else usually
        fitting["global_id_in"] = GlobalIdIn.PATH.value if has_it else in_body
    if given.get("global_id_in", GlobalIdIn.PATH) != GlobalIdIn.PATH and "path" not in given:
        fitting["path"] = usual["path"].replace("/{global_id}", "")
    if given.get("success") == NO_CONTENT:
        fitting["response"] = dict.fromkeys(RESPONSE_FIELDS[operation])
    return fitting


PLACEHOLDERS = ("type", "title", "status", "detail", "instance", "code", "retryable", "request_id", "details")
"""What a template's ``$name`` can stand for: the members of a problem, and all details of the code as one object."""


def each_value(template: object, at: Place = ()) -> Iterator[tuple[Place, object]]:
    """Yield the values in a template that are neither objects nor lists, each with its place."""
    if isinstance(template, Mapping):
        for key, value in template.items():
            yield from each_value(value, (*at, key))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from each_value(value, (*at, index))
    else:
        yield at, template


def nested(values: Mapping[WirePath, object]) -> dict[str, Any]:
    """Return the body that has each value at its path."""
    body: dict[str, Any] = {}
    for path, value in values.items():
        at = body
        for step in path[:-1]:
            at = at.setdefault(step, {})
        at[path[-1]] = value
    return body


def request_body(rule: OperationRule, values: Mapping[str, object]) -> dict[str, Any]:
    """Return the body of a call; what ``values`` does not have is left out."""
    fields = {path: values[name] for name, path in rule.body_fields().items() if name in values}
    return nested({**fields, **rule.request_constants})


def success_body(rule: OperationRule, values: Mapping[str, object]) -> dict[str, Any]:
    """Return the body of a success."""
    named = {**values, "status": rule.state}
    return nested({**{path: named[name] for name, path in rule.response.items() if path}, **rule.response_constants})


JSON_TYPE = "application/json"


def write_call(contract: Contract, operation: Operation, values: Mapping[str, object], api_key: str | None) -> Request:
    """Return the request of one call. ``api_key`` None: without a key."""
    rule = contract.operations[operation]
    target = rule.path.replace("{global_id}", quote(str(values["global_id"]), safe=""))
    if rule.global_id_in is GlobalIdIn.QUERY:
        target += "?" + urlencode({rule.global_id_name: values["global_id"]})
    headers = [("Accept", JSON_TYPE)]
    if api_key is not None:
        headers.append((contract.key.header, contract.key.value(api_key)))
    if not rule.has_body:
        return Request(rule.method, target, tuple(headers))
    headers.append(("Content-Type", JSON_TYPE))
    return Request(rule.method, target, tuple(headers), json.dumps(request_body(rule, values)).encode())
