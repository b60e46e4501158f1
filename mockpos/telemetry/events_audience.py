"""How many may listen to one server's events, and how many bytes of events all its sandboxes may keep.

Must not know what an event is.
"""

from threading import Lock
from weakref import WeakSet

from mockpos.domain.errors import MockMisuse

MAX_LISTENERS = 500
MAX_BYTES = 64 * 1024 * 1024


class Audience:
    """Shared by all hubs of a server. ``share`` is how many bytes each of them may keep.

    A hub trims what it keeps when it publishes: idle ones may stand above a share that others made smaller.
    """

    __slots__ = ("_hubs", "_lock", "limit", "listeners", "max_bytes", "share")

    def __init__(self, limit: int = MAX_LISTENERS, max_bytes: int = MAX_BYTES) -> None:
        self.limit = limit
        self.max_bytes = max_bytes
        self.listeners = 0
        self.share = max_bytes
        self._hubs: WeakSet[object] = WeakSet()
        self._lock = Lock()

    def open(self, hub: object) -> None:
        """Count a hub among those that share the bytes, for as long as anybody holds it."""
        with self._lock:
            self._hubs.add(hub)
            self._divide()

    def forget(self, hub: object) -> None:
        """Count a hub no more: it was closed."""
        with self._lock:
            self._hubs.discard(hub)
            self._divide()

    def admit(self) -> None:
        """Let one more listener in. Raises MockMisuse ``mock_too_many_streams``."""
        with self._lock:
            if self.listeners >= self.limit:
                raise MockMisuse(
                    "mock_too_many_streams", 503, f"{self.limit} event streams are open already; close one first."
                )
            self.listeners += 1

    def leave(self) -> None:
        """Let one listener go."""
        with self._lock:
            self.listeners -= 1

    def _divide(self) -> None:
        self.share = self.max_bytes // max(1, len(self._hubs))
