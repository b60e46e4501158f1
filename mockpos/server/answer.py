"""One call of the WSGI app: runs it, and sends what it answers over ASGI: whole, or piece by piece.

It must not know where the request came from, nor read its body.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mockpos.server.connection import Connection
from mockpos.server.waiting import await_, pause

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Whole = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers as they are sent, and body."""

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

_NAMES: dict[str, bytes] = {}  # header names as they are sent; apps use few
_SERVER = (b"server", b"mockpos")
_CLOSE = (b"connection", b"close")


class Answer:
    """The app's answer to one request, on its way to the client.

    An answer whose length is known is collected in the call's greenlet (``run``) and sent by who carries it
    (``deliver``): the usual call never hands anything over. One without a length, a stream, is sent by ``run``.
    """

    __slots__ = (
        "_app", "_body", "_chunks", "_close", "_connection", "_environ", "_headers", "_left", "_send", "_started",
        "_status",
    )  # fmt: skip

    def __init__(
        self,
        app: "WSGIApplication",
        environ: dict[str, Any],
        connection: Connection | None,
        *,
        close: bool,
    ) -> None:
        self._app = app
        self._environ = environ
        self._send: Send | None = None
        self._connection = connection
        self._close = close
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._left: int | None = None  # bytes still to come, when the app said how many there are
        self._chunks: Iterable[bytes] = ()
        self._body: bytes | None = None  # all of it, when the app said how long it is
        self._started = False

    @property
    def asked(self) -> str:
        """Return the request's method and path, for the log."""
        return f"{self._environ['REQUEST_METHOD']} {self._environ['PATH_INFO']}"

    @property
    def is_for_head(self) -> bool:
        """Whether the client wants no body."""
        return bool(self._environ["REQUEST_METHOD"] == "HEAD")

    def send_by(self, send: Send) -> None:
        """Send by this from now on. Until then ``run`` waits when it has something to send."""
        self._send = send

    def run(self) -> None:
        """Call the app, and collect its answer or stream it."""
        self._chunks = chunks = self._app(self._environ, self._start_response)
        if self._left is not None and not self._started:
            self._body = b"".join(chunks)
            return
        try:
            self._forward(chunks)
        finally:
            if self._connection is not None:
                self._connection.end_stream()

    def whole(self) -> Whole | None:
        """Return what ``run`` collected, when it is as usual: as long as was said, and not for a HEAD request."""
        body = self._body
        if body is None or len(body) != self._left or self._taken() or self._bodiless():
            return None
        return self._status, self._headers, body

    async def deliver(self) -> None:
        """Send what ``run`` collected."""
        body, send = self._body, self._send
        if body is None or send is None or self._taken():
            return
        left = self._left or 0
        if len(body) < left and not self._bodiless():
            raise RuntimeError(f"the app announced {left - len(body)} bytes more than it sent")
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        self.note_sent()
        await send({"type": "http.response.body", "body": b"" if self._bodiless() else body[:left]})

    def note_sent(self) -> None:
        """Note that bytes of it were sent: there is no way back."""
        self._started = True
        if self._connection is not None:
            self._connection.begin_answer(close=self._close)

    def abort(self) -> bool:
        """End the connection, so that nobody takes for whole what was begun; return whether it was ended."""
        connection = self._connection
        if connection is not None and (self._started or connection.taken):
            connection.close_silently()
            return True
        return self._started

    def end_fault(self) -> None:
        """Close the connection after a fault on it."""
        if self._connection is not None and self._connection.taken:
            self._connection.close_silently()

    def close(self) -> None:
        """Tell the app that its answer is over, sent or not (PEP 3333)."""
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()

    def _forward(self, chunks: Iterable[bytes]) -> None:
        """Send each chunk when it is there; then the end, unless the length said where it is."""
        try:
            if self._status and self._left is None:
                self._begin_stream()
            for chunk in chunks:
                if chunk:
                    self._write(chunk)
                    if self._stream_ended():
                        break
        except asyncio.CancelledError:
            if not self._stream_ended():
                raise  # the server gives up on this call; it was not for the stream alone
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
        self._finish()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], object]:
        """WSGI's start_response: note status and headers; they are sent with the first bytes."""
        if exc_info is not None and self._started:
            raise exc_info[1].with_traceback(exc_info[2]) if exc_info[1] else RuntimeError("too late for an error")
        self._status = int(status[:3])
        self._left = None
        self._headers = converted = [_SERVER, _CLOSE] if self._close else [_SERVER]
        for name, value in headers:
            sent_name = _NAMES.get(name) or _sent_name(name)
            if sent_name == b"content-length":
                self._left = int(value)
            elif sent_name == b"server":
                converted.remove(_SERVER)
            converted.append((sent_name, value.encode("latin-1")))
        return self._write

    def _write(self, chunk: bytes) -> None:
        """Send some bytes of the body. In a stream, others take a turn after each."""
        if self._taken() or self._bodiless():
            return
        if self._left is not None:
            if self._left <= 0:
                return  # more than was announced: it would be read as the next answer
            self._left -= len(chunk)
        self._send_start()
        self._emit({"type": "http.response.body", "body": chunk, "more_body": self._left is None or self._left > 0})
        if self._left is None:
            self._begin_stream()
            pause(0)

    def _finish(self) -> None:
        """Send the end of the body where its length did not."""
        if self._taken() or (self._started and self._left == 0):
            return
        if self._left and not self._bodiless():
            raise RuntimeError(f"the app announced {self._left} bytes more than it sent")
        self._send_start()
        self._emit({"type": "http.response.body", "body": b""})

    def _send_start(self) -> None:
        """Send status and headers, once."""
        if self._started:
            return
        if not self._status:
            raise RuntimeError("the app answered without calling start_response")
        if self._left is None and self._environ["SERVER_PROTOCOL"] == "HTTP/1.0" and not self._close:
            self._close = True  # no chunks in HTTP/1.0: only the connection's end ends the answer
            self._headers.append(_CLOSE)
        self._emit({"type": "http.response.start", "status": self._status, "headers": self._headers})
        self.note_sent()

    def _emit(self, message: MutableMapping[str, Any]) -> None:
        """Send one message from the call's greenlet."""
        await_(self._sender()(message))

    def _sender(self) -> Send:
        """Return the way to the client: the task that goes on with this call brings it."""
        if self._send is None:
            await_(_next_turn())
            assert self._send is not None
        return self._send

    def _begin_stream(self) -> None:
        if self._connection is not None and not self._bodiless():
            self._sender()  # the task to cancel is the one that sends
            self._connection.begin_stream()

    def _stream_ended(self) -> bool:
        """Whether this is an answer without a length that nobody reads, or that a stop must end."""
        return self._left is None and self._connection is not None and self._connection.ended()

    def _taken(self) -> bool:
        return self._connection is not None and self._connection.taken

    def _bodiless(self) -> bool:
        return self.is_for_head or self._status in (204, 304)


async def _next_turn() -> None:
    """Be awaited."""


def _sent_name(name: str) -> bytes:
    """Return a header's name in bytes and lower case, and remember it while there is room."""
    sent = name.lower().encode("latin-1")
    if len(_NAMES) < 256:
        _NAMES[name] = sent
    return sent
