"""How many streams one server may have open, and how many events its sandboxes may keep for them."""

from threading import Lock

from mockpos.domain.errors import MockMisuse

MOST_STREAMS = 500
MOST_KEPT = 1_000
MOST_KEPT_IN_ALL = 60_000
LEAST_KEPT = 30


class EventLimits:
    """Shared by all hubs of a server. ``kept`` is how many events each of them may keep.

    A hub trims what it keeps when it publishes: idle ones may keep more than the others left them.
    """

    __slots__ = ("_hubs", "_lock", "_most_kept_in_all", "kept", "most_kept", "most_streams", "streams")

    def __init__(
        self, most_streams: int = MOST_STREAMS, most_kept: int = MOST_KEPT, most_kept_in_all: int = MOST_KEPT_IN_ALL
    ) -> None:
        self.most_streams = most_streams
        self.most_kept = self.kept = most_kept
        self.streams = 0
        self._most_kept_in_all = most_kept_in_all
        self._hubs = 0
        self._lock = Lock()

    def hub_opened(self) -> None:
        """Count one more hub."""
        self._count_hub(1)

    def hub_closed(self) -> None:
        """Count one hub less."""
        self._count_hub(-1)

    def stream_opened(self) -> None:
        """Count one more stream. Raises MockMisuse ``mock_too_many_streams``."""
        with self._lock:
            if self.streams >= self.most_streams:
                raise MockMisuse(
                    "mock_too_many_streams",
                    503,
                    f"{self.most_streams} event streams are open already; close one first.",
                )
            self.streams += 1

    def stream_closed(self) -> None:
        """Count one stream less."""
        with self._lock:
            self.streams -= 1

    def _count_hub(self, more: int) -> None:
        with self._lock:
            self._hubs += more
            self.kept = min(self.most_kept, max(LEAST_KEPT, self._most_kept_in_all // max(1, self._hubs)))
