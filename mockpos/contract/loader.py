"""Reads a contract file. Whatever is wrong is refused with file and line before anything is served."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from mockpos.contract.bodies import PLACEHOLDERS, each_value, filled
from mockpos.contract.model import (
    REQUEST_FIELDS,
    RESPONSE_FIELDS,
    STATES,
    SUCCESS_STATES,
    Contract,
    ErrorRule,
    ErrorShape,
    GlobalIdIn,
    KeyRule,
    OperationRule,
    WirePath,
)
from mockpos.contract.schema import ContractSchema
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.identifiers import is_global_id
from mockpos.validation.schema import Place, Problem, dotted, nearest, problems_of
from mockpos.yaml_file import YamlDocument, parse_yaml, plain, read_yaml

RESERVED_PATHS = ("/_mock", "/docs", "/s", "/metrics", "/healthz", "/readyz", "/openapi.json")
"""What the mock answers itself, beside the contract."""

_RESERVED_HEADERS = ("content-type", "content-length", "host", "x-request-id", "transfer-encoding", "connection")


def _problems(contract: Contract) -> Iterator[Problem]:
    """Yield everything that makes a contract unusable, with its place in the file."""
    if contract.key.header.lower() in _RESERVED_HEADERS:
        yield ("key", "header"), f"{contract.key.header} has another meaning already"
    for operation, rule in contract.operations.items():
        at = ("operations", operation.value)
        constants = rule.request_constants, rule.response_constants
        yield from _field_problems((*at, "request"), rule.request, REQUEST_FIELDS[operation], constants[0])
        yield from _field_problems((*at, "response"), rule.response, RESPONSE_FIELDS[operation], constants[1])
        if not rule.answers_body and (constants[1] or any(rule.response.values())):
            yield (*at, "success"), f"an answer with status {rule.success} has no body; leave response out"
        yield from _path_problems((*at, "path"), rule)
    yield from _route_problems(contract)
    yield from _error_problems(contract)
    for state in contract.states:
        if state not in STATES:
            yield ("states", state), f"is not a state of a hold{nearest(state, STATES)}"


def _warnings(contract: Contract) -> Iterator[Problem]:
    """Yield what is legal but unwise."""
    for operation, rule in contract.operations.items():
        if rule.method == "DELETE" and rule.has_body:
            yield (
                ("operations", operation.value, "method"),
                "a DELETE with a body: many proxies and clients strip the body; POST is safer",
            )


def _field_problems(
    at: Place,
    given: Mapping[str, WirePath] | Mapping[str, WirePath | None],
    known: tuple[str, ...],
    constants: Mapping[WirePath, object],
) -> Iterator[Problem]:
    for name in given:
        if name not in known:
            yield (*at, name), f"is not a field of this operation{nearest(name, known)}"
    fields = [((*at, name), name, path) for name, path in given.items() if path is not None]
    section = f"{at[-1]}_constants"
    fields += [((*at[:-1], section, ".".join(path)), "a constant", path) for path in constants]
    for index, (place, _, path) in enumerate(fields):
        for _, other, taken in fields[:index]:
            shorter = min(len(path), len(taken))
            if path[:shorter] == taken[:shorter]:
                yield place, f"{'.'.join(path)} collides with {other}, which is {'.'.join(taken)}"


def _path_problems(at: Place, rule: OperationRule) -> Iterator[Problem]:
    count = rule.path.count("{global_id}")
    if rule.global_id_in is GlobalIdIn.PATH and count != 1:
        yield at, "must contain {global_id} once, because global_id_in is path"
    if rule.global_id_in is not GlobalIdIn.PATH and count:
        yield at, f"contains {{global_id}}, but global_id_in is {rule.global_id_in.value}"
    for reserved in RESERVED_PATHS:
        if rule.path == reserved or rule.path.startswith(reserved + "/"):
            yield at, f"{reserved} is a path the mock needs itself"
    if rule.path.startswith("/{global_id}"):
        yield at, "begins with {global_id}, so it would swallow the paths the mock needs itself"


def _route_problems(contract: Contract) -> Iterator[Problem]:
    routes: dict[tuple[str, str], Operation] = {}
    for operation, rule in contract.operations.items():
        route = (rule.method, rule.path)
        if route in routes:
            yield (
                ("operations", operation.value, "path"),
                f"{rule.method} {rule.path} is the route of {routes[route].value} already",
            )
        routes.setdefault(route, operation)
        for other, other_rule in contract.operations.items():
            if other is not operation and rule.method == other_rule.method and _swallows(rule.path, other_rule.path):
                yield (
                    ("operations", operation.value, "path"),
                    f"{rule.path} also matches {other_rule.path}, the route of {other.value}",
                )
    ids = [rule.operation_id for rule in contract.operations.values()]
    if len(set(ids)) < len(ids):
        yield ("operations",), "two operations have the same operation_id"


def _swallows(pattern: str, path: str) -> bool:
    """Tell whether a path with {global_id} matches another operation's path, for some Global ID of that one."""
    ours, theirs = pattern.split("/"), path.split("/")
    return (
        pattern != path
        and "{global_id}" in ours
        and len(ours) == len(theirs)
        and all(
            mine == other or mine == "{global_id}" or (other == "{global_id}" and is_global_id(mine))
            for mine, other in zip(ours, theirs, strict=True)
        )
    )


def _error_problems(contract: Contract) -> Iterator[Problem]:
    for section, codes in (("statuses", contract.errors.statuses), ("codes", contract.errors.codes)):
        for code in codes:
            if code not in CATALOGUE:
                yield ("errors", section, code), f"is not a code of the catalogue{nearest(code, CATALOGUE.names())}"
    is_template = contract.errors.shape is ErrorShape.TEMPLATE
    if is_template and not isinstance(contract.errors.template, dict):
        yield ("errors", "template"), "must be a mapping, because the shape is template"
    if not is_template and contract.errors.template is not None:
        yield ("errors", "template"), f"is there, but the shape is {contract.errors.shape.value}"
    for at, value in each_value(contract.errors.template):
        # YAML knows dates, bytes, sets and not-a-number, and JSON does not
        is_finite = not isinstance(value, float) or isfinite(value)
        if not is_finite or not (value is None or isinstance(value, str | int | float)):
            yield ("errors", "template", *at), "has no form in JSON; quote it to make it text"
        elif isinstance(value, str) and value.startswith("$") and value[1:] not in PLACEHOLDERS:
            yield ("errors", "template"), f"{value} is not known{nearest(value[1:], list(PLACEHOLDERS))}"


DEFAULT_CONTRACT = Path(__file__).with_name("default.yaml")


def load_contract(path: Path | None = None) -> Contract:
    """Read a contract file, or the default one. Raises BadInput listing every problem, each as FILE:LINE."""
    return _default() if path is None else _load(read_yaml(path), _default_content())


def contract_from_text(text: str, name: str) -> Contract:
    """Read a contract from YAML text; ``name`` stands for the file in messages. Raises BadInput."""
    return _load(parse_yaml(text, name), _default_content())


@lru_cache(maxsize=1)
def _default() -> Contract:
    return _load(read_yaml(DEFAULT_CONTRACT), _default_content())


@lru_cache(maxsize=1)
def _default_content() -> dict[str, Any]:
    content: dict[str, Any] = ContractSchema().load(read_yaml(DEFAULT_CONTRACT).content)
    return content


def _load(document: YamlDocument, default: dict[str, Any]) -> Contract:
    if not document.content:
        raise document.bad((), "says nothing; `mockpos contract show` prints a whole contract to start from")
    try:
        content = ContractSchema().load(document.content)
    except ValidationError as error:
        raise document.all_bad(problems_of(error)) from None
    content, left_out = filled(content, default)
    contract = _contract(content, document.name)
    found = list(_problems(contract))
    if found:
        raise document.all_bad(found)
    warned = tuple(str(document.bad(place, message)) for place, message in _warnings(contract))
    defaults = tuple(f"{dotted(place)} {message}" for place, message in left_out)
    return replace(contract, warnings=warned, defaults=defaults)


def _contract(content: dict[str, Any], source: str) -> Contract:
    errors, states = content["errors"], _names(content.get("states"))
    return Contract(
        name=str(content["name"]),
        version=str(content["version"]),
        key=KeyRule(**content["key"]),
        refuse_unknown_fields=content["unknown_fields"] == "refuse",
        operations={
            operation: _operation(operation, content["operations"][operation], states) for operation in Operation
        },
        errors=ErrorRule(
            media_type=errors["media_type"],
            shape=ErrorShape(errors["shape"]),
            statuses={str(code): int(status) for code, status in errors["statuses"].items()},
            codes=_names(errors.get("codes")),
            template=plain(errors.get("template")),
        ),
        source=source,
        states=states,
    )


def _operation(operation: Operation, content: dict[str, Any], states: dict[str, str | int]) -> OperationRule:
    return OperationRule(
        operation=operation,
        operation_id=str(content["operation_id"]),
        method=content["method"],
        path=str(content["path"]),
        global_id_in=GlobalIdIn(content["global_id_in"]),
        request={name: _wire_path(path) for name, path in content["request"].items()},
        success=content["success"],
        response={name: None if path is None else _wire_path(path) for name, path in content["response"].items()},
        state=states.get(SUCCESS_STATES[operation], SUCCESS_STATES[operation]),
        request_constants=_constants(content.get("request_constants")),
        response_constants=_constants(content.get("response_constants")),
    )


def _names(given: Mapping[str, Any] | None) -> dict[str, str | int]:
    return {str(name): plain(value) for name, value in (given or {}).items()}


def _constants(given: Mapping[str, Any] | None) -> dict[WirePath, object]:
    return {_wire_path(place): plain(value) for place, value in (given or {}).items()}


def _wire_path(dotted: str) -> WirePath:
    return tuple(str(dotted).split("."))
