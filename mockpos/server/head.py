"""The head of an answer as bytes: status line, headers, date.

As gunicorn writes it, and checked as gunicorn checks it, but by one look at the whole: 2 to 4 us less for a call.
"""

import re
from collections.abc import Sequence

from gunicorn.asgi import protocol as gunicorn_protocol

_LINES = re.compile(
    b"(?:%b: %b\r\n)*"
    % (gunicorn_protocol._HEADER_NAME_RE.pattern, gunicorn_protocol._HEADER_VALUE_RE.pattern)  # neither has groups
)
_FOR_GUNICORN = frozenset({b"date", b"connection", b"transfer-encoding"})


def head_of(version: tuple[int, int], status: int, headers: Sequence[tuple[bytes, bytes]]) -> bytes | None:
    """Return the head of an answer whose length is among its headers, after which the connection lives on.

    None when gunicorn has to see to it: a header that is none (a line break in it would be the start of another
    answer), or one that says how the connection or the answer goes on. Names are in lower case.
    """
    if not _FOR_GUNICORN.isdisjoint([name for name, _ in headers]):
        return None
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    if lines.count(b"\n") != len(headers) or _LINES.fullmatch(lines) is None:
        return None
    status_line: bytes = gunicorn_protocol._get_cached_status_line(version, status)
    date: bytes = gunicorn_protocol._get_cached_date_header()
    return b"%b%b%b\r\n" % (status_line, lines, date)
