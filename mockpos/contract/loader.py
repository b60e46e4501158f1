"""Reads a contract file. Whatever is wrong is refused with file and line before anything is served."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from mockpos.contract import checks
from mockpos.contract.model import Contract, ErrorRule, ErrorShape, GlobalIdIn, KeyRule, OperationRule, WirePath
from mockpos.contract.schema import ContractSchema
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.validation.problems import Problem, problems_of
from mockpos.yaml_file import YamlDocument, read_yaml

DEFAULT_CONTRACT = Path(__file__).with_name("default.yaml")


def load_contract(path: Path | None = None) -> Contract:
    """Read a contract file, or the default one. Raises BadInput listing every fault, each as FILE:LINE."""
    return _default() if path is None else _load(path)


@lru_cache(maxsize=1)
def _default() -> Contract:
    return _load(DEFAULT_CONTRACT)


def _load(path: Path) -> Contract:
    document = read_yaml(path)
    try:
        content = ContractSchema().load(document.content)
    except ValidationError as error:
        raise _refused(document, problems_of(error)) from None
    contract = _contract(content, str(path))
    found = list(checks.problems(contract))
    if found:
        raise _refused(document, found)
    warned = tuple(str(document.bad(place, message)) for place, message in checks.warnings(contract))
    return _contract(content, str(path), warned)


def _refused(document: YamlDocument, found: list[Problem]) -> BadInput:
    in_order = sorted(found, key=lambda problem: document.line(problem[0]))
    return BadInput("\n".join(str(document.bad(place, message)) for place, message in in_order))


def _contract(content: dict[str, Any], source: str, warned: tuple[str, ...] = ()) -> Contract:
    errors = content["errors"]
    return Contract(
        name=str(content["name"]),
        version=str(content["version"]),
        key=KeyRule(**content["key"]),
        refuse_unknown_fields=content["unknown_fields"] == "refuse",
        operations={operation: _operation(operation, content["operations"][operation]) for operation in Operation},
        errors=ErrorRule(
            media_type=errors["media_type"],
            shape=ErrorShape(errors["shape"]),
            statuses={str(code): int(status) for code, status in errors["statuses"].items()},
            template=_plain(errors.get("template")),
        ),
        source=source,
        warnings=warned,
    )


def _operation(operation: Operation, content: dict[str, Any]) -> OperationRule:
    return OperationRule(
        operation=operation,
        operation_id=str(content["operation_id"]),
        method=content["method"],
        path=str(content["path"]),
        global_id_in=GlobalIdIn(content["global_id_in"]),
        request={name: _wire_path(path) for name, path in content["request"].items()},
        success=content["success"],
        response={name: None if path is None else _wire_path(path) for name, path in content["response"].items()},
    )


def _wire_path(dotted: str) -> WirePath:
    return tuple(str(dotted).split("."))


def _plain(node: Any) -> Any:
    """Return YAML's nodes as plain dictionaries, lists and scalars."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    return node
