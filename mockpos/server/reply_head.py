"""The head of an answer as bytes: status line, headers, date.

A line break in a header would be the start of another answer: it is refused.
"""

import re
import time
from email.utils import formatdate
from http import HTTPStatus

from mockpos.server.request import Reply

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
