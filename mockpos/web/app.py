"""Builds the Flask application around one mock."""

from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from mockpos.bootstrap import Mock
from mockpos.domain.errors import Refusal
from mockpos.web.call_log import CallLog, CallNote
from mockpos.web.contract.model import Contract
from mockpos.web.contract.routes import NOTE, Door, product_blueprint
from mockpos.web.contract.stage import Stage
from mockpos.web.docs import docs_blueprint
from mockpos.web.errors import install_error_handler
from mockpos.web.keys import KeyReader
from mockpos.web.lean_flask import LeanFlask
from mockpos.web.rate import RateLimit
from mockpos.web.replies import Replies
from mockpos.web.request_ids import HEADER, assign_request_id, request_id

_STARTED = "mockpos.started"

ServerAnswer = tuple[int, list[tuple[str, str]], bytes]


def build_app(mock: Mock, contract: Contract, call_log: CallLog | None = None) -> Flask:
    """Return the application: product routes at the contract's paths, documentation beside them."""
    app = LeanFlask("mockpos", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    replies = Replies(contract)
    door = Door(KeyReader(contract.key, mock.sandboxes), _rate(mock), Stage(replies), replies)
    app.register_blueprint(product_blueprint(contract, door))
    app.register_blueprint(docs_blueprint(contract))
    install_error_handler(app, contract, replies)
    _frame_calls(app, mock, call_log)
    return app


def server_answers(mock: Mock, contract: Contract) -> Callable[[int, str, str], ServerAnswer]:
    """Return the writer of answers to what never becomes a call: broken HTTP, an endless request line."""
    replies = Replies(contract)

    def write(status: int, kind: str, message: str) -> ServerAnswer:
        details = {"position": None} if kind == "malformed_request" else {}
        request_id = mock.new_request_id()
        status, headers, body = replies.refusal_parts(Refusal(kind, message, **details), request_id)
        return status, [*headers, (HEADER, request_id)], body

    return write


def _rate(mock: Mock) -> RateLimit | None:
    limit = mock.settings.rate_limit
    return RateLimit(*limit, mock.monotonic) if limit else None


def _frame_calls(app: Flask, mock: Mock, call_log: CallLog | None) -> None:
    """Give every call its id before it is served, and its line in the log after."""

    def before() -> None:
        environ = request.environ
        environ[_STARTED] = mock.monotonic()
        assign_request_id(environ, mock.new_request_id)
        if environ["PATH_INFO"].startswith("//") or _has_encoded_slash(environ.get("RAW_URI", "")):
            raise NotFound  # werkzeug would take either for a plain slash

    def after(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        if call_log is not None:
            environ = request.environ
            note = environ.get(NOTE) or CallNote(request.method, request.path)
            call_log.line(note, response.status_code, mock.monotonic() - environ[_STARTED])
        return response

    app.before_request(before)
    app.after_request(after)


def _has_encoded_slash(target: str) -> bool:
    return "%2" in target and "%2f" in target.partition("?")[0].lower()
