"""Reads answers as a contract says.

Values are named as contract files name them on their left side: ``remote_id``, ``expires_at``, ``total_amount``.
"""

import json
import re
from collections.abc import Mapping

from mockpos.contract.bodies import error_template
from mockpos.contract.model import Contract, ErrorShape, WirePath
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Response

_MISSING = object()
_JSON_TYPE = re.compile(r"application/(?:[^/;\s]+\+)?json")


def read_values(contract: Contract, operation: Operation, body: object) -> dict[str, object]:
    """Return what a success says, by our names; what is not there is left out."""
    paths = contract.operations[operation].response
    found = {name: value_at(body, path) for name, path in paths.items() if path is not None}
    return {name: value for name, value in found.items() if value is not _MISSING}


def read_code(contract: Contract, body: object) -> str | None:
    """Return the code that an error's body carries, by our name, or None when it carries none."""
    path = code_path(contract)
    value = value_at(body, path) if path else None
    return contract.code_called(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def read_detail(contract: Contract, body: object) -> str:
    """Return the sentence for people in an error's body, or an empty text."""
    path = _member_path(contract, "detail")
    value = value_at(body, path) if path else None
    return value if isinstance(value, str) else ""


def code_path(contract: Contract) -> WirePath | None:
    """Return where an error's body carries its code."""
    return _member_path(contract, "code")


def is_json(response: Response) -> bool:
    """Tell whether a response is JSON by its label and by its bytes."""
    if _JSON_TYPE.fullmatch(response.media_type) is None:
        return False
    try:
        json.loads(response.body)
    except (ValueError, RecursionError):
        return False
    return True


def value_at(body: object, path: WirePath) -> object:
    """Return what stands at a path, or a value that equals nothing else when there is nothing.

    A step into a list is a number.
    """
    for step in path:
        inside = _items(body)
        if step not in inside:
            return _MISSING
        body = inside[step]
    return body


def _items(body: object) -> Mapping[str, object]:
    if isinstance(body, list):
        return {str(number): item for number, item in enumerate(body)}
    return body if isinstance(body, Mapping) else {}


def _member_path(contract: Contract, member: str) -> WirePath | None:
    if contract.errors.shape is ErrorShape.PROBLEM:
        return (member,)
    return _place_of(f"${member}", error_template(contract))


def _place_of(placeholder: str, template: object) -> WirePath | None:
    for name, value in _items(template).items():
        if value == placeholder:
            return (str(name),)
        below = _place_of(placeholder, value)
        if below is not None:
            return (str(name), *below)
    return None
