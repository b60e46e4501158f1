"""Decides what of a contract an OpenAPI document says, line by line."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockpos.contract.from_openapi.document import MARK, Call, Leaf, Line, OpenApi
from mockpos.contract.from_openapi.errors import error_lines
from mockpos.contract.from_openapi.matching import (
    REQUEST,
    RESPONSE,
    STATES,
    SURE,
    Match,
    Role,
    match_calls,
    match_fields,
    weight,
)
from mockpos.contract.loader import load_contract
from mockpos.contract.model import NO_CONTENT, REQUEST_FIELDS, RESPONSE_FIELDS, SUCCESS_STATES
from mockpos.domain.catalogue import Operation

_DEFAULT = "as in the default contract"


def propose(document: OpenApi) -> list[Line]:
    """Return the lines of the contract."""
    roles = match_calls(document)
    lines = [
        Line(0, "", comment=f"Proposed from {document.title} {document.version} by `mockpos contract from-openapi`."),
        Line(0, "", comment=f"A line marked `{MARK}` needs a decision; `mockpos contract check` says what is left."),
        Line(0, "name", document.title[:100]),
        Line(0, "version", document.version[:40]),
        Line(0, ""),
        *_key_lines(document),
        Line(0, ""),
        _unknown_fields(document, roles),
        *_state_lines(document, roles),
        Line(0, ""),
        Line(0, "operations", is_section=True),
    ]
    for operation, role in roles.items():
        lines += [*_operation_lines(document, operation, role), Line(0, "")]
    lines += error_lines(document, roles)
    lines += [Line(0, "", comment=f"{each} was not read", open=True) for each in sorted(document.unread)]
    return lines


def _key_lines(document: OpenApi) -> Iterator[Line]:
    yield Line(0, "key", is_section=True)
    schemes = document.key_schemes()
    in_header = [each for each in schemes if each.get("type") == "apiKey" and each.get("in") == "header"]
    http = [str(each.get("scheme", "")).lower() for each in schemes if each.get("type") == "http"]
    if in_header:
        yield Line(1, "header", str(in_header[0].get("name")))
        is_usual = str(in_header[0].get("name")).lower() == "authorization"
        yield Line(1, "scheme", None, "a word before the key, such as Token?" if is_usual else "", open=is_usual)
        yield Line(1, "bearer", "bearer" in http)
    elif "bearer" in http:
        yield from (Line(1, "header", "Authorization"), Line(1, "scheme", "Bearer"), Line(1, "bearer", True))
    else:
        told = "no way is documented"
        if schemes:
            where = f" in the {schemes[0]['in']}, {schemes[0].get('name')}," if "in" in schemes[0] else ""
            told = f"the document's {schemes[0].get('type')}{where} is none of mockpos's ways: it reads a header"
        yield Line(1, "header", "X-API-Key", told, open=True)
        yield from (Line(1, "scheme", None), Line(1, "bearer", True))


def _unknown_fields(document: OpenApi, roles: Mapping[Operation, Role]) -> Line:
    bodies = [document.merged(role.call.body) for role in roles.values() if role.call]
    refuses = any(body.get("additionalProperties") is False for body in bodies)
    return Line(0, "unknown_fields", "refuse" if refuses else "ignore")


def _state_lines(document: OpenApi, roles: Mapping[Operation, Role]) -> Iterator[Line]:
    """Yield what the states are called, read from what a status may be."""
    names: dict[str, list[Any]] = {}
    for operation, role in roles.items():
        match = _answered(document, role.call).get("status")
        if match is not None and match.leaf.values:
            names[SUCCESS_STATES[operation]] = match.leaf.values
    lines = []
    for state, values in names.items():
        best = max(values, key=lambda value: weight([str(value)], STATES[state]))
        is_sure = len(values) == 1 or weight([str(best)], STATES[state]) > 0
        told = "" if is_sure else f"one of {', '.join(map(str, values))}"
        lines += [Line(1, state, best, told, open=not is_sure)] if best != state or not is_sure else []
    if lines:
        yield Line(0, "states", is_section=True)
        yield from lines


def _operation_lines(document: OpenApi, operation: Operation, role: Role) -> Iterator[Line]:
    yield Line(1, operation.value, is_section=True)
    call = role.call
    if call is None:
        usual = load_contract().operations[operation]
        told = f"no call of the document looks like this one, so {_DEFAULT}"
        yield Line(2, "method", usual.method, told, open=True)
        near = f"the nearest: {', '.join(map(str, role.also))}" if role.also else _DEFAULT
        yield Line(2, "path", usual.path, near, open=True)
        return
    also = f"it may also be {', '.join(map(str, role.also))}" if role.also else ""
    if call.operation_id.replace("_", "").isalnum():
        yield Line(2, "operation_id", call.operation_id)
    yield Line(2, "method", call.method, also, open=bool(also))
    leaves = [*document.leaves(call.body)]
    places = [(name, "path") for name in call.path_parameters] + [(name, "query") for name in call.query_parameters]
    outside: dict[tuple[str, ...], str] = {(name,): place for name, place in places}
    found = match_fields([*leaves, *(Leaf(path, {}, required=True) for path in outside)], REQUEST)
    if operation is not Operation.HOLD and len(outside) == 1:
        (only,) = outside
        is_named = "global_id" in found and found["global_id"].leaf.path == only
        found["global_id"] = Match(Leaf(only, {}, required=True), SURE if is_named else SURE - 1)
    yield from _path_lines(document, call, found.get("global_id"), outside)
    yield Line(2, "request", is_section=True)
    candidates = ", ".join(map(str, leaves))
    for name in REQUEST_FIELDS[operation]:
        yield _field_line(name, found.get(name), f"the document has {candidates or 'no field in the body'}")
    used = {match.leaf.path for name, match in found.items() if name in REQUEST_FIELDS[operation]}
    yield from _constant_lines("request_constants", [leaf for leaf in leaves if leaf.path not in used])
    yield from _success_lines(document, operation, call)


def _path_lines(
    document: OpenApi, call: Call, global_id: Match | None, outside: Mapping[tuple[str, ...], str]
) -> Iterator[Line]:
    place = outside.get(global_id.leaf.path, "body") if global_id else "body"
    path, others = document.prefix + call.path.rstrip("/"), list[str]()
    for name in call.path_parameters:
        if global_id and place == "path" and global_id.leaf.path == (name,):
            path = path.replace(f"{{{name}}}", "{global_id}")
        else:
            path, others = path.replace(f"{{{name}}}", "1"), [*others, name]
    told = f"mockpos knows no {', '.join(others)} in a path: 1 stands there" if others else ""
    yield Line(2, "path", path, told, open=bool(others))
    yield Line(2, "global_id_in", place, "" if global_id else "no field looks like the Global ID", open=not global_id)


def _success_lines(document: OpenApi, operation: Operation, call: Call) -> Iterator[Line]:
    success = call.success
    yield Line(2, "success", success.status if success else 200, "" if success else "not documented", open=not success)
    if success and (success.status == NO_CONTENT):
        return
    leaves = list(document.leaves(success.schema)) if success else []
    found = _answered(document, call)
    own = {name: found[name] for name in RESPONSE_FIELDS[operation] if name in found}
    told = "" if leaves else "the document describes no body; null leaves a field out"
    yield Line(2, "response", comment=told, open=not leaves, is_section=True)
    for name, match in sorted(own.items(), key=lambda each: [leaf.path for leaf in leaves].index(each[1].leaf.path)):
        yield _field_line(name, match, "")
    for name in RESPONSE_FIELDS[operation]:
        if name not in own:
            yield Line(3, name, None)
    used = {match.leaf.path for match in own.values()}
    yield from _constant_lines("response_constants", [leaf for leaf in leaves if leaf.path not in used])


def _answered(document: OpenApi, call: Call | None) -> dict[str, Match]:
    leaves = list(document.leaves(call.success.schema)) if call and call.success else []
    return match_fields(leaves, RESPONSE)


def _field_line(name: str, match: Match | None, missing: str) -> Line:
    if match is None:
        return Line(3, name, name, f"not found: {missing}", open=True)
    told = "" if match.is_sure else "a guess by its name"
    return Line(3, name, str(match.leaf), told, open=not match.is_sure)


def _constant_lines(section: str, leaves: list[Leaf]) -> Iterator[Line]:
    """Yield the fields that mockpos has no value for: with the document's own value where it shows one."""
    if not leaves:
        return
    is_request = section.startswith("request")
    kept = [leaf for leaf in leaves if not is_request or len(leaf.values) == 1]
    if kept:
        yield Line(2, section, is_section=True)
    for leaf in kept:
        shown = [*leaf.values, *(leaf.schema[name] for name in ("example", "default") if name in leaf.schema)]
        is_scalar = bool(shown) and isinstance(shown[0], str | int | float | bool)
        told = "" if len(leaf.values) == 1 else "always this?" if is_scalar else f"a {leaf.kind or 'value'} of its own"
        yield Line(3, str(leaf), shown[0] if is_scalar else None, told, open=len(leaf.values) != 1)
    for leaf in leaves if is_request else ():
        if leaf not in kept and leaf.required:
            yield Line(2, "", comment=f"{leaf} is required by the document; mockpos takes calls without it")
