"""Whatever is raised becomes a documented answer, in JSON."""

import logging
import re
from difflib import get_close_matches
from urllib.parse import unquote

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockpos.contract.checks import RESERVED_PATHS
from mockpos.contract.model import Contract
from mockpos.domain.errors import MockMisuse, OutcomeUnknown, Refusal, StoreUnavailable
from mockpos.server.request import Reply
from mockpos.web.call_log import printable
from mockpos.web.exchange import Exchange, current_exchange
from mockpos.web.keys import KeyReader
from mockpos.web.middleware import WrongSlash
from mockpos.web.replies import Replies, as_response, mock_problem

_log = logging.getLogger("mockpos")
_LONGEST_GUESS = 200
_OF_THE_DISK = {
    StoreUnavailable: ("pos_unavailable", "The inventory cannot be written right now; nothing was changed."),
    OutcomeUnknown: ("internal_error", "The disk did not confirm it: whether the call took effect is unknown."),
}


class ErrorReplies:
    """Answers exceptions by one contract."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def reply_to(self, error: Exception, exchange: Exchange) -> Reply:
        """Return the answer to an exchange that met an error, and note its code."""
        if isinstance(error, MockMisuse):
            exchange.refused(error.code, error.detail)
            recorded = exchange.sandbox is not None
            reply = mock_problem(
                error.code, error.detail, exchange.request_id, status=error.status, is_recorded=recorded
            )
            if error.accepted_codings:
                reply.headers.append(("Accept-Encoding", error.accepted_codings))
            return reply
        refusal = _refusal(error)
        exchange.refused(refusal.code, refusal.detail, refusal.why)
        return self._replies.refusal(refusal, exchange.request_id, is_recorded=exchange.sandbox is not None)


def install_error_handler(app: Flask, contract: Contract, errors: ErrorReplies, keys: KeyReader) -> None:
    """Answer every exception of an app by the contract."""
    paths = [rule.path for rule in contract.operations.values()]
    paths += ["/docs", "/docs/codes", "/docs/scenarios", "/docs/control", "/openapi.json"]

    def handle(error: Exception) -> Response:
        exchange = current_exchange()
        if isinstance(error, NotFound | MethodNotAllowed) and not is_the_mocks_own(request.environ["PATH_INFO"]):
            exchange.sandbox = keys.presumed(exchange)
        response = as_response(errors.reply_to(_worded(error, paths), exchange))
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
        case WrongSlash():
            target = current_exchange().request.target.partition(b"?")[0].decode("latin-1")
            meant = re.sub("/+", "/", unquote(target))
            detail = f"There is nothing at {printable(target)}: {error.description}."
            return Refusal("unknown_endpoint", detail, did_you_mean=_closest(meant, paths))
        case NotFound():
            detail = f"There is nothing at {printable(request.path)}."
            return Refusal("unknown_endpoint", detail, did_you_mean=_closest(request.path, paths))
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
