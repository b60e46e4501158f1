"""The application under somebody else's WSGI server, where no command line runs before it."""

import atexit
import os
import sys

from flask import Flask

from mockpos.bootstrap import build
from mockpos.contract.loader import load_contract
from mockpos.domain.errors import MockposError
from mockpos.settings import read_settings
from mockpos.web.app import build_app


def create_app() -> Flask:
    """Return the application with the settings of the environment, its inventory open until the process ends.

    Raises what the server at hand shows as one message and stops on, instead of starting again and again.
    """
    try:
        settings = read_settings({}, os.environ)
        mock = build(settings)
        atexit.register(mock.inventory.close)
        return build_app(mock, load_contract(settings.contract))
    except MockposError as error:
        raise _stops_the_server(str(error)) from None


def _stops_the_server(message: str) -> BaseException:
    """Return the exception on which gunicorn halts and other servers exit."""
    if "gunicorn" in sys.modules:
        from gunicorn.errors import AppImportError

        stop: BaseException = AppImportError(f"error: {message}")
        return stop
    return SystemExit(f"error: {message}")
