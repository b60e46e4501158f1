"""Sends requests, each on a connection of its own, because several of them end the connection they came on."""

import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from mockpos.domain.errors import BadInput
from mockpos.http_client import Request, Response

_TIMEOUT_S = 10.0
_TOO_MANY = 429
_LONGEST_WAIT_S = 5
_MOST_WAITS = 10


class NoAnswer(Exception):
    """The connection failed, or what came over it is not HTTP. The message says which."""


def told(answer: Response) -> str:
    """Write an answer for people, on one line."""
    text = answer.body.decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"{answer.status} {answer.media_type} {shown if len(shown) <= 400 else shown[:400] + '...'}".rstrip()


class Client:
    """Speaks to one server. ``url`` may have a path, which goes before every target."""

    def __init__(self, url: str) -> None:
        """Take a URL apart. Raises BadInput."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise BadInput(f"--url {url}: {error}") from None
        if parts.scheme not in ("http", "https") or not host or parts.query or not url.isascii():
            raise BadInput(f"--url {url}: write it as http://HOST:PORT, as `mockpos serve` prints it")
        self._make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = host, port
        self._before = parts.path.rstrip("/")
        self.url = url.rstrip("/")

    def send(self, request: Request) -> Response:
        """Send a request, again when the server's own rate limit asks for a short wait. Raises NoAnswer."""
        for _ in range(_MOST_WAITS):
            answer = self._send(request)
            wait = answer.header("retry-after")
            forced = bool(answer.header("x-mockpos-scenario"))
            if answer.status != _TOO_MANY or forced or not wait.isdecimal() or int(wait) > _LONGEST_WAIT_S:
                break
            time.sleep(int(wait))
        return answer

    def _send(self, request: Request) -> Response:
        connection = self._make(self._host, self._port, timeout=_TIMEOUT_S)
        try:
            connection.putrequest(request.method, self._before + request.target, skip_accept_encoding=True)
            for name, value in request.headers:
                connection.putheader(name, value)
            if request.body is not None:
                connection.putheader("Content-Length", str(len(request.body)))
            with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent: the answer says why
                connection.endheaders(request.body)
            response = connection.getresponse()
            return Response(response.status, tuple(response.getheaders()), response.read(), took=0.0)
        except (OSError, HTTPException, UnicodeError) as error:
            raise NoAnswer(f"no answer: {type(error).__name__}: {error}") from None
        finally:
            connection.close()
