"""The servers that the workers of pytest-xdist share: the controller starts one when the first worker asks for it.

A worker asks over a loopback socket that only it was told of. So a run that uses no server starts none, and one whose
worker crashes keeps its server.
"""

import json
import secrets
import socket
from collections.abc import Mapping
from threading import Lock, Thread
from typing import Any

from mockpos.domain.errors import MockposError

_LONGEST = 65_536
_PATIENCE_S = 60.0


class SharedServers:
    """The controller's side: one server for each set of settings that is asked for."""

    def __init__(self) -> None:
        self._secret = secrets.token_hex(16)
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._servers: dict[str, Any] = {}
        self._lock = Lock()
        Thread(target=self._listen, name="mockpos servers", daemon=True).start()

    @property
    def address(self) -> str:
        """Return what a worker needs to ask."""
        return f"{self._sock.getsockname()[1]}:{self._secret}"

    def close(self) -> None:
        """Stop every server."""
        self._sock.close()
        with self._lock:
            for server in self._servers.values():
                server.stop()
            self._servers.clear()

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
                    connection.sendall(json.dumps(self._server(asked["settings"])).encode() + b"\n")
            except (OSError, ValueError, KeyError, TypeError):
                return  # no worker of ours

    def _server(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        from mockpos.testing.server import serve

        key = json.dumps(settings, sort_keys=True)
        with self._lock:
            try:
                server = self._servers.get(key) or self._servers.setdefault(key, serve(**settings))
            except MockposError as error:
                return {"error": str(error)}
        return {"url": server.url, "api_key": server.api_key, "token": server.token}


def ask(address: str, settings: Mapping[str, object]) -> dict[str, Any]:
    """Return url, api_key and token of the server that a worker shares with the others. Raises MockposError."""
    port, _, secret = address.partition(":")
    sent = json.dumps({"secret": secret, "settings": settings}, default=str) + "\n"
    with socket.create_connection(("127.0.0.1", int(port)), _PATIENCE_S) as connection:
        connection.sendall(sent.encode())
        with connection.makefile(encoding="utf-8") as stream:
            answer: dict[str, Any] = json.loads(stream.readline())
    if "error" in answer:
        raise MockposError(answer["error"])
    return answer
