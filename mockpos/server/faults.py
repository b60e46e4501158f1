"""The real connection of a call, for what HTTP cannot say: resets, silence, broken bytes, and who has left.

All of it works on the event loop's thread, where calls run, and nowhere else. Independent of HTTP's framing and of
the application.
"""

import socket
import struct
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from mockpos.server.protocol import HttpProtocol

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection(Struct, eq=False):
    """One call's connection. Once ``taken`` by a fault (reset, silence, raw bytes) no ordinary answer is sent.

    ``ended_here`` tells that a fault ended it while the client was still there.
    """

    _protocol: "HttpProtocol"
    taken: bool = False
    ended_here: bool = False

    @property
    def gone(self) -> bool:
        """Whether the client has closed its side, or the connection broke."""
        return self._protocol.peer_left

    @property
    def stopping(self) -> bool:
        """Whether the server is being stopped: whoever waits for long should end now."""
        return self._protocol.stopping

    @property
    def addresses(self) -> tuple[object, object]:
        """Return the server's address and the client's, as sockets give them."""
        find = self._protocol.transport.get_extra_info
        return find("sockname"), find("peername")

    @property
    def peer(self) -> str:
        """Return the client's address; nothing for one on a Unix socket."""
        client = self.addresses[1]
        return str(client[0]) if isinstance(client, tuple) else ""

    def reset(self) -> None:
        """End the connection by a TCP RST: the client sees ECONNRESET. Unsent bytes are lost."""
        self.taken = True
        self.ended_here = not self.gone
        sock = self._protocol.transport.get_extra_info("socket")
        if sock is not None and sock.fileno() != -1:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._protocol.abort()

    def close_silently(self) -> None:
        """Close in an orderly way without another byte; bytes already sent raw still arrive."""
        self.taken = True
        self.ended_here = not self.gone
        self._protocol.close()

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are, HTTP or not. The connection is closed when the call ends, if not before."""
        self.taken = True
        self._protocol.write(data)
