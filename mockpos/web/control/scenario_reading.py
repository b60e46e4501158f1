"""Scenarios that come in a body instead of a file: checked as files are, and against what only a body can do."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from mockpos.domain.errors import BadInput
from mockpos.scenario import magic
from mockpos.scenario.loader import load_scenario_text, scenario_from_dict
from mockpos.scenario.model import Scenario
from mockpos.yaml_file import parse_yaml

_DEEPEST = 40
_MOST_NODES = 50_000


def from_json(content: Mapping[str, Any]) -> Scenario:
    """Read a scenario from parsed JSON. Raises BadInput with every fault, a line each."""
    return _allowed(scenario_from_dict(_plain(content, 0), "inline"))


def from_yaml(text: str) -> Scenario:
    """Read a scenario from YAML text. Raises BadInput with every fault, a line each."""
    if _has_surrogate(text):
        raise BadInput("yaml: has half a surrogate pair")
    if "*" in text and "&" in text:
        _refuse_bomb(parse_yaml(text, "yaml").content)
    return _allowed(load_scenario_text(text, "yaml"))


def _allowed(scenario: Scenario) -> Scenario:
    if scenario.name == magic.NAME:
        raise BadInput(f"name: {magic.NAME} is the built-in scenario of the magic Remote IDs")
    return scenario


def _plain(node: Any, depth: int) -> Any:
    """Return what JSON's reader gave as what a scenario may hold."""
    if depth > _DEEPEST:
        raise BadInput("nested too deeply")
    if isinstance(node, Mapping):
        return {_plain(key, depth): _plain(value, depth + 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item, depth + 1) for item in node]
    if isinstance(node, Decimal):
        return _number(node)
    if isinstance(node, str) and _has_surrogate(node):
        raise BadInput(f"{node[:60]!a} has half a surrogate pair, which is no character")
    if isinstance(node, int) and abs(node) >= 2**63:
        raise BadInput(f"the number {str(node)[:20]}... is too large")
    return node


def _number(number: Decimal) -> float:
    if not number.is_finite() or abs(number) > 10**18:
        raise BadInput(f"the number {str(number)[:20]} is too large")
    return float(number)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _refuse_bomb(content: Any) -> None:
    """Refuse YAML whose aliases make it many times as large as it looks, or endless."""
    for count, _ in enumerate(_nodes(content)):
        if count > _MOST_NODES:
            raise BadInput("yaml: its aliases make it too large")


def _nodes(content: Any) -> Iterator[Any]:
    pending = [content]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Mapping):
            pending += node.values()
        elif isinstance(node, list):
            pending += node
