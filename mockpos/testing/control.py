"""Control calls to a running mockpos over one connection that is kept open."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from threading import Lock
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from mockpos.domain.errors import MockposError

Body = dict[str, Any]
Query = Mapping[str, object | None]

_TIMEOUT_S = 60.0
_TOKEN_HEADER = "X-Mockpos-Token"  # noqa: S105  # the name of a header, no secret


class ControlError(MockposError):
    """The server refuses a control call, or cannot be reached. ``code`` is the documented one, or nothing."""

    def __init__(self, message: str, *, status: int | None = None, code: str = "", body: Body | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.body = body or {}


class Control:
    """The control plane of one server, or of one sandbox of it. Safe from any thread."""

    def __init__(self, url: str, token: str | None = None, sandbox: str | None = None) -> None:
        """Take a URL apart. Raises ControlError for what is none."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ControlError(f"{url}: {error}") from None
        if parts.scheme not in ("http", "https") or not host or parts.query:
            raise ControlError(f"{url}: write it as http://HOST:PORT, as `mockpos serve` prints it")
        self.url = url.rstrip("/")
        self.token = token
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(host, port, timeout=_TIMEOUT_S)
        self._before = parts.path.rstrip("/") + (f"/s/{part(sandbox)}" if sandbox else "") + "/_mock"
        self._lock = Lock()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        with self._lock:
            self._connection.close()

    def get(self, path: str, query: Query | None = None) -> Body:
        """Return the JSON object that a GET answers; ``path`` stands behind /_mock. Raises ControlError."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return self.send("GET", path + (f"?{urlencode(given)}" if given else ""))

    def text(self, path: str) -> str:
        """Return what a GET answers that is no JSON. Raises ControlError."""
        status, body = self._exchange("GET", path, None, "text/plain")
        if status != 200:
            raise _refused(status, body)
        return body.decode("utf-8", "replace")

    def send(self, method: str, path: str, body: object = None) -> Body:
        """Send a control call, a text as it is and anything else as JSON; return the answer. Raises ControlError."""
        kind = "text/csv" if isinstance(body, str) else "application/json"
        sent = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        status, answered = self._exchange(method, path, sent, kind)
        if not 200 <= status < 300:
            raise _refused(status, answered)
        content = _json(answered)
        if not isinstance(content, dict):
            raise ControlError(f"{self.url} answers no JSON object; is it a mockpos?", status=status)
        return content

    def _exchange(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, bytes]:
        headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": kind})
        if self.token:
            headers[_TOKEN_HEADER] = self.token
        with self._lock:
            try:
                return self._once(method, path, body, headers)
            except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._connection.close()  # the server ended an idle connection: ask on a new one
            except (OSError, HTTPException) as error:
                self._connection.close()
                raise self._no_answer(error) from None
            try:
                return self._once(method, path, body, headers)
            except (OSError, HTTPException) as error:
                self._connection.close()
                raise self._no_answer(error) from None

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        self._connection.request(method, self._before + path, body, dict(headers))
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _no_answer(self, error: Exception) -> ControlError:
        return ControlError(f"{self.url} does not answer ({error or type(error).__name__}); does mockpos run there?")


def part(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def _refused(status: int, body: bytes) -> ControlError:
    problem = _json(body)
    if not isinstance(problem, dict) or "detail" not in problem:
        return ControlError(f"the server answers {status} {body[:200].decode('utf-8', 'replace')}", status=status)
    code = str(problem.get("code", ""))
    return ControlError(f"{problem['detail']} ({status} {code})", status=status, code=code, body=problem)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
