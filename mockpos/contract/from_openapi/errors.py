"""Proposes the errors of a contract: their shape, the names and statuses of the codes."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mockpos.contract.from_openapi.document import Answer, Leaf, Line, OpenApi
from mockpos.contract.from_openapi.matching import ERROR, SURE, Role, code_meant, match_fields, weight, words_of
from mockpos.contract.model import ErrorShape, WirePath
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE

_ENVELOPE = {"code", "message", "retryable", "request_id", "details"}
_EMPTY = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}

Errors = list[tuple[Operation, Answer]]


def error_lines(document: OpenApi, roles: Mapping[Operation, Role]) -> Iterator[Line]:
    """Yield the section."""
    errors = [
        (operation, answer)
        for operation, role in roles.items()
        for answer in (role.call.answers if role.call else ())
        if answer.status == 0 or 400 <= answer.status < 600
    ]
    yield Line(0, "errors", is_section=True)
    media_types = Counter(answer.media_type for _, answer in errors if "json" in answer.media_type)
    schema = next((answer.schema for _, answer in errors if document.merged(answer.schema)["properties"]), {})
    shape = _shape(document, schema, media_types)
    if media_types:
        yield Line(1, "media_type", media_types.most_common(1)[0][0].partition(";")[0].strip().lower())
    else:
        usual = "application/problem+json" if shape is ErrorShape.PROBLEM else "application/json"
        yield Line(1, "media_type", usual, "the document describes no error's body", open=True)
    yield Line(1, "shape", shape.value)
    leaves = list(_leaves(document, schema))
    members = match_fields(leaves, ERROR)
    if shape is ErrorShape.TEMPLATE:
        yield Line(1, "template", is_section=True)
        yield from _template(_nested(leaves, {match.leaf.path: name for name, match in members.items()}), 2)
    code_at = members["code"].leaf.path if "code" in members else None
    yield from _code_lines(document, errors, code_at)


def _shape(document: OpenApi, schema: Any, media_types: Mapping[str, int]) -> ErrorShape:
    names = set(document.merged(schema)["properties"])
    if not names or {"title", "detail"} <= names or any("problem" in media_type for media_type in media_types):
        return ErrorShape.PROBLEM
    if names == {"error"}:
        inner = {leaf.path[1] for leaf in document.leaves(schema) if len(leaf.path) > 1}
        if {"code", "message"} <= inner <= _ENVELOPE:
            return ErrorShape.ENVELOPE
    return ErrorShape.TEMPLATE


def _leaves(document: OpenApi, schema: Any) -> Iterator[Leaf]:
    """Yield the fields of an error; those of a list's items too, under ``0``. Details are one field."""
    leaves: list[Leaf] = []
    for leaf in document.leaves(schema):
        items = leaf.schema.get("items")
        has_fields = bool(document.merged(items)["properties"])
        leaves += document.leaves(items, (*leaf.path, "0")) if has_fields else [leaf]
    told = [leaf.path for leaf in leaves if any(weight(leaf.path, ERROR[name]) >= SURE for name in ("code", "detail"))]
    whole: set[WirePath] = set()
    for leaf in leaves:
        around = (leaf.path[:depth] for depth in range(1, len(leaf.path)))
        details = next((path for path in around if weight(path, ERROR["details"]) >= SURE), None)
        if details is None or any(path[: len(details)] == details for path in told):
            yield leaf
        elif details not in whole:
            whole.add(details)
            yield Leaf(details, {"type": "object"}, required=False)


def _nested(leaves: list[Leaf], members: Mapping[WirePath, str]) -> dict[str, Any]:
    """Return the template: placeholders where a member is known, else the value that the document shows."""
    template: dict[str, Any] = {}
    for leaf in leaves:
        at = template
        for step in leaf.path[:-1]:
            at = at.setdefault(step, {})
        is_known = leaf.path in members or len(leaf.values) == 1
        value = f"${members[leaf.path]}" if leaf.path in members else _usual(leaf)
        at[leaf.path[-1]] = value if is_known else _Guess(value)
    return template


class _Guess:
    """A value of a template that the document does not decide."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _usual(leaf: Leaf) -> Any:
    if leaf.values:
        return leaf.values[0]
    return next((leaf.schema[name] for name in ("example", "default") if name in leaf.schema), _EMPTY.get(leaf.kind))


def _template(template: Mapping[str, Any], depth: int) -> Iterator[Line]:
    for name, value in template.items():
        if isinstance(value, _Guess):
            yield Line(
                depth, name, value.value, "always this; or is it one of $code, $detail, $details ...?", open=True
            )
        elif isinstance(value, Mapping) and set(value) == {"0"}:
            yield Line(depth, name, [_plain(value["0"])])
        elif isinstance(value, Mapping):
            yield Line(depth, name, is_section=True)
            yield from _template(value, depth + 1)
        else:
            yield Line(depth, name, value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(below) for name, below in value.items()}
    return value.value if isinstance(value, _Guess) else value


def _code_lines(document: OpenApi, errors: Errors, code_at: WirePath | None) -> Iterator[Line]:
    names = _names(document, errors, code_at) if code_at else {}
    meant: dict[str, tuple[Any, int | None]] = {}
    unknown: list[Any] = []
    for name, (operations, statuses) in names.items():
        codes = [code for code in _meant(str(name), operations) if code not in meant]
        meant |= dict.fromkeys(codes, (name, next(iter(statuses)) if len(statuses) == 1 else None))
        if not codes:
            unknown.append(name)
    other = {code: status for code, (_, status) in meant.items() if status and status != CATALOGUE[code].status}
    lines = [Line(2, code, status, f"as {meant[code][0]} in the document") for code, status in other.items()]
    lines += _undocumented(errors, {code for code, (_, status) in meant.items() if status})
    yield from _section("statuses", lines)
    if not names:
        told = "the document does not say what its codes are called; `mockpos codes` lists ours"
        yield Line(1, "codes", {}, told, open=bool(errors))
        return
    lines = [Line(2, code, name) for code, (name, _) in meant.items() if name != code]
    for name in unknown:
        told = f"the document has {json.dumps(name)}; if one of ours is meant: CODE: {json.dumps(name)}"
        lines.append(Line(2, "", comment=told, open=True))
    yield from _section("codes", lines)


def _section(name: str, lines: list[Line]) -> Iterator[Line]:
    yield Line(1, name, is_section=True) if any(line.key for line in lines) else Line(1, name, {})
    yield from lines


def _names(document: OpenApi, errors: Errors, code_at: WirePath) -> dict[Any, tuple[set[Operation], set[int]]]:
    """Return the names of codes that the document has, with the operations and statuses they stand at."""
    found: dict[Any, tuple[set[Operation], set[int]]] = {}
    for operation, answer in errors:
        leaf = next((each for each in _leaves(document, answer.schema) if each.path == code_at), None)
        shown = [_at(example, code_at) for example in answer.examples]
        for name in [*(leaf.values if leaf and not any(shown) else ()), *shown]:
            if isinstance(name, str | int) and not isinstance(name, bool):
                operations, statuses = found.setdefault(name, (set(), set()))
                operations.add(operation)
                statuses.update({answer.status} - {0})
    return found


def _at(body: Any, path: WirePath) -> Any:
    for step in path:
        if isinstance(body, list) and step == "0":
            body = body[0] if body else None
        else:
            body = body.get(step) if isinstance(body, Mapping) else None
    return body


def _meant(name: str, operations: set[Operation]) -> list[str]:
    """Return the codes of ours that a name means: one, but for a bare ``not found``."""
    if words_of(name) == "not found":
        codes = {"listing_not_found": Operation.HOLD in operations, "hold_not_found": operations != {Operation.HOLD}}
        return [code for code, is_meant in codes.items() if is_meant]
    if name in CATALOGUE:
        return [name]
    candidates = [code for code in CATALOGUE if code.is_transport or operations & set(code.operations)]
    code = code_meant(name, [each.code for each in sorted(candidates, key=lambda each: each.is_transport)])
    return [code] if code else []


def _undocumented(errors: Errors, known: set[str]) -> Iterator[Line]:
    """Yield the codes of ours whose status the document does not have at their call."""
    has = {operation: {answer.status for each, answer in errors if each is operation} for operation, _ in errors}
    for code in CATALOGUE:
        calls = [operation for operation in code.operations if operation in has and 0 not in has[operation]]
        if code.is_transport or code.code in known or not calls:
            continue
        if not any(code.status in has[operation] for operation in calls):
            told = f"the document has no {code.status} there, but {', '.join(map(str, sorted(has[calls[0]])))}"
            yield Line(2, code.code, code.status, told, open=True)
