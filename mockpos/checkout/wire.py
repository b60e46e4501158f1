"""Reads answers as a contract says.

Values are named as contract files name them on their left side: ``remote_id``, ``expires_at``, ``total_amount``.
"""

import re
from collections.abc import Mapping

from mockpos.contract.bodies import each_value, error_template
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
    value = _member(contract, body, "code")
    return contract.code_called(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def read_detail(contract: Contract, body: object) -> str:
    """Return the sentence for people in an error's body, or an empty text."""
    value = _member(contract, body, "detail")
    return value if isinstance(value, str) else ""


def says_json(response: Response) -> bool:
    """Tell whether a response is JSON by its label; its bytes may be none."""
    return _JSON_TYPE.fullmatch(response.media_type) is not None


def value_at(body: object, path: WirePath) -> object:
    """Return what stands at a path, or a value that equals nothing else when there is nothing.

    A step into a list is a number.
    """
    for step in path:
        if isinstance(body, list):
            body = {str(number): item for number, item in enumerate(body)}
        if not isinstance(body, Mapping) or step not in body:
            return _MISSING
        body = body[step]
    return body


def _member(contract: Contract, body: object, member: str) -> object:
    if contract.errors.shape is ErrorShape.PROBLEM:
        return value_at(body, (member,))
    places = (place for place, value in each_value(error_template(contract)) if value == f"${member}")
    path = next(places, None)
    return value_at(body, tuple(map(str, path))) if path else None
