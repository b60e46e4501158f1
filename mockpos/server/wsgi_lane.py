"""Runs a plain WSGI application for requests that have no quicker way (PEP 3333).

It knows nothing of what the application does.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mockpos.server.request import Reply, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REQUEST = "mockpos.request"
"""Where the environ has the request as our server read it."""

BODY_TOO_LARGE = "mockpos.body_too_large"
"""Is in the environ of a request whose body was longer than allowed and was not read."""

_WHOLE = 1 << 20  # bytes: a longer answer is sent in pieces as they come
_BODILESS = (204, 304)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class WsgiLane:
    """A handler of requests around a WSGI application.

    Headers whose names have underscores are left out, as nginx and gunicorn do: in an environ they could not be told
    from those with hyphens. ``kept_name`` is one that is meant: the key header of a contract.
    """

    def __init__(self, app: "WSGIApplication", kept_name: bytes = b"") -> None:
        self._app = app
        self._kept_name = kept_name.lower()

    def __call__(self, request: Request) -> Reply:
        """Answer one request."""
        started = _Started()
        chunks = self._app(build_environ(request, self._kept_name), started.start_response)
        close = getattr(chunks, "close", None)
        try:
            return started.reply(request.method, chunks, close)
        except BaseException:
            if close is not None:
                close()
            raise


class _Started:
    """What an application said by ``start_response``."""

    def __init__(self) -> None:
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._written: list[bytes] = []

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], object]:
        """Note status and headers; they are sent when the application has returned."""
        self._status, self._headers = int(status[:3]), headers
        return self._written.append

    def reply(self, method: str, chunks: Iterable[bytes], close: Callable[[], object] | None) -> Reply:
        """Return the answer: whole where its length is known and small, else as it comes."""
        pieces = iter(chunks)
        first = next(pieces, b"")  # an application may start its response only now
        if not self._status:
            raise RuntimeError("the application answered without calling start_response")
        length = next((int(value) for name, value in self._headers if name.lower() == "content-length"), None)
        begun = b"".join([*self._written, first])
        if length is None or length > _WHOLE:
            return Reply(self._status, self._headers, _counted(begun, pieces, length), close)
        body = begun + b"".join(pieces)
        if len(body) < length and method != "HEAD" and self._status not in _BODILESS:
            raise RuntimeError(f"the application announced {length - len(body)} bytes more than it sent")
        return Reply(self._status, self._headers, body[:length], close)


def _counted(begun: bytes, pieces: Iterator[bytes], length: int | None) -> Iterator[bytes]:
    """Yield the pieces of a body, no more than was announced. Raises RuntimeError where there is less."""
    left = length
    piece: bytes | None = begun
    while piece is not None:
        if left is not None:
            piece = piece[:left]
            left -= len(piece)
        yield piece
        piece = next(pieces, None) if left != 0 else None
    if left:
        raise RuntimeError(f"the application announced {left} bytes more than it sent")


# What every request shares. Calls take turns on one thread but overlap where they wait: hence multithread.
_FIXED: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
_OTHERWISE_SAID = (b"content-type", b"content-length", b"transfer-encoding")


def build_environ(request: Request, kept_name: bytes = b"") -> dict[str, Any]:
    """Return the WSGI environ of a request."""
    raw_path, _, raw_query = request.target.partition(b"?")
    environ = _FIXED.copy()
    environ["REQUEST_METHOD"] = request.method
    environ["QUERY_STRING"] = raw_query.decode("latin-1")
    environ["RAW_URI"] = environ["REQUEST_URI"] = request.target.decode("latin-1")
    environ["SERVER_PROTOCOL"] = f"HTTP/{request.version}"
    environ["wsgi.input"] = BytesIO(request.body)
    environ["wsgi.errors"] = sys.stderr
    environ[REQUEST] = request
    if request.is_too_large:
        environ[BODY_TOO_LARGE] = True
    _add_addresses(environ, request)
    _add_headers(environ, request, kept_name)
    if raw_path[:1] != b"/" and b"://" in raw_path:  # a client of a proxy names the host (RFC 9112, 3.2.2)
        authority, slash, path = raw_path.partition(b"://")[2].partition(b"/")
        raw_path = slash + path or b"/"
        environ["HTTP_HOST"] = authority.decode("latin-1")
    environ["PATH_INFO"] = unquote_to_bytes(raw_path).decode("latin-1")
    return environ


def _add_addresses(environ: dict[str, Any], request: Request) -> None:
    """Say who calls and who is called. A Unix socket has neither: then as if it were this machine."""
    server, client = request.connection.addresses if request.connection is not None else (None, None)
    host, port = server[:2] if isinstance(server, tuple) else ("localhost", 80)
    environ["SERVER_NAME"], environ["SERVER_PORT"] = host, str(port)
    environ["REMOTE_ADDR"] = ""
    if isinstance(client, tuple):
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])


def _add_headers(environ: dict[str, Any], request: Request, kept_name: bytes) -> None:
    """Add each header. The body has been unframed here: its real length is stated."""
    fields = request.fields
    for name, value in fields.items():
        if name not in _OTHERWISE_SAID and (b"_" not in name or name == kept_name):
            environ["HTTP_" + name.decode("latin-1").upper().replace("-", "_")] = value.decode("latin-1")
    if b"content-type" in fields:
        environ["CONTENT_TYPE"] = fields[b"content-type"].decode("latin-1")
    if request.body or b"content-length" in fields or b"transfer-encoding" in fields:
        environ["CONTENT_LENGTH"] = str(len(request.body))
