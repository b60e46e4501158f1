"""Reads HTTP/1.x requests off a stream of bytes, strictly, by llhttp, with limits on every part.

llhttp decides about syntax. What it leaves open is decided here: what a target and a host may be, which transfer
codings are understood, how long everything may get. It must not know sockets or the application.
"""

import re
from collections import deque
from collections.abc import Callable

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from msgspec.structs import replace

from mockpos.server.request import RawHeaders, Request, joined

BODY_LIMIT = 64 * 1024
LONGEST_REQUEST_LINE = 4094
LONGEST_HEADER = 8190
MOST_HEADERS = 100
_LONGEST_HEAD = LONGEST_REQUEST_LINE + MOST_HEADERS * LONGEST_HEADER
_LONGEST_CHUNK_LINE = 1024
_MOST_CHUNK_DIGITS = 15  # hexadecimal: 2**60 bytes
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_HEAD_END = b"\r\n\r\n"

BodyLimit = Callable[[Request], int]
"""Tells how large the body of a request may be whose head was read. Asked only about bodies not known to be small."""


class BadRequest(Exception):
    """What arrived is refused: ``status`` and ``message`` say how."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class RequestParser:
    """The requests of one connection. ``requests`` are those that arrived whole and nobody has taken yet.

    ``in_request`` says that a part of a request was read and not all of it; ``wants_continue`` that its client waits
    for word before it sends the body; ``has_ended`` that nothing after the last request is read: it was the last one of
    the connection, or ``was_cut``: its body was too large.
    """

    def __init__(self, body_limit: BodyLimit) -> None:
        self.requests: deque[Request] = deque()
        self.in_request = False
        self.wants_continue = False
        self.has_ended = False
        self.was_cut = False
        self._body_limit = body_limit
        self._llhttp = HttpRequestParser(self)
        self._begin()

    def _begin(self) -> None:
        self._head: list[bytes] = []
        self._target = b""
        self._headers: RawHeaders = []
        self._body: list[bytes] = []
        self._head_bytes = 0
        self._tail = b""  # the end of what was fed, in which the end of the head may begin
        self._head_is_read = False  # by llhttp; what it calls a header from then on is a trailer
        self._keep_alive = True
        self._is_complete = False
        self._request: Request | None = None  # once its head was read and checked
        self._body_left = 0  # bytes of the body, or of the chunk with its line end, that are still to come
        self._is_chunked = False
        self._chunk_line = b""
        self._in_trailer = False
        self._body_size = 0
        self._limit = BODY_LIMIT

    def feed(self, data: bytes) -> None:
        """Read some bytes. Raises BadRequest; ``requests`` then has those before the bad one."""
        if not self.in_request:
            data = data.lstrip(b"\r\n")  # RFC 9112, 2.2: empty lines before a request are passed over
        while data and not self.has_ended:
            if not self.in_request:
                after = self._take_known(data)
                if after is not None:
                    data = after
                    continue
            self.in_request = True
            request = self._request
            if request is None:
                data = self._feed_head(data)
            elif self._is_chunked:
                data = self._feed_chunked(data)
            else:
                part, data = data[: self._body_left], data[self._body_left :]
                self._body_left -= len(part)
                self._parse(part)
            if self._is_complete and self._request is not None:
                self._finish(self._request)
                data = data.lstrip(b"\r\n")

    def _take_known(self, data: bytes) -> bytes | None:
        """Take a request that is there whole and has a head that was read before; return what follows it.

        A client repeats its heads but for ids: to look one up costs a tenth of a hold less than to read it again.
        """
        body = data.find(_HEAD_END) + len(_HEAD_END)
        known = _known_heads.get(data[:body])
        if known is None:
            return None
        request, length = known
        end = body + length
        if len(data) < end:
            return None
        self.requests.append(replace(request, body=data[body:end]))
        return data[end:].lstrip(b"\r\n")

    @property
    def is_head(self) -> bool:
        """Whether the request being read is one that is answered without a body."""
        return bool(self._target) and self._llhttp.get_method() == b"HEAD"

    def close(self) -> None:
        """Let go of llhttp, which refers back here."""
        del self._llhttp

    # What llhttp calls

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are passed over."""
        if not self._head_is_read:
            self._headers.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        """Note that the head was read."""
        if not self._head_is_read:
            self._head_is_read = True
            self._keep_alive = self._llhttp.should_keep_alive()  # llhttp forgets it at the end of the request

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Note that the request was read."""
        self._is_complete = True

    # The parts of a request

    def _parse(self, data: bytes) -> None:
        try:
            self._llhttp.feed_data(data)
        except HttpParserError as error:
            raise BadRequest(400, f"The request is not HTTP: {error}.") from None

    def _feed_head(self, data: bytes) -> bytes:
        head, rest = self._until_head_end(data)
        self._head.append(head)
        self._head_bytes += len(head)
        try:
            self._parse(head)
        except HttpParserUpgrade:
            self._ignore_upgrade()
        if len(self._target) > LONGEST_REQUEST_LINE:
            raise BadRequest(414, f"The request line is longer than {LONGEST_REQUEST_LINE} bytes.")
        if self._head_bytes > LONGEST_HEADER:
            self._check_sizes()
        if self._head_is_read:
            self._take_head()
        return rest

    def _until_head_end(self, data: bytes) -> tuple[bytes, bytes]:
        """Split before what follows the empty line that ends a head, or the trailers."""
        searched = self._tail + data
        found = searched.find(_HEAD_END)
        if found < 0:
            self._tail = searched[-3:]
            return data, b""
        end = found + len(_HEAD_END) - len(self._tail)
        self._tail = b""
        return data[:end], data[end:]

    def _check_sizes(self) -> None:
        too_many = len(self._headers) > MOST_HEADERS or self._head_bytes > _LONGEST_HEAD
        if too_many or any(len(name) + len(value) + 4 > LONGEST_HEADER for name, value in self._headers):
            raise BadRequest(
                431, f"At most {MOST_HEADERS} headers of {LONGEST_HEADER} bytes each are read; these are more."
            )

    def _take_head(self) -> None:
        """Check a head that was read, and learn from it where the request ends. Raises BadRequest."""
        method, target, headers = self._llhttp.get_method().decode("ascii"), self._target, self._headers
        if len(method) + len(target) + len("  HTTP/1.1") > LONGEST_REQUEST_LINE:
            raise BadRequest(414, f"The request line is longer than {LONGEST_REQUEST_LINE} bytes.")
        if len(headers) > MOST_HEADERS:
            self._check_sizes()
        fields = joined(headers)
        version = self._llhttp.get_http_version()
        _check_head(method, target, version, headers, fields)
        self._request = request = Request(
            method, target, headers, fields, b"".join(self._head), version=version, keep_alive=self._keep_alive
        )
        self._is_chunked = b"transfer-encoding" in fields
        declared = fields.get(b"content-length")
        if declared is not None:
            self._body_left = int(declared)
        if self._is_chunked or self._body_left > BODY_LIMIT:
            self._limit = self._body_limit(request)
        if self._body_left > self._limit:
            self._cut(request)
            return
        if not self._is_complete:
            self.wants_continue = fields.get(b"expect", b"").lower() == b"100-continue"
        if self._keep_alive and not self._is_chunked and self._body_left <= BODY_LIMIT:
            _remember(request, self._body_left)

    def _ignore_upgrade(self) -> None:
        """Pass over an upgrade (RFC 9110, 7.8): llhttp would take the body for another protocol."""
        if self._llhttp.get_method() == b"CONNECT":
            raise BadRequest(400, "mockpos is no proxy: it does not CONNECT.")
        again = HttpRequestParser(self)
        framing = [each for each in self._headers if each[0] in (b"content-length", b"transfer-encoding")]
        self._is_complete = False
        again.feed_data(
            b"%b / HTTP/1.1\r\n%b\r\n" % (self._llhttp.get_method(), b"".join(b"%b: %b\r\n" % each for each in framing))
        )
        self._target = self._target[:-1]  # llhttp told of that line's target too
        self._llhttp = again

    def _feed_chunked(self, data: bytes) -> bytes:
        """Feed a part of a chunked body: a chunk's line, a piece of a chunk, or the trailers."""
        if self._in_trailer:
            part, data = self._until_head_end(data)
            self._head_bytes += len(part)
            self._parse(part)
            if self._head_bytes > _LONGEST_HEAD:
                raise BadRequest(431, "The trailers are too long.")
        elif self._body_left:
            part, data = data[: self._body_left], data[self._body_left :]
            self._body_left -= len(part)
            self._parse(part)
        else:
            end = data.find(b"\n") + 1 or len(data)
            part, data = data[:end], data[end:]
            self._parse(part)
            self._chunk_line += part
            self._take_chunk_line()
        return data

    def _take_chunk_line(self) -> None:
        """Learn how long the next chunk is, once its line has been read."""
        line = self._chunk_line
        digits = line.partition(b";")[0].strip().lstrip(b"0")
        if len(digits) > _MOST_CHUNK_DIGITS or len(line) > _LONGEST_CHUNK_LINE:
            raise BadRequest(400, "The request is not HTTP: a chunk's size is too large.")
        if not line.endswith(b"\n"):
            return
        self._chunk_line = b""
        size = int(digits or b"0", 16)
        self._body_size += size
        if self._body_size > self._limit and self._request is not None:
            self._cut(self._request)
        elif size:
            self._body_left = size + 2
        else:
            self._in_trailer, self._tail = True, b"\r\n"

    def _cut(self, request: Request) -> None:
        """End with a request whose body is too large to be read."""
        self._body.clear()
        self.was_cut = True
        request.is_too_large = True
        request.keep_alive = False
        self._finish(request)

    def _finish(self, request: Request) -> None:
        request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self.requests.append(request)
        self.in_request = self.wants_continue = False
        self.has_ended = not request.keep_alive
        self._begin()


_known_heads: dict[bytes, tuple[Request, int]] = {}
"""Requests without their bodies by their heads as they came, and how long the bodies are."""

_MOST_KNOWN = 64
_LONGEST_KNOWN = 2048


def _remember(request: Request, length: int) -> None:
    if len(request.head) <= _LONGEST_KNOWN:
        if len(_known_heads) >= _MOST_KNOWN:
            _known_heads.clear()
        _known_heads[request.head] = replace(request), length


def _check_head(
    method: str, target: bytes, version: str, headers: RawHeaders, fields: dict[bytes, bytes]
) -> None:  # fmt: skip
    """Refuse what llhttp takes and HTTP does not, or what is not understood here. Raises BadRequest."""
    if version not in ("1.1", "1.0"):
        raise BadRequest(400, f"HTTP/{version} is not spoken here, but HTTP/1.1.")
    if target[:1] != b"/" and (target, method) != (b"*", "OPTIONS"):
        scheme, _, rest = target.partition(b"://")
        authority = re.split(b"[/?#]", rest, maxsplit=1)[0]
        if scheme.lower() not in (b"http", b"https") or not authority or _HOST.fullmatch(authority) is None:
            raise BadRequest(400, "The target of a request begins with a slash, or names one host and no user.")
    host = fields.get(b"host")
    if host is None:
        if version == "1.1":
            raise BadRequest(400, "The header Host is missing, which HTTP/1.1 requires.")
    elif _HOST.fullmatch(host) is None or (len(fields) != len(headers) and _count(headers, b"host") > 1):
        raise BadRequest(400, "The header Host is none: it names one host.")
    coding = fields.get(b"transfer-encoding")
    if coding is not None and (coding.lower() != b"chunked" or version == "1.0"):
        raise BadRequest(400, "The only Transfer-Encoding that is understood is chunked, in HTTP/1.1.")


def _count(headers: RawHeaders, name: bytes) -> int:
    return sum(each == name for each, _ in headers)
