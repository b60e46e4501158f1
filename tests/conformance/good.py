"""A correct automator for the kit's tests: the minimal example, with splits and a restart, and how to serve one."""

import importlib.util
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.conftest import ROOT

_spec = importlib.util.spec_from_file_location("minimal_automator", ROOT / "examples/minimal_automator.py")
assert _spec
assert _spec.loader
minimal = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(minimal)

Refused = minimal.Refused
KEY = "test-key-1234"
LISTINGS = {"4711": 12, "4712": 0, "4713": 6}
SPLITS = {"4713": (2, 4, 6)}


class Automator(minimal.Automator):  # type: ignore[misc,name-defined]  # loaded from a file
    """The example, and quantities that are no valid split."""

    def __init__(self, hold_seconds: float = 900) -> None:
        super().__init__(LISTINGS, hold_seconds)

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            if quantity not in SPLITS.get(remote_id, (quantity,)):
                raise Refused(422, "invalid_split", "No valid split.")
            return dict(super().hold(remote_id, quantity, global_id))

    def restart(self) -> None:
        """Come back as after a restart: a correct automator has forgotten nothing."""


def make_app(automator: Any, key: str = KEY) -> Any:
    app = minimal.create_app(automator, key)

    @app.after_request
    def own(response: Any) -> Any:
        response.headers["Connection"] = "close"
        return response

    return app


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        pass


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve a WSGI application with threads on a free port of this process; yield its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.socket.listen(128)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def is_gone(environ: Any) -> bool:
    """Tell whether the client of a request has left."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)
