"""An HTTP/1.1 client over sockets of its own: one connection a call, one time limit for the whole of it.

It is http.client's parser under a deadline. http.client alone limits the wait for each piece, so that a server which
sends one byte a second is never given up; and httpx hides the connection, which races, slow clients and malformed
requests need in their hands. Independent of what is served: requests and responses are bytes and headers here.
"""

import io
import json
import socket
import ssl
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from http.client import BadStatusLine, HTTPException, HTTPResponse, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

from mockpos.domain.errors import BadInput

LARGEST_BODY = 8 * 1024 * 1024
"""A longer answer is not read to its end."""

_LONGEST_SUMMARY = 400
_TLS_ALERT = "\x15\x03"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Failure(StrEnum):
    """Why there is no response."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMED_OUT = "timed out"
    CLOSED = "closed"
    CUT_SHORT = "cut short"
    NOT_HTTP = "not HTTP"
    TOO_LARGE = "too large"


class NoResponse(Exception):
    """There is no whole HTTP response. The message says why in a sentence; ``took`` is the time spent, in seconds.

    ``sent`` is False when there was no connection, so that the request cannot have arrived.
    """

    def __init__(self, failure: Failure, message: str, took: float = 0.0, *, sent: bool = True) -> None:
        super().__init__(message)
        self.failure = failure
        self.took = took
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. ``target`` is path and query; Host, Content-Length and Connection are added when it is sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def with_header(self, name: str, value: str) -> "Request":
        """Return the request with one header more."""
        return replace(self, headers=(*self.headers, (name, value)))


def header_of(headers: Iterable[tuple[str, str]], name: str) -> str:
    """Return the first header of this name, in any letter case, or an empty text."""
    return next((value for given, value in headers if given.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Response:
    """One whole HTTP response. ``took`` counts the seconds from the first step of connecting to the last byte."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    took: float

    def header(self, name: str) -> str:
        """Return the first header of this name, in any letter case, or an empty text."""
        return header_of(self.headers, name)

    @property
    def media_type(self) -> str:
        """Return the Content-Type without its parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def json(self) -> object:
        """Return the body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def summary(self) -> str:
        """Write it for people, on one line: status, media type and the beginning of the body."""
        text = self.body[: 4 * _LONGEST_SUMMARY].decode("utf-8", "replace")
        line = "".join(letter if letter.isprintable() else " " for letter in text)
        cut = line if len(line) <= _LONGEST_SUMMARY else f"{line[:_LONGEST_SUMMARY]}..."
        return f"{self.status} {self.media_type} {cut}".rstrip()


class Connection:
    """One connection to the server, for one exchange. ``deadline`` is a moment of ``time.monotonic()``."""

    def __init__(
        self, host: str, sock: socket.socket, began: float, deadline: float, largest: int = LARGEST_BODY
    ) -> None:
        self._largest = largest
        self._host = host
        self._socket = sock
        self._began = began
        self.deadline = deadline

    def send(self, request: Request) -> None:
        """Send a whole request. A server that stops reading it may still answer, so that is no error."""
        self.send_raw(self.encode(request))

    def encode(self, request: Request) -> bytes:
        """Return the bytes of a request as they go to this server."""
        return encode(request, self._host)

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are. Raises NoResponse when they cannot be sent in time."""
        try:
            with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
                self._socket.settimeout(_time_left(self.deadline))
                self._socket.sendall(data)
        except TimeoutError:
            raise self._failed(Failure.TIMED_OUT, "the request could not be sent in time") from None
        except OSError as error:
            raise self._failed(Failure.CLOSED, f"the connection broke ({_reason(error)})") from None

    def receive(self, method: str = "POST") -> Response:
        """Read one response to its end. Raises NoResponse."""
        source = _Source(self._socket, self.deadline)
        response = HTTPResponse(source, method=method)  # type: ignore[arg-type]  # it only calls makefile("rb")
        try:
            with response:
                response.begin()
                body = response.read(self._largest + 1)
                if len(body) <= self._largest and response.length:
                    raise IncompleteRead(body, response.length)
        except TimeoutError:
            got = "no whole answer" if source.received else "no answer"
            raise self._failed(Failure.TIMED_OUT, f"{got} within {self.deadline - self._began:.3g} s") from None
        except (RemoteDisconnected, IncompleteRead, ConnectionError, ssl.SSLError) as error:
            raise self._broken(source, error) from None
        except (HTTPException, ValueError, OSError) as error:
            raise self._failed(Failure.NOT_HTTP, _not_http(error)) from None
        if len(body) > self._largest:
            raise self._failed(Failure.TOO_LARGE, f"the answer is longer than {self._largest:,} bytes")
        return Response(response.status, tuple(response.getheaders()), body, time.monotonic() - self._began)

    def close(self) -> None:
        """End the connection as a client that has what it wanted."""
        self._socket.close()

    def reset(self) -> None:
        """Cut the connection with a TCP reset, as a client that dies."""
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._socket.close()

    def _broken(self, source: "_Source", error: Exception) -> NoResponse:
        if source.received:
            return self._failed(Failure.CUT_SHORT, "the connection ended in the middle of the answer")
        was_reset = isinstance(error, ConnectionResetError) and not isinstance(error, RemoteDisconnected)
        how = "was reset" if was_reset else "was closed"
        return self._failed(Failure.CLOSED, f"the connection {how} without an answer")

    def _failed(self, failure: Failure, message: str) -> NoResponse:
        return NoResponse(failure, message, time.monotonic() - self._began)


class HttpClient:
    """Sends requests to one server. ``url`` may have a path, which goes before every target. ``timeout``: seconds.

    ``largest``: how many bytes of an answer are read at most.
    """

    def __init__(self, url: str, timeout: float = 10.0, *, largest: int = LARGEST_BODY) -> None:
        """Take a URL apart. Raises BadInput."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise BadInput(f"{url}: {error}") from None
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or not url.isascii():
            raise BadInput(f"{url}: write the address as http://HOST:PORT or https://HOST")
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.largest = largest
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._address = host, port or (443 if self._tls else 80)
        self._host = parts.netloc.rpartition("@")[2]
        self._before = parts.path.rstrip("/")

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Send one request and read its response. Raises NoResponse."""
        with self.connect(timeout) as connection:
            connection.send(self.placed(request))
            return connection.receive(request.method)

    def placed(self, request: Request) -> Request:
        """Return the request with the path of this server's URL before its target."""
        return replace(request, target=self._before + request.target) if self._before else request

    @contextmanager
    def connect(self, timeout: float | None = None) -> Iterator[Connection]:
        """Open a connection whose whole exchange ends within ``timeout`` seconds. Raises NoResponse."""
        began = time.monotonic()
        deadline = began + (timeout or self.timeout)
        connection = Connection(self._host, self._open(began, timeout or self.timeout), began, deadline, self.largest)
        try:
            yield connection
        finally:
            connection.close()

    def _open(self, began: float, timeout: float) -> socket.socket:
        sock = None
        try:
            sock = socket.create_connection(self._address, timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is None:
                return sock
            sock.settimeout(_time_left(began + timeout))
            return self._tls.wrap_socket(sock, server_hostname=self._address[0])
        except (OSError, UnicodeError) as error:  # those of TLS and of time are OSErrors too
            if sock is not None:
                sock.close()
            failure, message = _no_connection(error, timeout, reached=sock is not None)
            raise NoResponse(failure, message, time.monotonic() - began, sent=False) from None


def _no_connection(error: Exception, timeout: float, *, reached: bool) -> tuple[Failure, str]:
    """Say why there is no connection; ``reached`` tells that it failed while TLS began."""
    if isinstance(error, TimeoutError):
        said, hint = ("no TLS handshake", "; does it speak plain http:// there?") if reached else ("no connection", "")
        return Failure.TIMED_OUT, f"{said} within {timeout:.3g} s{hint}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure.TLS, f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return Failure.TLS, f"TLS failed ({error.reason}); does it speak plain http:// there?"
    said = "nothing listens there" if isinstance(error, ConnectionRefusedError) else _reason(error)
    return Failure.TLS if reached else Failure.UNREACHABLE, said


def encode(request: Request, host: str) -> bytes:
    """Return the bytes of a request. Raises ValueError for a line break where none may stand."""
    headers = [("Host", host), *request.headers]
    if request.body is not None:
        headers.append(("Content-Length", str(len(request.body))))
    headers.append(("Connection", "close"))
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a line break in a target or header")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (request.body or b"")


class _Source(io.RawIOBase):
    """What http.client reads from: the socket, under a deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._deadline = deadline
        self.received = 0

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return the reader that http.client asks its socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader passes a memoryview
        """Receive what is there, waiting no longer than the deadline."""
        self._socket.settimeout(_time_left(self._deadline))
        count = self._socket.recv_into(buffer)
        self.received += count
        return count


def _time_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _not_http(error: Exception) -> str:
    if isinstance(error, BadStatusLine) and str(error).strip("'").startswith(("\\x15\\x03", _TLS_ALERT)):
        return "it speaks TLS there; write the address with https://"
    return f"the answer is not HTTP ({type(error).__name__}: {str(error)[:80]})"


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
