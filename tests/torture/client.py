"""A caller's connection: one at a time, kept open. It must not know what the calls mean."""

import http.client
import json
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

KEY = "mockpos-dev-key"
TIMEOUT_S = 20.0

Body = dict[str, Any]


class Lost(Exception):
    """The connection ended before a whole answer came: nobody knows whether the call took effect."""


class Answer(NamedTuple):
    """A whole answer. ``code`` is an error's code, empty for a success."""

    status: int
    body: Body

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if self.status >= 400 else ""


class Client:
    """One connection to one server."""

    def __init__(self, url: str, *, key: str = KEY, timeout_s: float = TIMEOUT_S) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout_s)
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """Make a call; ``body`` may be bytes that are JSON already. Raises Lost."""
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        return Answer(*self.raw(method, path, raw))

    def raw(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Make a call and return its status and its JSON, whatever that is. Raises Lost."""
        status, said = self._exchange(method, path, body)
        return status, json.loads(said)

    def text(self, path: str) -> str:
        """Return the text of a page. Raises Lost."""
        return self._exchange("GET", path, None)[1].decode()

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        try:
            self._connection.request(method, path, body, self._headers)
            response = self._connection.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Lost(f"{method} {path}: {error!r}") from None
        return response.status, said

    def close(self) -> None:
        self._connection.close()
