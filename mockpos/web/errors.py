"""The one error handler: whatever is raised becomes a documented answer, in JSON."""

import logging
from difflib import get_close_matches

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockpos.contract.checks import RESERVED_PATHS
from mockpos.contract.model import Contract
from mockpos.domain.errors import MockMisuse, OutcomeUnknown, Refusal, StoreUnavailable
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.web.call_log import printable
from mockpos.web.call_note import NOTE, CallNote
from mockpos.web.keys import KeyReader
from mockpos.web.replies import MOCK_ERROR, Replies, dump
from mockpos.web.request_ids import request_id

_log = logging.getLogger("mockpos")
_LONGEST_GUESS = 200
_OF_THE_DISK = {
    StoreUnavailable: ("pos_unavailable", "The inventory cannot be written right now; nothing was changed."),
    OutcomeUnknown: ("internal_error", "The disk did not confirm it: whether the call took effect is unknown."),
}


def install_error_handler(app: Flask, contract: Contract, replies: Replies, keys: KeyReader) -> None:
    """Answer every exception of an app by the contract."""

    def handle(error: Exception) -> Response:
        if isinstance(error, MockMisuse):
            return _misuse(error)
        refusal = _refusal(error, contract)
        environ = request.environ
        if isinstance(error, NotFound | MethodNotAllowed) and not _is_the_mocks_own(environ["PATH_INFO"]):
            environ[NOTE] = CallNote(keys.presumed(environ))
        note = environ.get(NOTE)
        if note is not None:
            note.code = refusal.code
        response = replies.refusal(refusal, request_id())
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    app.register_error_handler(Exception, handle)


def _is_the_mocks_own(path: str) -> bool:
    return any(path == reserved or path.startswith(reserved + "/") for reserved in RESERVED_PATHS)


def _misuse(error: MockMisuse) -> Response:
    """Answer a wrong use of the mock so that nobody takes it for the automator's answer."""
    note = request.environ.get(NOTE)
    if note is not None:
        note.code = error.code
    body = {
        "type": f"/docs/codes#{error.code}",
        "title": MOCK_CODES[error.code].title,
        "status": error.status,
        "detail": error.detail,
        "instance": f"/_mock/requests/{request_id()}",
        "code": error.code,
        "retryable": False,
        "request_id": request_id(),
    }
    headers = dict([MOCK_ERROR])
    return Response(dump(body), error.status, headers, content_type="application/problem+json")


def _refusal(error: Exception, contract: Contract) -> Refusal:
    match error:
        case Refusal():
            return error
        case StoreUnavailable() | OutcomeUnknown():
            _log.error("%s", error)
            return Refusal(*_OF_THE_DISK[type(error)])
        case NotFound():
            return _unknown_endpoint(contract)
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            asked = f"{printable(request.method)} is not allowed at {printable(request.path)}"
            return Refusal("method_not_allowed", f"{asked}; allowed: {allowed}.")
        case HTTPException():
            return Refusal("malformed_request", str(error.description), position=None)
    _log.error("a call failed inside mockpos", exc_info=error)
    return Refusal("internal_error", "Something went wrong; whether the call took effect is unknown.")


def _unknown_endpoint(contract: Contract) -> Refusal:
    paths = [rule.path for rule in contract.operations.values()]
    paths += ["/docs", "/docs/codes", "/docs/scenarios", "/docs/control", "/openapi.json"]
    close = get_close_matches(request.path, paths, n=1) if len(request.path) <= _LONGEST_GUESS else []
    return Refusal(
        "unknown_endpoint", f"There is nothing at {printable(request.path)}.", did_you_mean=close[0] if close else None
    )
