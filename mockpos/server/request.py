"""One HTTP request as it arrived whole, and the answer to it. Independent of WSGI, Flask and sockets."""

import re
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from mockpos.server.faults import Connection

RawHeaders = list[tuple[bytes, bytes]]
"""Header names in lower case and values, in the order they came."""


class Request(Struct):
    """One request.

    ``target`` is what stands in the request line; ``fields`` are the headers by name, repeated ones joined. ``head``
    is the request line and the headers as they came, or the headers alone under a server that is not ours.
    ``is_too_large`` says that the body was longer than allowed and was not read. ``connection`` is None under a server
    that is not ours. ``peer`` is the client's address where somebody has asked for it, or nothing.
    """

    method: str
    target: bytes
    headers: RawHeaders
    fields: dict[bytes, bytes]
    head: bytes
    body: bytes = b""
    version: str = "1.1"
    keep_alive: bool = True
    is_too_large: bool = False
    connection: "Connection | None" = None
    peer: str = ""

    def header(self, name: bytes) -> str:
        """Return a header's value by its name in lower case, or nothing."""
        value = self.fields.get(name)
        return value.decode("latin-1") if value is not None else ""


def request_with(method: str, target: bytes, headers: RawHeaders, body: bytes = b"") -> Request:
    """Return a request of which only the headers are known, not the head as it came."""
    head = b"".join([b"\r\n%b: %b" % each for each in headers])
    return Request(method, target, headers, joined(headers), head, body)


class Reply(Struct):
    """The answer to a request: whole, or with an iterable of pieces for a body.

    ``when_sent`` is called once, when the answer has left or could not.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Iterable[bytes]
    when_sent: Callable[[], object] | None = None


def whole(status: int, headers: list[tuple[str, str]], body: bytes) -> Reply:
    """Return an answer whose length is stated."""
    return Reply(status, [*headers, ("Content-Length", str(len(body)))], body)


def joined(headers: RawHeaders) -> dict[bytes, bytes]:
    """Return headers by name; a repeated one joins its values, as a proxy would."""
    fields = dict(headers)
    if len(fields) == len(headers):
        return fields
    fields = {}
    for name, value in headers:
        before = fields.get(name)
        separator = b"; " if name == b"cookie" else b","
        fields[name] = value if before is None else before + separator + value
    return fields


_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
_LINES = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*")


class _Date:
    """The header Date, written once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = b""

    def now(self) -> bytes:
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self._text = f"date: {formatdate(usegmt=True)}\r\n".encode("ascii")
        return self._text


_date = _Date()


def head_of(reply: Reply, *, is_last: bool, version: str = "1.1", is_chunked: bool = False) -> bytes:
    """Return the head of an answer. ``is_last`` says that the connection ends with it. Raises ValueError."""
    lines = "".join([f"{name.lower()}: {value}\r\n" for name, value in reply.headers]).encode("latin-1", "replace")
    if lines.count(b"\n") != len(reply.headers) or _LINES.fullmatch(lines) is None:
        raise ValueError("a header of the answer has characters that no header may have")
    status = b"HTTP/1.1 %d %b\r\nserver: mockpos\r\n" % (reply.status, _PHRASES.get(reply.status, b"Unknown"))
    connection = b""
    if is_last:
        connection = b"connection: close\r\n"
    elif version == "1.0":
        connection = b"connection: keep-alive\r\n"
    if is_chunked:
        connection += b"transfer-encoding: chunked\r\n"
    return b"%b%b%b%b\r\n" % (status, lines, _date.now(), connection)
