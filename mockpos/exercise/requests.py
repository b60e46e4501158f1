"""Writes a call of a case as a request: with the run's own ids, its scenario, its mutation; and sends it."""

import time
from collections.abc import Callable
from dataclasses import replace

from mockpos.contract.bodies import write_call
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.exercise.cases import Call, Mutation
from mockpos.http_client import HttpClient, Request, Response

SCENARIO = "X-Mockpos-Scenario"
_TOO_MANY = 429
_LONGEST_WAIT_S = 5
_MOST_WAITS = 10
_BODY_BYTES = 70_000
_MANY = "a" * 10_000


class Client(HttpClient):
    """Speaks to one server, each call on a connection of its own, because several of them end theirs."""

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Send a request, again when the server's own rate limit asks for a short wait. Raises NoResponse."""
        for _ in range(_MOST_WAITS):
            answer = super().send(request, timeout)
            wait = answer.header("retry-after")
            forced = bool(answer.header("x-mockpos-scenario"))
            if answer.status != _TOO_MANY or forced or not wait.isdecimal() or int(wait) > _LONGEST_WAIT_S:
                break
            time.sleep(int(wait))
        return answer


class RequestWriter:
    """Writes the calls of one run against one server. ``prefix`` makes the run's ids its own."""

    def __init__(self, contract: Contract, api_key: str, disabled_key: str | None, prefix: str) -> None:
        self._contract = contract
        self._keys = {
            Mutation.NO_KEY: None, Mutation.WRONG_KEY: f"wrong-{prefix}",
            Mutation.DISABLED_KEY: disabled_key or "old-key",
        }  # fmt: skip
        self._api_key = api_key
        self._prefix = prefix

    def write(self, call: Call, case: int) -> Request:
        """Return the request of a call of the case with this number."""
        own = f"{self._prefix}-{case}"
        values = call.values(f"{own}-{call.hold}", f"{own}-order-{call.order}")
        request = write_call(self._contract, call.operation, values, self._keys.get(call.mutation, self._api_key))
        request = request.with_header("X-Request-Id", f"{own}-{call.hold}")
        if call.scenario is not None:
            request = request.with_header(SCENARIO, call.scenario)
        return mutated(request, call.mutation)


def mutated(request: Request, mutation: Mutation) -> Request:
    """Return a request bent out of shape; one whose mutation is in its key or values already is returned as it is."""
    return _MUTATE[mutation](request) if mutation in _MUTATE else request


def _broken(request: Request) -> Request:
    """Return what cannot be read: a body that is no JSON, or two lengths, after which no server knows where to stop."""
    if request.body is not None:
        return replace(request, body=b"{")
    return request.with_header("Content-Length", "1").with_header("Content-Length", "2")


def _as_text(request: Request) -> Request:
    headers = tuple((name, "text/plain" if name == "Content-Type" else value) for name, value in request.headers)
    return replace(request, headers=headers)


def _path(request: Request) -> str:
    return request.target.partition("?")[0]


_MUTATE: dict[Mutation, Callable[[Request], Request]] = {
    Mutation.BROKEN: _broken,
    Mutation.LARGE_BODY: lambda request: replace(request, body=(request.body or b"").ljust(_BODY_BYTES)),
    Mutation.LONG_URI: lambda request: replace(request, target=f"{_path(request)}?padding={_MANY}"),
    Mutation.LARGE_HEADER: lambda request: request.with_header("X-Large", _MANY),
    Mutation.TEXT_BODY: _as_text,
    Mutation.OTHER_PATH: lambda request: replace(request, target=f"{_path(request)}-nowhere"),
    Mutation.OTHER_METHOD: lambda request: replace(request, method="GET"),
}
"""What changes a whole request; the other mutations change its key or an id."""


def request_told(call: Operation, request: Request, url: str) -> str:
    """Write a request for people, on one line, without its key."""
    shown = [f"{call.value}: {request.method} {_short(url + request.target)}"]
    shown += [f"{name}: {value}" for name, value in request.headers if name == SCENARIO]
    if request.body is not None:
        shown.append(_short(request.body.decode("utf-8", "replace").rstrip()))
    return "  ".join(shown)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]}... ({len(text):,} characters)"
