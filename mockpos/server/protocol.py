"""One client's connection: gunicorn's HTTP/1.1 protocol, with our refusals, our way of closing, and who has left.

What it changes: a request that arrived whole, the usual case, is served where it was read, and its answer leaves with
those of the same turn (the detour over the connection's task costs 20 us of CPU, a tenth of a call); the task serves
what arrives in parts or was pipelined. gunicorn's own refusals are worded by the error writer; a connection whose
client may still be sending is closed only after that was read and thrown away, so that the answer is not lost to a
reset; a call is never cancelled because its client left; a half-closed client still gets its answer; no WebSocket, no
HTTP/2.
It must not know WSGI, the app, or how an error is worded.

The names with an underscore that are overridden or read here are gunicorn 27.0's (the dependency is pinned).
"""

import asyncio
import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from gunicorn.asgi import protocol as gunicorn_protocol
from gunicorn.asgi.protocol import ASGIProtocol

from mockpos.server import refusal
from mockpos.server.bridge import BEGUN, BODY_LIMIT, Begun
from mockpos.server.connection import WIRE
from mockpos.server.head import head_of

if TYPE_CHECKING:
    from mockpos.server.worker import MockposWorker

IDLE_SECONDS = 75.0  # how long a connection is kept between two requests
REQUEST_SECONDS = 30.0  # from a request's first byte (or the connection) to its last
DRAIN_SECONDS = 5.0
DRAIN_BYTES = 16 * 1024 * 1024

_NOBODY_WAITS = asyncio.Event()

# gunicorn notes which parser there is on the class that asks, and looks it up on its own: a subclass that asks first
# would never get the C parser.
ASGIProtocol._check_h1c_protocol_available()

# gunicorn knows few reason phrases and calls the others "Unknown"; a contract may choose any status.
for _status in HTTPStatus:
    gunicorn_protocol._REASON_PHRASES.setdefault(_status.value, _status.phrase)


class MockposProtocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn ships no types
    """Serves one connection. ``Connection`` sees it as a ``Wire``."""

    worker: "MockposWorker"
    transport: asyncio.Transport
    _closed: bool
    _body_receiver: Any
    _callback_parser: Any
    _current_request: Any
    _task: Any
    _request_ready: asyncio.Event
    _response_buffer: bytes | None

    def __init__(self, worker: "MockposWorker") -> None:
        super().__init__(worker)
        self.peer_left = False
        self.stopping = False
        self.answering = False  # bytes of an answer to the current request were sent
        self.close_after_answer = False
        self.stream: asyncio.Task[object] | None = None
        self._fed = False  # part of a request was read, and not all of it
        self._reading_since = worker.loop.time()  # when that began, or the connection; 0.0 while none is awaited
        self._idle_since = 0.0  # since when the next request is awaited; 0.0 before the first, and from its first byte
        self._begun: Begun | None = None  # a call that waits, for the task that goes on with it
        self._ready: tuple[Begun, bytes, bytes] | None = None  # a call that is over, with the answer that is to be sent
        self._tasks = 0  # that serve this connection and have not ended
        self._is_at_it = False  # the current request is served, or was, without the connection's task
        self._refused = False
        self._drain_left = 0
        self._drain_timer: asyncio.TimerHandle | None = None

    # The connection's life

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start serving, unless there are too many connections already."""
        super().connection_made(transport)
        self.worker.protocols.add(self)
        self._keep(self._task)
        if len(self.worker.protocols) > self.worker.worker_connections:
            self._send_error_response(503, "Too many connections; nothing was done.")
            self._close_transport()

    def _keep(self, task: asyncio.Task[object]) -> None:
        """Let a stop wait for a task of this connection."""
        self._tasks += 1
        self.worker.tasks[task] = self
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[object]) -> None:
        del self.worker.tasks[task]
        self._tasks -= 1
        self._untie()

    def _untie(self) -> None:
        """Let go of what leads back here once the connection and its calls are over.

        What only the garbage collector could free would stay for as long as the server is busy.
        """
        if not self._conn_lost_handled or self._tasks:
            return
        self._task = self._callback_parser = self._body_receiver = None
        parts = vars(self.transport)  # asyncio's transport keeps methods of its own, which lead back to it
        parts.update({name: None for name, part in parts.items() if getattr(part, "__self__", None) is self.transport})

    def eof_received(self) -> bool:
        """Keep a client that only closed its sending side connected until it has its answers."""
        self.peer_left = True
        self.end_stream()
        if self._fed:
            self._refuse_cut_request()
        return not self._closed and self._current_request is not None

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everyone who waits for this; an idle connection's task ends at once."""
        self.peer_left = True
        if self._drain_timer is not None:
            self._drain_timer.cancel()
        self.worker.protocols.discard(self)
        super().connection_lost(exc)
        self.end_stream()
        self._request_ready.set()
        self._untie()

    def _cancel_task_if_pending(self) -> None:
        """Do not cancel: a call that began runs to its end (see bridge.py); idle tasks have been woken."""

    # Reading

    def data_received(self, data: bytes) -> None:
        """Parse, or throw away what comes after the last answer."""
        if self._drain_left > 0:
            self._drain_left -= len(data)
            if self._drain_left <= 0:
                self.transport.abort()
        elif not self._closed:
            super().data_received(data)

    def _feed_callback_parser(self, data: bytes) -> bool:
        """Parse; keep the time a request began, and refuse what even gunicorn does not expect."""
        if not self._fed and not self._callback_parser.is_complete:
            self._fed = True
            self._idle_since = 0.0
            self._reading_since = self.worker.loop.time()
        ready, self._request_ready = self._request_ready, _NOBODY_WAITS  # gunicorn sets it when it has the headers
        try:
            going_on = bool(super()._feed_callback_parser(data))
        except Exception as failure:  # a parser must not kill the connection without a word
            self.log.warning("unparsable request: %r", failure)
            self._refuse(400, "The request could not be parsed.")
            return False
        finally:
            self._request_ready = ready
            if self._closed:
                ready.set()
        if going_on and self.peer_left and not self._callback_parser.is_complete:
            self._refuse_cut_request()
            return False
        if self._current_request is not None and not (self._is_at_it or ready.is_set() or self._serve_at_once()):
            ready.set()
        return going_on

    def _on_message_complete(self) -> None:
        self._fed = False
        self._reading_since = 0.0
        super()._on_message_complete()

    def give_up_idle(self, since: float) -> None:
        """Close when nothing was asked of this connection since a moment."""
        if 0.0 < self._idle_since < since:
            self._keepalive_timeout()

    def _arm_keepalive_timer(self) -> None:
        """Note since when it is idle, and have the sweep look: a timer for each call would cost more than the sweep."""
        self._idle_since = self.worker.loop.time()

    def _cancel_keepalive_timer(self) -> None:
        self._idle_since = 0.0

    def give_up_reading(self, since: float) -> None:
        """Close when the request being read, or the silence of a new connection, began before ``since``."""
        if not 0.0 < self._reading_since < since or self._closed:
            return
        if self._fed:
            self._refuse(400, "The request took too long to arrive.")
        else:
            self._close_now()

    # Serving

    def _build_http_scope(self, request: Any, sockname: Any, peername: Any) -> dict[str, Any]:
        """Return what the bridge reads of a request, in ASGI's words (gunicorn says more, which costs more)."""
        begun, self._begun = self._begun, None
        return {
            "type": "http",
            "http_version": f"{request.version[0]}.{request.version[1]}",
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            "raw_path": request.raw_path,
            "query_string": request.query.encode("latin-1"),
            "root_path": "",
            "headers": request.headers_bytes,
            "server": sockname,
            "client": peername,
            WIRE: self,
            BEGUN: begun,
        }

    def _serve_at_once(self) -> bool:
        """Begin to serve a request that was just read; return False when that is left to the connection's task."""
        if not self._is_whole_and_next():
            return False
        self._is_at_it = True
        find = self.transport.get_extra_info
        request, receiver = self._current_request, self._body_receiver
        addresses = find("sockname"), find("peername")
        begun = self.worker.asgi.begin(self._build_http_scope(request, *addresses), b"".join(receiver._chunks))
        whole = begun.whole()
        head = None if whole is None else head_of(request.version, *whole[:2])
        if whole is None or head is None:  # it waits, or gunicorn has to write the answer
            self._begun = begun
            self._keep(self.worker.loop.create_task(self._go_on(request, *addresses)))
        else:
            self._ready = begun, head, whole[2]
            self.worker.asgi.outbox.put(self, self.worker.loop.call_soon)
        return True

    def send_answer(self) -> None:
        """Write the answer that is ready in one piece (see ``Sender``). Nothing else is written before it."""
        assert self._ready is not None
        _, head, body = self._ready
        if body:
            self._response_buffer = head
            self._send_body(body)
        else:
            self._safe_write(head)

    def answer_sent(self) -> None:
        """Tell the app, and read on (see ``Sender``)."""
        assert self._ready is not None
        begun, self._ready = self._ready[0], None
        begun.close()
        self.worker.nr += 1
        if not self._closed:
            self._await_next()
            if self.peer_left and self._current_request is None:
                self._close_transport()  # the client closed its side after this request

    def give_up(self) -> None:
        """End the connection at once, whose answer cannot be sent (see ``Sender``)."""
        self.peer_left = True
        self.drop()
        self.transport.abort()

    async def _go_on(self, request: Any, sockname: Any, peername: Any) -> None:
        """Go on with a call that waits, or that has more to say than a whole answer."""
        if await self._serve_http_request(request, sockname, peername) and not self._closed:
            self.worker.nr += 1
            self._await_next()
        else:
            self._close_transport()

    def _await_next(self) -> None:
        """Forget the request that was served, and read on: a client need not wait for an answer to send the next."""
        self._is_at_it = self.answering = False
        self._idle_since = self.worker.loop.time()
        self._resume_reading()
        following = self._callback_parser.remaining()
        if self._callback_parser.remaining_truncated:
            self._close_transport()  # there was more of it than is kept
            return
        self._callback_parser.reset()
        self._current_request = self._body_receiver = None
        if following:
            self._feed_callback_parser(following)

    def _is_whole_and_next(self) -> bool:
        """Whether a request is there whole, nothing after it, and the connection awaits it and lives on after it."""
        parser, receiver = self._callback_parser, self._body_receiver
        return bool(
            self._awaiting_request
            and parser.is_complete
            and receiver.buffered <= BODY_LIMIT
            and not parser.remaining()
            and not self.peer_left
            and not self._flow_control.write_paused
            and not self._will_close(self._current_request, False)
        )

    async def _serve_http_request(self, request: Any, sockname: Any, peername: Any) -> bool:
        """Serve in this task (gunicorn makes another, for apps that go on long after their answer)."""
        keepalive = await self._handle_http_request(request, sockname, peername)
        if self.close_after_answer or (self.peer_left and not self._callback_parser.remaining()):
            return False
        self.answering = self.answering and not keepalive
        return bool(keepalive)

    def _is_websocket_upgrade(self, request: Any) -> bool:
        """Say no: an upgrade that is not understood is ignored, and the request served as it is (RFC 9110, 7.8)."""
        return False

    # Refusing and closing

    def _send_error_response(self, status: int, message: str, extra_headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Send gunicorn's refusal in the error writer's words; nothing in the middle of an answer."""
        if self._closed or self.answering:
            return
        self._refused = True
        status, headers, body = refusal.word(self.worker.error_writer, status, message)
        head = self._current_request is not None and self._current_request.method == "HEAD"
        phrase = self._get_reason_phrase(status)
        self._safe_write(refusal.as_bytes(phrase, status, (*headers, *extra_headers), body, head=head))

    def _refuse(self, status: int, message: str) -> None:
        self._send_error_response(status, message)
        self._close_transport()

    def _refuse_cut_request(self) -> None:
        self._refuse(400, "The request ended before it was complete.")

    def _close_transport(self) -> None:
        """Close; when the client may still be sending, first half-close and throw away what comes, for a while."""
        if self._closed or self.transport is None:
            return
        may_send = self._fed or self._refused or self._callback_parser.remaining()
        if self.peer_left or not may_send:
            self._close_now()
            return
        self._closed = True
        self._drain_left = DRAIN_BYTES
        self._drain_timer = self.worker.loop.call_later(DRAIN_SECONDS, self.transport.abort)
        self._resume_reading()
        with contextlib.suppress(OSError):  # it may be gone, and we not know yet
            self.transport.write_eof()
        self._wake_reader()

    def _wake_reader(self) -> None:
        """Tell the task of this connection that nothing more comes."""
        if self._body_receiver is not None:
            self._body_receiver.signal_disconnect()
        self._request_ready.set()

    def drop(self) -> None:
        """Forget the response under way (see ``Wire``)."""
        self._closed = True
        self._response_buffer = None
        self._wake_reader()

    def end_stream(self) -> None:
        """Cut a stream short."""
        if self.stream is not None:
            self.stream.cancel()
            self.stream = None

    def stop(self) -> None:
        """Stop with the server: end streams, and close at once where no request is being read or served."""
        self.stopping = True
        self.end_stream()
        if self._current_request is None and not self._fed:
            self._close_now()

    def _close_now(self) -> None:
        """Close without waiting for the client: nothing of it was left unanswered."""
        if not self._closed:
            self._closed = True
            self.transport.close()  # gunicorn half-closes before; when that fails it never closes
            self._wake_reader()
