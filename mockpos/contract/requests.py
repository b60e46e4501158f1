"""Writes a call as a contract lays it out: method, target, headers, body. Sends nothing.

Values are named as contract files name them on their left side: ``remote_id``, ``global_id``, ``order_id``.
"""

import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from mockpos.contract.bodies import request_body
from mockpos.contract.model import Contract, GlobalIdIn
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Request

JSON_TYPE = "application/json"


def write_call(contract: Contract, operation: Operation, values: Mapping[str, object], api_key: str | None) -> Request:
    """Return the request of one call. ``api_key`` None: without a key."""
    rule = contract.operations[operation]
    target = rule.path.replace("{global_id}", quote(str(values["global_id"]), safe=""))
    if rule.global_id_in is GlobalIdIn.QUERY:
        target += "?" + urlencode({rule.global_id_name: values["global_id"]})
    headers = [("Accept", JSON_TYPE)]
    if api_key is not None:
        headers.append((contract.key.header, contract.key.value(api_key)))
    if not rule.has_body:
        return Request(rule.method, target, tuple(headers))
    headers.append(("Content-Type", JSON_TYPE))
    return Request(rule.method, target, tuple(headers), json.dumps(request_body(rule, values)).encode())
