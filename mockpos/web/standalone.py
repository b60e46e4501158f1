"""The application under somebody else's WSGI server, where no command line runs before it."""

import atexit
import os
import sys
from contextlib import suppress

import flask
from flask import Flask

from mockpos.background import Background
from mockpos.bootstrap import build
from mockpos.contract.loader import load_contract
from mockpos.domain.errors import InventoryLocked, MockposError
from mockpos.server.application import application_of
from mockpos.server.refusal import plain_error
from mockpos.server.wsgi_lane import REQUEST
from mockpos.settings import SETTINGS, MadeToken, read_settings
from mockpos.stopping import Stopping
from mockpos.variables import told_of_variables
from mockpos.web.app import build_app
from mockpos.web.control.guard import TOKEN_HEADER


def create_app() -> Flask:
    """Return the application with the settings of the environment, its inventory open until the process ends.

    Our own worker does the work beside the calls on its event loop; under another server a thread does it, from the
    first call on. Raises what the server at hand shows as one message and stops on, instead of starting again.
    """
    try:
        settings = read_settings({}, os.environ)
        for told in told_of_variables(os.environ, (setting.env for setting in SETTINGS)):
            _tell(f"warning: {told}")
        mock = build(settings)
        app = build_app(mock, load_contract(settings.contract))
    except MockposError as error:
        raise _stops_the_server(f"{error}{_way_out(error)}") from None
    atexit.register(mock.inventory.close)
    background = Background(mock.inventory, mock.sandboxes, warn=_tell, tell=_tell)
    application = application_of(app, plain_error)
    application.on_ready = background.start
    application.on_stopping = Stopping(mock.sandboxes, _tell)
    application.on_stop = mock.inventory.close
    app.before_request(lambda: None if REQUEST in flask.request.environ else background.start_in_thread())
    if isinstance(settings.control_token, MadeToken):
        _tell(f"mockpos: calls of /_mock/ that are not of this machine need {TOKEN_HEADER}: {settings.control_token}")
    return app


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

        stop: BaseException = AppImportError(f"error: {message}")
        return stop
    return SystemExit(f"error: {message}")
