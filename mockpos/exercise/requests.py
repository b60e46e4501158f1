"""Writes a call as the bytes of a contract: where it goes, its headers, its body. Must not send anything."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from mockpos.contract.bodies import request_body
from mockpos.contract.model import Contract, GlobalIdIn
from mockpos.domain.catalogue import Operation
from mockpos.exercise.ways import Call, Twist
from mockpos.web.openapi.security import header_value

SCENARIO = "X-Mockpos-Scenario"
_BODY_BYTES = 70_000
_MANY = "a" * 10_000


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. ``target`` is path and query."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    def with_header(self, name: str, value: str) -> "Request":
        """Return the request with one header more."""
        return replace(self, headers=(*self.headers, (name, value)))


class RequestWriter:
    """Writes the calls of one run against one server. ``prefix`` makes the run's ids its own."""

    def __init__(self, contract: Contract, api_key: str, disabled_key: str | None, prefix: str) -> None:
        self._contract = contract
        self._keys = {
            Twist.NO_KEY: None, Twist.WRONG_KEY: f"wrong-{prefix}", Twist.DISABLED_KEY: disabled_key or "old-key",
        }  # fmt: skip
        self._api_key = api_key
        self._prefix = prefix

    def write(self, call: Call, way: int) -> Request:
        """Return the request of a call of the way with this number."""
        rule = self._contract.operations[call.operation]
        values = self._values(call, way)
        target = rule.path.replace("{global_id}", quote(str(values["global_id"]), safe="!"))
        if rule.global_id_in is GlobalIdIn.QUERY:
            target += "?" + urlencode({rule.global_id_name: values["global_id"]}, safe="!")
        headers = [*self._key(call.twist), ("X-Request-Id", f"{self._prefix}-{way}-{call.hold}")]
        if call.scenario is not None:
            headers.append((SCENARIO, call.scenario))
        body = None
        if rule.has_body:
            body = json.dumps(request_body(rule, values)).encode()
            headers.append(("Content-Type", "text/plain" if call.twist is Twist.TEXT_BODY else "application/json"))
        request = Request(rule.method, target, tuple(headers), body)
        return _BENT[call.twist](request) if call.twist in _BENT else request

    def _values(self, call: Call, way: int) -> dict[str, object]:
        own = f"{self._prefix}-{way}"
        return {
            "remote_id": call.remote_id,
            "quantity": call.quantity,
            "global_id": "!" if call.twist is Twist.BAD_GLOBAL_ID else f"{own}-{call.hold}",
            "order_id": f"{own}-order-{call.order}",
        }

    def _key(self, twist: Twist) -> list[tuple[str, str]]:
        key = self._keys.get(twist, self._api_key)
        return [] if key is None else [(self._contract.key.header, header_value(self._contract.key, key))]


def _broken(request: Request) -> Request:
    """Return what cannot be read: a body that is no JSON, or two lengths, after which no server knows where to stop."""
    if request.body is not None:
        return replace(request, body=b"{")
    return request.with_header("Content-Length", "1").with_header("Content-Length", "2")


_BENT: dict[Twist, Callable[[Request], Request]] = {
    Twist.BROKEN: _broken,
    Twist.LARGE_BODY: lambda request: replace(request, body=(request.body or b"").ljust(_BODY_BYTES)),
    Twist.LONG_URI: lambda request: replace(request, target=f"{request.path}?padding={_MANY}"),
    Twist.LARGE_HEADER: lambda request: request.with_header("X-Large", _MANY),
    Twist.OTHER_PATH: lambda request: replace(request, target=f"{request.path}-nowhere"),
    Twist.OTHER_METHOD: lambda request: replace(request, method="GET"),
}
"""The twists that change a whole request; the others change its key, its type or an id."""


def told(call: Operation, request: Request, url: str) -> str:
    """Write a request for people, on one line, without its key."""
    shown = [f"{call.value}: {request.method} {_short(url + request.target)}"]
    shown += [f"{name}: {value}" for name, value in request.headers if name == SCENARIO]
    if request.body is not None:
        shown.append(_short(request.body.decode("utf-8", "replace").rstrip()))
    return "  ".join(shown)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]}... ({len(text):,} characters)"
