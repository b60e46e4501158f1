"""A contract file inside a report: its content without comments, which may name hosts and people."""

import json
from typing import Any

from mockpos.contract.loader import contract_from_text
from mockpos.contract.model import Contract
from mockpos.yaml_file import parse_yaml, plain


def plain_contract(text: str) -> dict[str, Any]:
    """Return the content of a contract file as plain data."""
    content: dict[str, Any] = plain(parse_yaml(text, "contract").content)
    return content


def contract_of(content: object) -> Contract:
    """Return the contract that a report carries. Raises BadInput."""
    return contract_from_text(json.dumps(content), "the contract in the report")
