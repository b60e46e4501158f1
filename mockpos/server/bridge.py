"""The bridge from ASGI to WSGI: reads a request's body, runs the app in-line on the event loop, sends its answer.

A request that is there whole can be begun at once (``begin``), and most are over then. Otherwise, and for what waits,
the bridge is an ASGI app like any other.

A call that began runs to its end even when its client has left or leaves meanwhile: a commit is never cut in the
middle. (gunicorn would cancel it after ``asgi_disconnect_grace_period``; our protocol does not let it.) Only an
answer without a length, a stream, is ended when nobody reads it or the server stops.
It must not know what the app is about, nor how an error is worded.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

from mockpos.server.answer import Answer, Send, Whole
from mockpos.server.connection import WIRE, Connection
from mockpos.server.environ import build_environ, declared_length
from mockpos.server.outbox import Outbox
from mockpos.server.refusal import ErrorWriter, word
from mockpos.server.waiting import Carried

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

BEGUN = "mockpos.begun"  # where the scope has a call that was begun
BODY_LIMIT = 64 * 1024

RawHeaders = Iterable[tuple[bytes, bytes]]

BodyLimit = Callable[[str, str, RawHeaders], int]
"""Tells how large a body may be, by method and path. Asked only about bodies that are not known to be small."""


LooksBack = Callable[[str], bool]
"""Tells by a call's path whether it is about other calls, or may take long: those before it are over when it begins."""


def never(path: str) -> bool:
    """Tell that no call is about others."""
    return False


def small_bodies(method: str, path: str, headers: RawHeaders) -> int:
    """Allow ``BODY_LIMIT`` everywhere."""
    return BODY_LIMIT


_log = logging.getLogger("mockpos.server")


class WsgiBridge:
    """An ASGI 3 app around a WSGI callable.

    A body of more bytes than ``body_limit`` allows is not collected: the app is called with what was read
    (nothing, when Content-Length told beforehand) and ``environ["mockpos.body_too_large"]`` is True; the connection
    is closed after the answer, in a way that lets a client which still sends read it.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        error_writer: ErrorWriter,
        body_limit: BodyLimit = small_bodies,
        looks_back: LooksBack = never,
    ) -> None:
        self._app = app
        self.outbox = Outbox()
        self._looks_back = looks_back
        self._error_writer = error_writer
        self._body_limit = body_limit

    def begin(self, scope: Scope, body: bytes, *, too_large: bool = False) -> "Begun":
        """Call the app with a whole request. ``finish`` the call when it has not ended with a whole answer."""
        environ = build_environ(scope, body)
        if self._looks_back(environ["PATH_INFO"]):
            self.outbox.send()
        wire = scope.get(WIRE)
        connection = Connection(wire) if wire is not None else None
        if connection is not None:
            environ["mockpos.connection"] = connection
        if too_large:
            environ["mockpos.body_too_large"] = True
        return Begun(Answer(self._app, environ, connection, close=too_large), self._error_writer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or go on with one that was begun (ASGI 3)."""
        if scope["type"] != "http":
            raise NotImplementedError(f"mockpos serves HTTP, not {scope['type']}")
        begun: Begun | None = scope.get(BEGUN)
        if begun is None:
            received = await self._read_body(scope, receive)
            if received is None:
                return  # the client left in the middle of its request: there is nothing to carry out
            body, too_large = received
            begun = self.begin(scope, body, too_large=too_large)
        await begun.finish(send)

    async def _read_body(self, scope: Scope, receive: Receive) -> tuple[bytes, bool] | None:
        """Return the body and whether it was too large, or None when it did not arrive whole."""
        declared = declared_length(scope["headers"])
        limit = BODY_LIMIT
        if declared is None or declared > limit:
            limit = self._body_limit(scope["method"], scope["path"], scope["headers"])
        if declared is not None and declared > limit:
            return b"", True  # not asked for: a client that expects 100-continue need not even send it
        message = await receive()
        if message["type"] != "http.request":
            return None
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return body, len(body) > limit
        chunks, size = [body], len(body)
        while size <= limit:
            message = await receive()
            if message["type"] != "http.request":
                return None
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if not message.get("more_body"):
                break
        return b"".join(chunks)[: limit + 1], size > limit


class Begun:
    """A call of the app that has run until it ended or waits for the first time."""

    __slots__ = ("_answer", "_carried", "_error_writer")

    def __init__(self, answer: Answer, error_writer: ErrorWriter) -> None:
        self._answer = answer
        self._error_writer = error_writer
        self._carried = Carried(answer.run)

    def whole(self) -> Whole | None:
        """Return its answer when it is over and nothing else than sending that is left to do, and closing."""
        return self._answer.whole() if self._carried.has_ended else None

    def close(self) -> None:
        """Tell the app that its whole answer was sent."""
        self._answer.note_sent()
        try:
            self._carried.outcome()
            self._answer.close()
        except (Exception, SystemExit):
            self._fail()
            self._answer.abort()

    async def finish(self, send: Send) -> None:
        """Wait until the call is over, send its answer, and tell the app."""
        answer = self._answer
        answer.send_by(send)
        try:
            try:
                await self._carried.finish()
                self._carried.outcome()
                await answer.deliver()
            finally:
                answer.close()
        except (Exception, SystemExit):  # a view may end its call, not the server
            self._fail()
            if not answer.abort():
                await self._answer_failure(send)
        answer.end_fault()

    def _fail(self) -> None:
        _log.exception("the app failed on %s", self._answer.asked)

    async def _answer_failure(self, send: Send) -> None:
        status, headers, body = word(self._error_writer, 500, "The server failed; the outcome is unknown.")
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        sent += [(b"server", b"mockpos"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": b"" if self._answer.is_for_head else body})
