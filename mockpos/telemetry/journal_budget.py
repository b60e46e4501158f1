"""How much memory the journals of all sandboxes may take together, and whose oldest calls go when it is too much.

One lock guards every shelf. The interpreter runs one thread at a time anyway, so a lock for each sandbox
would win nothing, and with one lock the sum is exact and nothing can deadlock.
"""

from collections import deque
from threading import Lock

from mockpos.domain.calls import CallRecord
from mockpos.telemetry.journal_shelf import Shelf, size_of

MAX_BYTES = 64 * 1024 * 1024

_SLACK = 64
"""When a big journal makes room for others, it makes 1/64 of the budget at once, so that it is seldom looked for."""


class JournalBudget:
    """Bytes for the calls of all sandboxes. ``evicted`` counts over all of them and is never set back."""

    __slots__ = ("_gone", "_lock", "_shelves", "_used", "evicted", "max_bytes")

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self.evicted = 0
        self._used = 0
        self._shelves: set[Shelf] = set()
        self._gone: deque[Shelf] = deque()
        self._lock = Lock()

    @property
    def used(self) -> int:
        """How many bytes the calls on all shelves occupy now."""
        with self._lock:
            self._forget_gone()
            return self._used

    def open(self, copied: Shelf | None = None) -> Shelf:
        """Return a new shelf, empty or with the calls of another."""
        shelf = Shelf()
        with self._lock:
            self._shelves.add(shelf)
            if copied is not None:
                shelf.fill_from(copied)
                self._used += shelf.used
                self._make_room(shelf)
        return shelf

    def retire(self, shelf: Shelf) -> None:
        """Give a shelf back. Takes no lock: the garbage collector calls it, maybe while this thread holds it."""
        self._gone.append(shelf)

    def put(self, shelf: Shelf, call: CallRecord, limit: int) -> None:
        """Add a call to a shelf of at most so many, and evict what is too much."""
        size = size_of(call)
        with self._lock:
            shelf.put(call, size)
            self._used += size
            if len(shelf.calls) > limit:
                self._drop_oldest(shelf)
            if self._used > self.max_bytes:
                self._make_room(shelf)

    def clear(self, shelf: Shelf) -> int:
        """Empty a shelf. Returns how many calls stood on it."""
        with self._lock:
            cleared = len(shelf.calls)
            self._used -= shelf.used
            shelf.clear()
        return cleared

    def calls(self, shelf: Shelf) -> list[CallRecord]:
        """List the calls of a shelf, oldest first."""
        with self._lock:
            return list(shelf.calls)

    def _make_room(self, shelf: Shelf) -> None:
        """Evict until the sum fits: the shelf's own oldest while it has more than its share, else the largest one's.

        A sandbox below its share keeps what it has: it shall not lose its proof because another one is busy.
        """
        self._forget_gone()
        share = self.max_bytes // len(self._shelves)
        while self._used > self.max_bytes and shelf.used > share and len(shelf.calls) > 1:
            self._drop_oldest(shelf)
        while self._used > self.max_bytes:
            largest = max(self._shelves, key=_used)  # over its share, for not all can be at or below theirs
            roomy = self.max_bytes - self.max_bytes // _SLACK
            while self._used > roomy and largest.used > share:
                self._drop_oldest(largest)

    def _drop_oldest(self, shelf: Shelf) -> None:
        self._used -= shelf.drop_oldest()
        self.evicted += 1

    def _forget_gone(self) -> None:
        while self._gone:
            shelf = self._gone.popleft()
            self._shelves.discard(shelf)
            self._used -= shelf.used


def _used(shelf: Shelf) -> int:
    return shelf.used
