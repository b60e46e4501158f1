"""How many bytes the journals of all sandboxes may take together, and whose oldest calls go when it is too much."""

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockpos.telemetry.journal.journal import Journal

MAX_BYTES = 64 * 1024 * 1024

_SLACK = 64
"""When a big journal makes room for others, it makes 1/64 of the budget at once, so that it is seldom looked for."""


class JournalBudget:
    """Bytes for the calls of all sandboxes. ``evicted`` counts over all of them and is never set back.

    Its one lock guards all journals: the sum is exact, and nothing can deadlock.
    """

    __slots__ = ("_journals", "evicted", "lock", "max_bytes", "used")

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self.used = 0
        self.evicted = 0
        self.lock = Lock()
        self._journals: set[Journal] = set()

    def opened(self, journal: "Journal") -> None:
        """Count a journal among those that share the bytes."""
        with self.lock:
            self._journals.add(journal)

    def closed(self, journal: "Journal") -> None:
        """Count a journal no more. The lock is held, and the journal is empty."""
        self._journals.discard(journal)

    def make_room(self, journal: "Journal") -> None:
        """Evict until the sum fits: the journal's own oldest while it has more than its share, else the largest one's.

        A sandbox below its share keeps what it has: it shall not lose its proof because another one is busy. The lock
        is held.
        """
        share = self.max_bytes // len(self._journals)
        while self.used > self.max_bytes and journal.bytes_used > share and len(journal) > 1:
            journal.evict_oldest()
        while self.used > self.max_bytes:
            largest = max(self._journals, key=_used)  # over its share, for not all can be at or below theirs
            roomy = self.max_bytes - self.max_bytes // _SLACK
            while self.used > roomy and largest.bytes_used > share:
                largest.evict_oldest()


def _used(journal: "Journal") -> int:
    return journal.bytes_used
