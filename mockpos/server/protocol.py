"""One client's connection: reads requests, serves them one after another, and closes so that no answer is lost.

A connection whose client may still be sending is closed only after that was read and thrown away: a reset would take
the answer with it. A half-closed client still gets its answers. No WebSocket, no HTTP/2. It must not know the
application, nor how an error is worded.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from mockpos.server.application import word
from mockpos.server.call import InFlightCall
from mockpos.server.faults import Connection
from mockpos.server.parser import BadRequest, RequestParser
from mockpos.server.request import Request, head_of

if TYPE_CHECKING:
    from mockpos.server.worker import Worker

IDLE_SECONDS = 75.0  # how long a connection is kept between two requests
REQUEST_SECONDS = 30.0  # from a request's first byte (or the connection) to its last
UNREAD_SECONDS = 30.0  # how long a client may read nothing of an answer
DRAIN_SECONDS = 5.0
_DRAIN_AT_STOP_SECONDS = 1.0
DRAIN_BYTES = 16 * 1024 * 1024
_BLOCK = 8192  # bytes that are parsed at once: a crowd of small requests is large once parsed, and keeps others waiting


class HttpProtocol(asyncio.Protocol):
    """Serves one connection."""

    transport: asyncio.Transport

    def __init__(self, server: "Worker") -> None:
        self.server = server
        self.peer_left = False  # it closed its sending side, or the connection broke
        self.is_lost = False
        self.stopping = False
        self.is_last = False  # the connection ends with the answer under way
        self._parser = RequestParser(self._limit_of)
        self._call: InFlightCall | None = None
        self._arrived = b""  # what was read and not parsed yet
        self._bad: BadRequest | None = None  # what came after the requests that are still to be answered
        self._closing = False
        self._may_send = False  # the client sends what nobody reads any more
        self._drain_left = 0
        self._drain_timer: asyncio.TimerHandle | None = None
        self._drained: asyncio.Future[None] | None = None  # there while the client reads more slowly than we write
        self._is_reading = True
        self._reading_since = server.loop.time()  # when a request began, or the connection; 0.0 while none is awaited
        self._idle_since = 0.0  # since when the next request is awaited
        self._unread = 0, 0.0  # bytes that wait to be sent, and since when they are as many

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start serving, unless there are too many connections already."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.protocols.add(self)
        if len(self.server.protocols) > self.server.most_connections:
            self._refuse(BadRequest(503, "Too many connections; nothing was done."))

    def data_received(self, data: bytes) -> None:
        """Read, or throw away what comes after the last answer."""
        if self._drain_left > 0:
            self._drain_left -= len(data)
            if self._drain_left <= 0:
                self.transport.abort()
            return
        parser = self._parser
        if self._closing or self._bad is not None or parser.has_ended:
            self._may_send = True
            return
        if not parser.in_request:
            self._reading_since = self.server.loop.time()
        self._idle_since = 0.0
        self._arrived += data
        if not parser.requests:
            self._parse()
        if self._call is None:
            self._serve()
        elif parser.requests or self._bad is not None:
            self._read(False)  # enough is known for now

    def _parse(self) -> None:
        """Parse what has arrived, until there is a request to serve."""
        parser, left = self._parser, self._arrived
        try:
            while left and not parser.requests and not parser.has_ended:
                block, left = left[:_BLOCK], left[_BLOCK:]
                parser.feed(block)
        except BadRequest as bad:
            self._bad = bad
        if parser.has_ended or self._bad is not None:
            self._may_send = self._may_send or bool(left)
            left = b""
        self._arrived = left
        if not parser.in_request:
            self._reading_since = 0.0

    def eof_received(self) -> bool:
        """Keep a client that only closed its sending side connected until it has its answers."""
        self.peer_left = True
        self._end_stream()
        if self._closing:
            return False
        if self._call is None:
            self._serve()
        return not self._closing

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everyone who waits for this."""
        self.peer_left = self.is_lost = self._closing = True
        if self._drain_timer is not None:
            self._drain_timer.cancel()
        self.server.protocols.discard(self)
        self.resume_writing()
        self._end_stream()
        self._parser.close()

    def pause_writing(self) -> None:
        """Note that the client reads more slowly than is written."""
        self._drained = self.server.loop.create_future()

    def resume_writing(self) -> None:
        """Let who waits for the client go on."""
        drained, self._drained = self._drained, None
        if drained is not None:
            if not drained.done():
                drained.set_result(None)
            if self._call is None and not self._closing:
                self._serve()

    def drained(self) -> asyncio.Future[None] | None:
        """Return what to wait for until the client has read enough, or None when it has."""
        return self._drained

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection is at its end."""
        if not self._closing:
            self.transport.write(data)

    def _limit_of(self, request: Request) -> int:
        """Return how large the body may be of a request whose head was read."""
        request.peer = Connection(self).peer
        return self.server.application.body_limit(request)

    # Serving

    def _serve(self) -> None:
        """Serve what has arrived: the next request, then what is to be done when there is none."""
        parser = self._parser
        while self._call is None and not self._closing and self._drained is None:
            if self._arrived and not parser.requests:
                self._parse()
            if parser.requests:
                request = parser.requests.popleft()
                connection = request.connection = Connection(self)
                call = self._call = InFlightCall(self, request, connection)
                if call.begin():
                    self.server.answer_soon(call)
                else:
                    self.server.calls.add(call)
            else:
                self._await_next()
                return

    def call_ended(self) -> None:
        """Go on after a call that was answered."""
        call, self._call = self._call, None
        assert call is not None
        self.server.calls.discard(call)
        if self.is_last:
            self._close_in_order()
        self._serve()

    def _await_next(self) -> None:
        """See to what is left when every request that arrived was answered."""
        parser = self._parser
        if self._bad is not None:
            self._refuse(self._bad)
        elif self.peer_left:
            if parser.in_request:
                self._refuse(BadRequest(400, "The request ended before it was complete."))
            else:
                self.close()
        elif self.stopping and not parser.in_request:
            self.close()
        else:
            if parser.wants_continue:
                parser.wants_continue = False
                self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if not parser.in_request:
                self._idle_since = self.server.loop.time()
            self._read(True)

    def _read(self, wanted: bool) -> None:
        """Read from the client, or let it wait."""
        if wanted is not self._is_reading and not self.transport.is_closing():
            self._is_reading = wanted
            if wanted:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def _end_stream(self) -> None:
        if self._call is not None:
            self._call.end_stream()

    @property
    def is_reading(self) -> bool:
        """Whether a part of a request was read, or a whole one that is not served yet."""
        return not self._closing and self._has_more

    @property
    def _has_more(self) -> bool:
        return self._parser.in_request or bool(self._parser.requests) or bool(self._arrived)

    @property
    def unsent(self) -> int:
        """How many bytes wait for the client to read."""
        waiting = self.transport.get_write_buffer_size()
        return waiting + self._call.unsent if self._call is not None else waiting

    # Giving up and closing

    def look(self, now: float) -> None:
        """Give up on a client that takes too long: to send a request, to send the next one, or to read an answer."""
        if 0.0 < self._idle_since < now - IDLE_SECONDS:
            self.close()
        self.give_up_reading(now - REQUEST_SECONDS)
        self.give_up_unread(now, UNREAD_SECONDS)

    def give_up_unread(self, now: float, seconds: float) -> bool:
        """Reset the connection when its client read nothing for so long of what waits for it; tell whether it did.

        Else the system would keep for a while what it has to send.
        """
        waiting = self.transport.get_write_buffer_size()
        if waiting != self._unread[0]:
            self._unread = waiting, now
        elif waiting and self._unread[1] < now - seconds:
            Connection(self).reset()
            return True
        return False

    def give_up_reading(self, since: float) -> None:
        """Close when the request being read, or the silence of a new connection, began before ``since``."""
        if not 0.0 < self._reading_since < since or self._closing or self._call is not None:
            return
        if self._parser.in_request:
            self._refuse(BadRequest(400, "The request took too long to arrive."))
        else:
            self.close()

    def stop(self) -> None:
        """Stop with the server: end streams, and close at once where no request is being read or served."""
        self.stopping = True
        self._end_stream()
        if self._call is None and not self._has_more:
            self.close()

    def _refuse(self, bad: BadRequest) -> None:
        """Send a refusal in the error writer's words, and close."""
        reply = word(self.server.application.error_writer, bad.status, bad.message)
        assert isinstance(reply.body, bytes)
        self.write(head_of(reply, is_last=True) + (b"" if self._parser.is_head else reply.body))
        self._bad = bad
        self._close_in_order()

    def _close_in_order(self) -> None:
        """Close; when the client may still be sending, first half-close and throw away what comes, for a while."""
        parser = self._parser
        may_send = self._may_send or self._bad is not None or parser.in_request or parser.was_cut
        if self._closing or self.peer_left or not may_send:
            self.close()
            return
        self._closing = True
        self._drain_left = DRAIN_BYTES
        seconds = _DRAIN_AT_STOP_SECONDS if self.stopping else DRAIN_SECONDS
        self._drain_timer = self.server.loop.call_later(seconds, self.transport.abort)
        with contextlib.suppress(OSError):  # it may be gone, and we not know yet
            self.transport.write_eof()
        self._read(True)

    def close(self) -> None:
        """Close when what was written has left."""
        if not self._closing:
            self._closing = True
            self.transport.close()

    def abort(self) -> None:
        """Close at once; what was not sent is lost."""
        self._closing = True
        self.transport.abort()
