"""Reads a contract file. Whatever is wrong is refused with file and line before anything is served."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from mockpos.contract import checks
from mockpos.contract.bodies import filled
from mockpos.contract.model import (
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
from mockpos.validation.schema import dotted, problems_of
from mockpos.yaml_file import YamlDocument, parse_yaml, plain, read_yaml

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
    found = list(checks.problems(contract))
    if found:
        raise document.all_bad(found)
    warned = tuple(str(document.bad(place, message)) for place, message in checks.warnings(contract))
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
