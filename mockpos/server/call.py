"""One request that is being served: its handler's greenlet, and its answer on the way to the client.

A call that began runs to its end even when its client has left or leaves meanwhile: a commit is never cut in the
middle. Only an answer in pieces is ended when nobody reads it or, without a length, when the server stops.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from mockpos.server.application import word
from mockpos.server.faults import Connection
from mockpos.server.greenlets import GreenletCall, await_, pause
from mockpos.server.request import Reply, Request, head_of

if TYPE_CHECKING:
    from mockpos.server.protocol import HttpProtocol

_log = logging.getLogger("mockpos.server")
_BODILESS = frozenset({204, 304})
_LARGE = 128 * 1024
"""Bytes of an answer beyond which it is sent in pieces: handing megabytes to the system keeps others waiting."""


class InFlightCall(Struct, eq=False):
    """One call of one connection, which answers it before it begins the next.

    ``unsent`` are the bytes of an answer in pieces that are still to be written.
    """

    _protocol: "HttpProtocol"
    _request: Request
    _connection: Connection
    _greenlet: GreenletCall | None = None
    _reply: Reply | None = None
    _has_begun: bool = False  # bytes of the answer were sent
    is_stream: bool = False
    unsent: int = 0
    task: asyncio.Task[None] | None = None

    def begin(self) -> bool:
        """Run until the call ends or waits for the first time; return whether it has ended."""
        greenlet = self._greenlet = GreenletCall(self._run)
        if greenlet.has_ended:
            return True
        self.task = self._protocol.server.loop.create_task(self._go_on(greenlet))
        return False

    def end_stream(self) -> None:
        """Cut a stream short: nobody reads it, or the server stops."""
        if self.is_stream and self.task is not None:
            self.task.cancel()

    async def _go_on(self, greenlet: GreenletCall) -> None:
        try:
            await greenlet.finish()
        finally:
            self.answer()
            self.end()

    def _run(self) -> None:
        """Run the handler, in the call's greenlet; an answer in pieces is sent here too, for its source may wait."""
        reply = self._reply = self._protocol.server.application.handle(self._request)
        if not isinstance(reply.body, bytes):
            self._send_pieces(reply, reply.body)
        elif len(reply.body) > _LARGE:
            self._send_pieces(reply, [reply.body])

    def answer(self) -> None:
        """Send a whole answer, or see to what went wrong."""
        try:
            if self._greenlet is not None:
                self._greenlet.outcome()
            reply = self._reply
            if reply is not None and isinstance(reply.body, bytes) and not self._has_begun:
                self._send_whole(reply)
        except asyncio.CancelledError:  # a stop gave up on it
            self._protocol.abort()
        except (Exception, SystemExit):  # a handler may end its call, not the server
            _log.exception("the application failed on %s %s", self._request.method, printable(self._request.target))
            self._answer_failure()
        if self._connection.taken:
            self._protocol.close()

    def end(self) -> None:
        """Tell the handler that its answer is over, and let the connection go on."""
        self._tell_sent()
        self._protocol.call_ended()

    def _tell_sent(self) -> None:
        reply = self._reply
        if reply is None or reply.when_sent is None:
            return
        tell, reply.when_sent = reply.when_sent, None
        try:
            tell()
        except Exception:
            _log.exception("the application failed after its answer to %s", printable(self._request.target))

    def _send_whole(self, reply: Reply) -> None:
        if self._connection.taken:
            return
        assert isinstance(reply.body, bytes)
        head = head_of(reply, is_last=self._ending(), version=self._request.version)
        self._has_begun = True
        self._protocol.write(head if self._is_bodiless(reply) else head + reply.body)

    def _answer_failure(self) -> None:
        """Say that the application failed, unless a part of its answer was sent: nobody must take that for whole."""
        if self._has_begun or self._connection.taken:
            self._protocol.abort()
            return
        writer = self._protocol.server.application.error_writer
        self._send_whole(word(writer, 500, "The server failed; the outcome is unknown."))

    def _is_bodiless(self, reply: Reply) -> bool:
        return self._request.method == "HEAD" or reply.status in _BODILESS

    def _ending(self) -> bool:
        """Tell whether the connection ends with this answer, and have it end."""
        protocol = self._protocol
        if not self._request.keep_alive or protocol.stopping:
            protocol.is_last = True
        return protocol.is_last

    # An answer in pieces

    def _send_pieces(self, reply: Reply, pieces: Iterable[bytes]) -> None:
        length = next((value for name, value in reply.headers if name.lower() == "content-length"), None)
        has_length = length is not None
        self.unsent = int(length or 0)
        self.is_stream = not has_length
        try:
            if self._is_bodiless(reply):
                self._begin_pieces(reply, is_chunked=False)
                return
            is_chunked = not has_length and self._request.version == "1.1"
            if not (has_length or is_chunked):
                self._protocol.is_last = True  # only the connection's end ends the answer
            self._send_each(reply, pieces, is_chunked)
        finally:
            self.is_stream, self.unsent = False, 0
            self._tell_sent()

    def _send_each(self, reply: Reply, pieces: Iterable[bytes], is_chunked: bool) -> None:
        protocol = self._protocol
        self._begin_pieces(reply, is_chunked=is_chunked)
        try:
            for piece in _in_parts(pieces):
                if self._connection.taken:
                    return
                self.unsent = max(0, self.unsent - len(piece))
                protocol.write(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)
                if protocol.is_lost or (self.is_stream and (protocol.peer_left or protocol.stopping)):
                    break
                self._let_others()
        except asyncio.CancelledError:
            if not self.is_stream or not (protocol.peer_left or protocol.stopping):
                raise  # the server gives up on this call; it was not for the stream alone
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
        if is_chunked:
            protocol.write(b"0\r\n\r\n")

    def _begin_pieces(self, reply: Reply, *, is_chunked: bool) -> None:
        if not self._connection.taken:
            head = head_of(reply, is_last=self._ending(), version=self._request.version, is_chunked=is_chunked)
            self._has_begun = True
            self._protocol.write(head)

    def _let_others(self) -> None:
        """Let other calls take a turn, and the client read what it was sent: a source must not run ahead of it."""
        drained = self._protocol.drained()
        if drained is None:
            pause(0)
        else:
            await_(drained)


def _in_parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut large pieces, so that little of an answer waits twice: in its source and for its client to read."""
    for piece in pieces:
        for start in range(0, len(piece), _LARGE):
            yield piece[start : start + _LARGE]


def printable(target: bytes) -> str:
    """Return a target for a line of the log."""
    return ascii(target[:200])[2:-1]
