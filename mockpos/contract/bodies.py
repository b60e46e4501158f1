"""Bodies as a contract lays them out, from values by our own names: requests and successes, with their constants."""

from collections.abc import Mapping
from typing import Any

from mockpos.contract.model import OperationRule, WirePath


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
