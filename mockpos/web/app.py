"""Builds the application around one mock: Flask for everything, and a quicker way for the three operations."""

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import flask
from flask import Blueprint, Flask, Response, request

from mockpos.background import Background, Stopping
from mockpos.bootstrap import Mock, build, quick_start
from mockpos.contract.loader import load_contract
from mockpos.contract.model import Contract
from mockpos.control_client import TOKEN_HEADER
from mockpos.domain.errors import BadInput, InventoryLocked, MockMisuse, MockposError, Refusal, StoreUnavailable
from mockpos.server.application import APPLICATION, Application, ErrorWriter, application_of
from mockpos.server.request import Reply
from mockpos.server.wsgi_lane import REQUEST, WsgiLane
from mockpos.settings import SETTINGS, MadeToken, error_text, read_settings, told_of_variables
from mockpos.telemetry.metrics import CONTENT_TYPE
from mockpos.web.call_log import CallLog
from mockpos.web.console import make_console
from mockpos.web.contract.operation import ProductOperation
from mockpos.web.control.blueprint import ListingConverter, control_blueprint
from mockpos.web.control.guard import Guard
from mockpos.web.control.listing_files import import_body_limit
from mockpos.web.cors import CrossOrigin
from mockpos.web.dispatch import Dispatcher
from mockpos.web.docs.blueprint import docs_blueprint
from mockpos.web.exchange import REQUEST_ID, Exchanges, Recorder, current_exchange
from mockpos.web.keys import KeyReader, KeySandboxes, RateLimit
from mockpos.web.middleware import RequestMiddleware
from mockpos.web.replies import JSON_TYPE, Replies, as_response, dump, install_error_handler

_WORKERS_LOAD_WITHIN_S = 0.5  # of each other


def build_app(mock: Mock, contract: Contract, call_log: CallLog | None = None) -> Flask:
    """Return the application: product routes at the contract's paths, everything else beside them.

    It carries the ``Application`` that our own server serves, which calls the operations without Flask.
    """
    app = Flask("mockpos", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.url_map.converters["listing"] = ListingConverter
    replies = Replies(contract)
    prefix = mock.settings.sandbox_keys
    key_sandboxes = KeySandboxes(mock.sandboxes, prefix, mock.monotonic) if prefix else None
    keys = KeyReader(contract.key, mock.sandboxes, key_sandboxes)
    guard = Guard(mock.settings)
    limit = mock.settings.rate_limit
    rate = RateLimit(*limit, mock.monotonic) if limit else None
    operations = [ProductOperation(rule, contract, keys, rate, replies) for rule in contract.operations.values()]
    app.register_blueprint(_product_blueprint(operations))
    app.register_blueprint(control_blueprint(mock, contract.key, keys, guard))
    console, first_page = make_console(mock, contract, keys, guard)
    app.register_blueprint(console)
    app.register_blueprint(health_blueprint(mock, guard))
    default = mock.sandboxes.default
    app.register_blueprint(docs_blueprint(contract, guard, default.selector, quick_start(default.store), first_page))
    install_error_handler(app, contract, replies, keys)
    cross_origin = CrossOrigin(mock.settings.cors_origin) if mock.settings.cors_origin else None
    exchanges = Exchanges(mock, Recorder(contract.key, mock.monotonic), call_log, replies.reply_to, cross_origin)
    body_limit = import_body_limit(guard)
    RequestMiddleware(app, exchanges, mock.sandboxes, body_limit)
    if cross_origin is not None:
        app.before_request(cross_origin.preflight)
    otherwise = WsgiLane(app, kept_name=contract.key.header.encode())
    application = Application(
        handle=Dispatcher(operations, exchanges, mock.sandboxes, otherwise),
        error_writer=_error_writer(mock, replies),
        body_limit=body_limit,
    )
    setattr(app, APPLICATION, application)
    return app


def _product_blueprint(operations: list[ProductOperation]) -> Blueprint:
    """Return the three operations at the contract's paths, for calls that come through Flask."""
    blueprint = Blueprint("product", __name__)
    for operation in operations:
        rule = operation.rule
        blueprint.add_url_rule(
            rule.path.replace("{global_id}", "<global_id>"),
            endpoint=rule.operation.value,
            view_func=_view(operation),
            methods=[rule.method],
        )
    return blueprint


def _view(operation: ProductOperation) -> Callable[..., Response]:
    def view(global_id: str | None = None) -> Response:
        return as_response(operation.answer(current_exchange(), global_id, request.environ["QUERY_STRING"]))

    return view


def _error_writer(mock: Mock, replies: Replies) -> ErrorWriter:
    """Return the writer of answers to what never becomes a call: broken HTTP, an endless request line."""

    def write(status: int, kind: str, message: str) -> Reply:
        details = {"position": None} if kind == "malformed_request" else {}
        request_id = mock.new_request_id()
        reply = replies.refusal(Refusal(kind, message, **details), request_id)
        reply.headers.append((REQUEST_ID, request_id))
        return reply

    return write


def create_app() -> Flask:
    """Return the application with the settings of the environment, its inventory open until the process ends.

    Our own worker does the work beside the calls on its event loop; under another server a thread does it, from the
    first call on. Raises what the server at hand shows as one message and stops on, instead of starting again.
    """
    with _ended_by_sigterm():
        return _created()


def _created() -> Flask:
    try:
        settings = read_settings({}, os.environ)
        workers = _workers_of_gunicorn()
        if settings.memory and workers > 1:
            raise BadInput(
                f"MOCKPOS_MEMORY: each of gunicorn's {workers} workers would have a world of its own; "
                "start it with -w 1"
            )
        for told in told_of_variables(os.environ, (setting.env for setting in SETTINGS)):
            _tell(f"warning: {told}")
        mock = build(settings)
        app = build_app(mock, load_contract(settings.contract))
    except MockposError as error:
        raise _stops_the_server(error_text(f"{error}{_way_out(error)}", (), os.environ)) from None
    atexit.register(mock.inventory.close)
    background = Background(mock.inventory, mock.sandboxes, warn=_tell, tell=_tell)
    application = application_of(app)
    application.on_ready = background.start
    application.on_stopping = Stopping(mock.sandboxes, _tell)
    application.on_stop = mock.inventory.close
    app.before_request(lambda: None if REQUEST in flask.request.environ else background.start_in_thread())
    if isinstance(settings.control_token, MadeToken):
        _tell(f"mockpos: calls of /_mock/ that are not of this machine need {TOKEN_HEADER}: {settings.control_token}")
    return app


def _workers_of_gunicorn() -> int:
    """Return how many processes the gunicorn that loads this application has: only its loader knows. 1 elsewhere."""
    frame: FrameType | None = sys._getframe() if "gunicorn" in sys.modules else None
    while frame is not None:
        workers = getattr(getattr(frame.f_locals.get("self"), "cfg", None), "workers", None)
        if isinstance(workers, int):
            return workers
        frame = frame.f_back
    return 1


def _tell(message: str) -> None:
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)  # noqa: T201  # whoever started the server reads it


def _way_out(error: MockposError) -> str:
    """Say what to do about an inventory that another process of the same server has open."""
    if not isinstance(error, InventoryLocked):
        return ""
    if "WERKZEUG_RUN_MAIN" in os.environ:
        return "; the reloader of `flask run --debug` starts two processes: add --no-reload"
    if "gunicorn" in sys.modules:
        return "; one process serves one file: start gunicorn with -w 1"
    return ""


def _stops_the_server(message: str) -> BaseException:
    """Return the exception on which gunicorn halts and other servers exit."""
    if "gunicorn" in sys.modules:
        from gunicorn.errors import AppImportError

        _wait_for_the_other_workers()
        stop: BaseException = AppImportError(f"error: {message}")
        return stop
    return SystemExit(f"error: {message}")


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let gunicorn end a worker at once that is not serving yet: its handlers only take note of the signal."""
    if "gunicorn" not in sys.modules or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wait_for_the_other_workers() -> None:
    """Have one worker of several end with the error; the others wait behind it, and gunicorn's signal ends them.

    Where two end so at once, gunicorn shows a traceback of its own: it halts, and finds the second meanwhile.
    """
    import fcntl  # gunicorn runs only where it is there

    fcntl.flock(os.open(__file__, os.O_RDONLY), fcntl.LOCK_EX)  # until the process ends
    time.sleep(_WORKERS_LOAD_WITHIN_S)


def health_blueprint(mock: Mock, guard: Guard) -> Blueprint:
    """Return ``/healthz`` and ``/readyz``, always open and about no sandbox, and ``/metrics``, behind the guard."""
    blueprint = Blueprint("health", __name__)

    def answer(body: bytes | str, content_type: str = JSON_TYPE) -> Response:
        return Response(body, 200, {"Cache-Control": "no-store"}, content_type=content_type)

    @blueprint.get("/healthz")
    def alive() -> Response:
        return answer(dump({"status": "alive"}))

    @blueprint.get("/readyz")
    def ready() -> Response:
        try:
            mock.inventory.check_writable()
        except StoreUnavailable as error:
            raise MockMisuse("mock_not_ready", f"Nothing could be committed now. {error}") from None
        return answer(dump({"status": "ready"}))

    @blueprint.get("/metrics")
    def metrics() -> Response:
        guard.check(request.environ)
        return answer(mock.metrics.render(), CONTENT_TYPE)

    return blueprint
