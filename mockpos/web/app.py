"""Builds the Flask application around one mock."""

from collections.abc import Callable

from mockpos.bootstrap import Mock, quick_start
from mockpos.contract.model import Contract
from mockpos.domain.errors import Refusal
from mockpos.web.call_log import CallLog
from mockpos.web.contract.routes import Door, product_blueprint
from mockpos.web.contract.stage import Stage
from mockpos.web.control.blueprint import ListingConverter, control_blueprint
from mockpos.web.control.guard import Guard
from mockpos.web.control.openapi_route import control_document_blueprint
from mockpos.web.docs import docs_blueprint
from mockpos.web.docs.control_page import control_page_blueprint
from mockpos.web.errors import install_error_handler
from mockpos.web.frame import Frame
from mockpos.web.health import health_blueprint
from mockpos.web.keys import KeyReader
from mockpos.web.lean_flask import LeanFlask
from mockpos.web.metrics_page import metrics_blueprint
from mockpos.web.rate import RateLimit
from mockpos.web.recording import Recorder
from mockpos.web.replies import Replies
from mockpos.web.request_ids import HEADER

ServerAnswer = tuple[int, list[tuple[str, str]], bytes]


def build_app(mock: Mock, contract: Contract, call_log: CallLog | None = None) -> LeanFlask:
    """Return the application: product routes at the contract's paths, documentation beside them."""
    default = mock.sandboxes.default
    frame = Frame(mock, Recorder(contract.key, mock.monotonic), call_log)
    app = LeanFlask("mockpos", begin=frame.check_path, finish=frame.answered)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.url_map.converters["listing"] = ListingConverter
    replies = Replies(contract)
    keys = KeyReader(contract.key, mock.sandboxes)
    door = Door(keys, _rate(mock), Stage(replies), replies)
    app.register_blueprint(product_blueprint(contract, door))
    guard = Guard(mock.settings)
    app.register_blueprint(control_blueprint(mock, keys, guard))
    app.register_blueprint(control_document_blueprint(contract.key, guard))
    app.register_blueprint(health_blueprint(mock))
    app.register_blueprint(metrics_blueprint(mock, guard))
    app.register_blueprint(control_page_blueprint(contract, guard))
    app.register_blueprint(docs_blueprint(contract, selector=default.selector, quick_start=quick_start(default.store)))
    install_error_handler(app, contract, replies, keys)
    app.wsgi_app = frame.around(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way to add middleware
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
