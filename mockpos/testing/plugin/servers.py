"""The servers of a test run: one for each set of settings that is asked for, made when the first test asks.

Under pytest-xdist they belong to the controller, and a worker asks for them over a loopback socket that only it was
told of. So a run that uses no server starts none, and one whose worker crashes keeps its server.
"""

import json
import secrets
import socket
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from mockpos.domain.errors import MockposError

if TYPE_CHECKING:
    from mockpos.testing.server import Server

Settings = Mapping[str, object]

_LONGEST = 65_536
_PATIENCE_S = 60.0


class Servers:
    """What one process of a test run uses. ``own`` tells that the servers have no calls but those of this run."""

    def __init__(self, make: Callable[[Settings], "Server"], *, own: bool) -> None:
        self.own = own
        self._make = make
        self._made: dict[str, Server] = {}
        self._lock = Lock()
        self._listener: _Listener | None = None

    @property
    def made(self) -> "list[Server]":
        """Return those that were asked for."""
        with self._lock:
            return list(self._made.values())

    @property
    def address(self) -> str:
        """Return what a worker needs to ask for a server."""
        if self._listener is None:
            self._listener = _Listener(self.get)
        return self._listener.address

    def get(self, settings: Settings) -> "Server":
        """Return the server with these settings, started if need be. Raises MockposError."""
        key = _json(settings)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(settings)
            return self._made[key]

    def close(self) -> None:
        """Stop what was started here."""
        if self._listener is not None:
            self._listener.close()
        for server in self.made:
            server.stop()


def starting() -> Servers:
    """Return servers of this process's own."""

    def make(settings: Settings) -> "Server":
        from mockpos.testing.server import serve

        return serve(**settings)

    return Servers(make, own=True)


def asking(address: str) -> Servers:
    """Return the servers of the process that listens at ``address``."""

    def make(settings: Settings) -> "Server":
        from mockpos.testing.server import Server

        return Server(**_ask(address, settings))

    return Servers(make, own=False)


def running(url: str, token: str | None) -> Servers:
    """Return one server that was there before."""

    def make(settings: Settings) -> "Server":
        from mockpos.testing.server import connect

        if settings:
            raise MockposError(f"mockpos_settings are of a server that the tests start, and {url} runs already")
        return connect(url, token=token)

    return Servers(make, own=False)


class _Listener:
    """Tells workers where a server is."""

    def __init__(self, get: Callable[[Settings], "Server"]) -> None:
        self._get = get
        self._secret = secrets.token_hex(16)
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.address = f"{self._sock.getsockname()[1]}:{self._secret}"
        Thread(target=self._listen, name="mockpos servers", daemon=True).start()

    def close(self) -> None:
        self._sock.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._sock.accept()
            except OSError:  # closed: the tests are over
                return
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile(encoding="utf-8") as stream:
            try:
                asked = json.loads(stream.readline(_LONGEST))
                if secrets.compare_digest(str(asked["secret"]), self._secret):
                    connection.sendall(json.dumps(self._told(asked["settings"])).encode() + b"\n")
            except (OSError, ValueError, KeyError, TypeError):
                return  # no worker of ours

    def _told(self, settings: Settings) -> dict[str, Any]:
        try:
            server = self._get(settings)
        except MockposError as error:
            return {"error": str(error)}
        return {"url": server.url, "api_key": server.api_key, "token": server.token}


def _ask(address: str, settings: Settings) -> dict[str, Any]:
    """Return url, api_key and token of the server that a worker shares with the others. Raises MockposError."""
    port, _, secret = address.partition(":")
    with socket.create_connection(("127.0.0.1", int(port)), _PATIENCE_S) as connection:
        connection.sendall(f'{{"secret": "{secret}", "settings": {_json(settings)}}}\n'.encode())
        with connection.makefile(encoding="utf-8") as stream:
            answer: dict[str, Any] = json.loads(stream.readline())
    if "error" in answer:
        raise MockposError(answer["error"])
    return answer


def _json(settings: Settings) -> str:
    return json.dumps(dict(settings), sort_keys=True, default=str)
