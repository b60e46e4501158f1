"""What surrounds every request that goes through Flask: its exchange, the sandbox its path names, its end.

WSGI middleware, because a call is over only when its answer was sent. It must not know what the calls are about.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.exceptions import NotFound

from mockpos.domain.errors import MockMisuse, OutcomeUnknown
from mockpos.sandboxes.registry import Sandboxes
from mockpos.server.request import Reply, Request, request_with
from mockpos.server.wsgi_lane import BODY_TOO_LARGE, REQUEST
from mockpos.web.exchange import EXCHANGE, Exchange, Exchanges, current_exchange

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/s/"


class WrongSlash(NotFound):
    """A path that werkzeug would take for one with plain single slashes. ``description`` says what is wrong with it."""


class RequestMiddleware:
    """Begins and ends the exchanges of one Flask application.

    Under a server that is not ours it also reads the body, no further than it was announced (PEP 3333).
    """

    def __init__(
        self, app: flask.Flask, exchanges: Exchanges, sandboxes: Sandboxes, body_limit: Callable[[Request], int]
    ) -> None:
        self._app: WSGIApplication = app.wsgi_app
        self._exchanges = exchanges
        self._sandboxes = sandboxes
        self._body_limit = body_limit
        app.before_request(self._check_path)
        app.after_request(self._answered)
        app.wsgi_app = self  # type: ignore[method-assign]  # Flask's own way to add middleware

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one call. Its end is the ``close`` of what is returned (PEP 3333)."""
        request = environ.get(REQUEST)
        environ.pop("HTTP_UPGRADE", None)  # passed over (RFC 9110, 7.8); werkzeug would take it for another protocol
        if request is None:
            self._sandboxes.default.store.is_here()  # a look at the process: this server may have forked it
            request = request_of(environ, self._body_limit)
        exchange = environ[EXCHANGE] = self._exchanges.begin(request)
        if environ["PATH_INFO"].startswith(_PREFIX):
            exchange.path_sandbox = _take_prefix_off(environ)
        try:
            chunks = self._app(environ, start_response)
            return _Ending(chunks, self._exchanges.wait_for_disk, lambda: self._exchanges.ended(exchange))
        except BaseException:
            self._exchanges.ended(exchange)
            raise

    def _check_path(self) -> None:
        """Raise for a path that werkzeug would take for another one, or that names no sandbox."""
        if flask.request.environ["PATH_INFO"].startswith("//"):
            raise WrongSlash("it begins with more than one slash")
        if _has_encoded_slash(current_exchange().request.target):
            raise WrongSlash("an escaped slash (%2F) is a part of a name and separates nothing")
        name = current_exchange().path_sandbox
        if name is not None and self._sandboxes.get(name) is None:
            raise MockMisuse("mock_unknown_sandbox", f"There is no sandbox called {name[:80]!r}.")

    def _answered(self, response: flask.Response) -> flask.Response:
        """Finish a response before it is sent, or return what takes its place."""
        exchange = current_exchange()
        before = Reply(response.status_code, list(response.headers), _body_of(response, exchange))
        headers = len(before.headers)
        reply = self._exchanges.answered(exchange, before)
        if reply is not before:
            response.close()
            return flask.Response(reply.body, reply.status, reply.headers)
        response.headers.extend(reply.headers[headers:])
        return response


class _Ending:
    """The chunks of an answer, what they wait for, and what to do when they were sent."""

    __slots__ = ("_chunks", "_ended", "_wait_for_disk")

    def __init__(
        self, chunks: Iterable[bytes], wait_for_disk: Callable[[None], None], ended: Callable[[], None]
    ) -> None:
        self._chunks = chunks
        self._wait_for_disk = wait_for_disk
        self._ended = ended

    def __iter__(self) -> Iterator[bytes]:
        """Iterate. A stream tells of commits that came after its head, so each chunk waits for the disk too."""
        for chunk in self._chunks:
            with suppress(OutcomeUnknown):  # who looks sees what is in memory, as with a whole answer
                self._wait_for_disk(None)
            yield chunk

    def close(self) -> None:
        """End the call."""
        try:
            close = getattr(self._chunks, "close", None)
            if close is not None:
                close()
        finally:
            self._ended()


def request_of(environ: dict[str, Any], body_limit: Callable[[Request], int]) -> Request:
    """Return the request of an environ that another server made, with its body read."""
    headers = [
        (name[5:].replace("_", "-").lower().encode("latin-1"), value.encode("latin-1", "backslashreplace"))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers.append(
                (name.replace("_", "-").lower().encode(), environ[name].encode("latin-1", "backslashreplace"))
            )
    request = request_with(environ["REQUEST_METHOD"], _target(environ), headers)
    request.peer = environ.get("REMOTE_ADDR") or ""
    limit = body_limit(request)
    body = _read_body(environ, limit)
    if body is None:
        request.is_too_large = environ[BODY_TOO_LARGE] = True
    else:
        request.body = body
    environ["wsgi.input"] = BytesIO(request.body)
    return request


def _target(environ: dict[str, Any]) -> bytes:
    raw: str | None = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not raw:
        query = environ.get("QUERY_STRING", "")
        raw = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") + (f"?{query}" if query else "")
    return raw.encode("latin-1", "replace")


def _read_body(environ: dict[str, Any], limit: int) -> bytes | None:
    """Read a body no further than announced: some servers' streams have no end. None when it is longer than allowed."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced.isdecimal():
        return bytes(environ["wsgi.input"].read(int(announced))) if int(announced) <= limit else None
    if environ.get("wsgi.input_terminated"):
        body = bytes(environ["wsgi.input"].read(limit + 1))
        return body if len(body) <= limit else None
    return b""


def _take_prefix_off(environ: "WSGIEnvironment") -> str:
    """Take ``/s/NAME`` off the path, for clients that can change only their base URL; return the name."""
    name, slash, rest = environ["PATH_INFO"][len(_PREFIX) :].partition("/")
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + _PREFIX + name
    environ["PATH_INFO"] = slash + rest or "/"
    return str(name)


def _has_encoded_slash(target: bytes) -> bool:
    return b"%2" in target and b"%2f" in target.partition(b"?")[0].lower()


def _body_of(response: flask.Response, exchange: Exchange) -> bytes:
    """Return what is recorded of a body: nothing of a page's, nor of a stream."""
    return b"" if exchange.sandbox is None or response.is_streamed else response.get_data()
