"""The real connection of a call, for what HTTP cannot say: resets, silence, broken bytes, and who has left.

The app finds it as ``environ["mockpos.connection"]``; under other servers the key is absent. All of it works on
the event loop's thread, where calls run, and nowhere else. It must not know HTTP's framing or the app.
"""

import asyncio
import socket
import struct
from typing import Protocol

WIRE = "mockpos.wire"  # where the protocol puts itself into the ASGI scope
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Wire(Protocol):
    """What a connection needs of the protocol that serves it."""

    transport: asyncio.Transport
    peer_left: bool
    stopping: bool
    answering: bool
    close_after_answer: bool
    stream: asyncio.Task[object] | None

    def drop(self) -> None:
        """Forget the response under way: nothing more is written for it, and no other request served."""


class Connection:
    """One call's connection. After a fault (reset, silence, raw bytes) no ordinary answer is sent."""

    __slots__ = ("_wire", "taken")

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.taken = False

    @property
    def gone(self) -> bool:
        """Whether the client has closed its side, or the connection broke."""
        return self._wire.peer_left

    @property
    def stopping(self) -> bool:
        """Whether the server is being stopped: whoever waits for long should end now."""
        return self._wire.stopping

    def reset(self) -> None:
        """End the connection by a TCP RST: the client sees ECONNRESET. Unsent bytes are lost."""
        self.taken = True
        sock = self._wire.transport.get_extra_info("socket")
        if sock is not None and sock.fileno() != -1:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._wire.drop()
        self._wire.transport.abort()

    def close_silently(self) -> None:
        """Close in an orderly way without another byte; bytes already sent raw still arrive."""
        self.taken = True
        self._wire.drop()
        self._wire.transport.close()

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are, HTTP or not. The connection is closed when the app returns, if not before."""
        self.taken = True
        if not self._wire.transport.is_closing():
            self._wire.transport.write(data)

    # What follows is for the bridge.

    def begin_answer(self, *, close: bool) -> None:
        """Note that an ordinary answer begins, after which the connection is closed if ``close``."""
        self._wire.answering = True
        if close:
            self._wire.close_after_answer = True

    def begin_stream(self) -> None:
        """Let the client's leaving, or a stop, cut the waits of this call short: it answers without an end."""
        self._wire.stream = asyncio.current_task()

    def end_stream(self) -> None:
        """Note that the stream is over: what the call does now is not cut short any more."""
        self._wire.stream = None

    def ended(self) -> bool:
        """Whether a stream should end: nobody reads it, or the server stops."""
        return self.gone or self.stopping
