"""A contract file inside a report: its content without comments, which may name hosts and people."""

import json
from typing import Any

from mockpos.contract.loader import contract_from_text
from mockpos.contract.model import Contract
from mockpos.yaml_file import parse_yaml


def plain_contract(text: str) -> dict[str, Any]:
    """Return the content of a contract file as plain data."""
    content: dict[str, Any] = _plain(parse_yaml(text, "contract").content)
    return content


def contract_of(content: object) -> Contract:
    """Return the contract that a report carries. Raises BadInput."""
    return contract_from_text(json.dumps(content), "the contract in the report")


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    for kind in (bool, str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return node
