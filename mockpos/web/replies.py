"""Makes answers: a success in the contract's JSON, and a documented error of whatever is raised."""

import json
import logging
import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from urllib.parse import unquote

import flask
import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockpos.contract.bodies import error_body, problem_members
from mockpos.contract.loader import RESERVED_PATHS
from mockpos.contract.model import NO_CONTENT, Contract
from mockpos.domain.catalogue import ResponseCode
from mockpos.domain.codes import CATALOGUE, MOCK_CODES
from mockpos.domain.errors import MockMisuse, OutcomeUnknown, Refusal, StoreUnavailable
from mockpos.server.request import Reply, whole
from mockpos.web.call_log import printable
from mockpos.web.exchange import Exchange, current_exchange
from mockpos.web.keys import KeyReader
from mockpos.web.middleware import WrongSlash

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

    def reply_to(self, error: Exception, exchange: Exchange) -> Reply:
        """Return the answer to an exchange that met an error, and note its code."""
        if isinstance(error, MockMisuse):
            exchange.refused(error.code, error.detail)
            recorded = exchange.sandbox is not None
            reply = mock_problem(error.code, error.detail, exchange.request_id, is_recorded=recorded)
            if error.accepted_codings:
                reply.headers.append(("Accept-Encoding", error.accepted_codings))
            return reply
        refusal = _refusal(error)
        exchange.refused(refusal.code, refusal.detail, refusal.why)
        return self.refusal(refusal, exchange.request_id, is_recorded=exchange.sandbox is not None)

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
    return whole(status, headers, dump(body))


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
    details: Mapping[str, object] | None = None,
    is_recorded: bool = False,
) -> Reply:
    """Return an error of the mock's own, so marked that nobody takes it for the automator's answer.

    Only a call that is recorded has an ``instance``: others cannot be looked up.
    """
    known = MOCK_CODES[code]
    body = problem_members(code, known.title, known.status, detail, request_id, retryable=False)
    if not is_recorded:
        del body["instance"]
    return json_reply(known.status, {**body, **(details or {})}, [MOCK_ERROR, ("Content-Type", PROBLEM_TYPE)])


_log = logging.getLogger("mockpos")
_LONGEST_GUESS = 200
_OF_THE_DISK = {
    StoreUnavailable: ("pos_unavailable", "The inventory cannot be written right now; nothing was changed."),
    OutcomeUnknown: ("internal_error", "The disk did not confirm it: whether the call took effect is unknown."),
}


def install_error_handler(app: Flask, contract: Contract, replies: Replies, keys: KeyReader) -> None:
    """Answer every exception of an app by the contract."""
    paths = [rule.path for rule in contract.operations.values()]
    paths += ["/docs", "/docs/codes", "/docs/scenarios", "/docs/control", "/openapi.json"]

    def handle(error: Exception) -> Response:
        exchange = current_exchange()
        if isinstance(error, NotFound | MethodNotAllowed) and not is_the_mocks_own(request.environ["PATH_INFO"]):
            exchange.sandbox = keys.presumed(exchange)
        response = as_response(replies.reply_to(_worded(error, paths), exchange))
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    app.register_error_handler(Exception, handle)


def is_the_mocks_own(path: str) -> bool:
    """Tell whether a path is one of those beside the contract."""
    return any(path == reserved or path.startswith(reserved + "/") for reserved in RESERVED_PATHS)


def _worded(error: Exception, paths: list[str]) -> Exception:
    """Return what HTTP found wrong as a refusal in our words."""
    match error:
        case NotFound():
            target = current_exchange().request.target.partition(b"?")[0].decode("latin-1")  # as it came
            why = f": {error.description}" if isinstance(error, WrongSlash) else ""
            meant = re.sub("/+", "/", unquote(target)) if why else request.path
            detail = f"There is nothing at {printable(target)}{why}."
            return Refusal("unknown_endpoint", detail, did_you_mean=_closest(meant, paths))
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            asked = f"{printable(request.method)} is not allowed at {printable(request.path)}"
            return Refusal("method_not_allowed", f"{asked}; allowed: {allowed}.")
        case HTTPException():
            return Refusal("malformed_request", str(error.description), position=None)
    return error


def _closest(path: str, paths: list[str]) -> str | None:
    close = get_close_matches(path, paths, n=1) if len(path) <= _LONGEST_GUESS else []
    return close[0] if close else None


def _refusal(error: Exception) -> Refusal:
    match error:
        case Refusal():
            return error
        case StoreUnavailable() | OutcomeUnknown():
            _log.error("%s", error)
            return Refusal(*_OF_THE_DISK[type(error)])
    _log.error("a call failed inside mockpos", exc_info=error)
    return Refusal("internal_error", "Something went wrong; whether the call took effect is unknown.")
