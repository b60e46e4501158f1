"""Answers of one contract as bytes: success bodies and documented errors, always JSON."""

import json
import math
from collections.abc import Mapping

import flask
import msgspec

from mockpos.contract.errors import error_body, problem_members
from mockpos.contract.model import NO_CONTENT, Contract
from mockpos.domain.catalogue import ResponseCode
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import Refusal
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.server.request import Reply

JSON_TYPE = "application/json"
MOCK_ERROR = ("X-Mockpos-Error", "true")
"""The header of what only the mock would answer."""

_encode = msgspec.json.Encoder().encode


class Replies:
    """Makes the answers of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._challenge = f'Bearer realm="{contract.name}"' if contract.key.bearer else 'ApiKey realm="automator"'

    def success(self, status: int, body: Mapping[str, object]) -> Reply:
        """Return a success; one of 204 has no body."""
        if status == NO_CONTENT:
            return Reply(status, [], b"")
        return json_reply(status, body, [("Content-Type", JSON_TYPE)])

    def refusal(self, refusal: Refusal, request_id: str, *, is_recorded: bool = True) -> Reply:
        """Return a documented error."""
        code = CATALOGUE[refusal.code]
        headers = [("Content-Type", self._contract.errors.media_type), *self._headers(code, refusal)]
        if refusal.made_by_mock:
            headers.append(MOCK_ERROR)
        body = error_body(self._contract, code, refusal.detail, refusal.details, request_id)
        if not is_recorded:
            body.pop("instance", None)  # it would lead nowhere
        return json_reply(self._contract.status(code), body, headers)

    def _headers(self, code: ResponseCode, refusal: Refusal) -> list[tuple[str, str]]:
        if code.retry_after:
            return [("Retry-After", str(max(1, math.ceil(refusal.retry_after_s))))]
        if refusal.accepted_codings:
            return [("Accept-Encoding", refusal.accepted_codings)]
        if self._contract.status(code) == 401:
            return [("WWW-Authenticate", self._challenge)]
        return []


def json_reply(status: int, body: Mapping[str, object], headers: list[tuple[str, str]]) -> Reply:
    """Return an answer whose body is JSON."""
    written = dump(body)
    headers.append(("Content-Length", str(len(written))))
    return Reply(status, headers, written)


def dump(body: Mapping[str, object]) -> bytes:
    """Write JSON. Text that is no Unicode (a lone surrogate someone sent as a name) is escaped."""
    try:
        return _encode(body)
    except (TypeError, ValueError):
        return json.dumps(body).encode("ascii")


def as_response(reply: Reply) -> flask.Response:
    """Return an answer as Flask wants it."""
    response = flask.Response(reply.body, reply.status, reply.headers)
    if reply.status == NO_CONTENT:
        del response.headers["Content-Type"]  # Flask's own word for one that was left out
    return response


PROBLEM_TYPE = "application/problem+json"


def mock_problem(
    code: str,
    detail: str,
    request_id: str,
    *,
    status: int | None = None,
    details: Mapping[str, object] | None = None,
    is_recorded: bool = False,
) -> Reply:
    """Return an error of the mock's own, so marked that nobody takes it for the automator's answer.

    Only a call that is recorded has an ``instance``: others cannot be looked up.
    """
    known = MOCK_CODES[code]
    status = known.status if status is None else status
    body = problem_members(code, known.title, status, detail, request_id, retryable=False)
    if not is_recorded:
        del body["instance"]
    return json_reply(status, {**body, **(details or {})}, [MOCK_ERROR, ("Content-Type", PROBLEM_TYPE)])
