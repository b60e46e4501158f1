"""The calls of one sandbox, as they came and went, for as long as there is room for them.

Bounded in entries, and in bytes by a budget that all sandboxes share; what had to go is counted. Independent of which
calls matter, and of how they are shown.
"""

from collections import deque
from itertools import islice
from threading import Lock

from mockpos.domain.clock import Millis
from mockpos.domain.errors import BadInput
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.query import CallPattern

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


MAX_ENTRIES = 10_000

_ANY = CallPattern()

_CALL_BYTES = 1000
"""One record with its two views, numbers, short ids, and its places in the journal. A test measures all figures."""

_OWN_HEADER_BYTES = 190
"""A pair of the answer's: its characters are few and our own."""

_PLAN_BYTES = 300


def size_of(call: CallRecord) -> int:
    """Estimate what a call occupies in memory, in bytes. The same call gives the same number every time."""
    size = _CALL_BYTES + len(call.target) + len(call.head) + len(call.body) + len(call.response_body)
    size += len(call.refused_because) + len(call.response_headers) * _OWN_HEADER_BYTES
    return size + _PLAN_BYTES if call.plan is not None else size


class Journal:
    """Calls in the order they ended. Recording costs the same with one call in it and with 10,000.

    ``bytes_used`` is about how much memory they take; ``evicted`` counts those that had to go since it was cleared,
    ``cleared`` how often it was. Safe from any thread.
    """

    __slots__ = ("_budget", "_calls", "_is_open", "_newest", "_sizes", "bytes_used", "cleared", "evicted", "limit")

    def __init__(self, budget: JournalBudget | None = None, limit: int = MAX_ENTRIES) -> None:
        self.limit = limit
        self.bytes_used = 0
        self.cleared = 0
        self.evicted = 0
        self._calls: deque[CallRecord] = deque()
        self._sizes: deque[int] = deque()
        self._newest: dict[str, CallRecord] = {}
        self._budget = budget or JournalBudget()
        self._budget.opened(self)
        self._is_open = True

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def recorded(self) -> int:
        """How many calls came in since the last ``clear``, evicted ones too."""
        return len(self) + self.evicted

    def record(self, call: CallRecord) -> None:
        """Add a call; once closed, it takes none."""
        size, budget = size_of(call), self._budget
        with budget.lock:
            if not self._is_open:
                return
            self._calls.append(call)
            self._sizes.append(size)
            self._newest[call.request_id] = call
            self.bytes_used += size
            budget.used += size
            if len(self._calls) > self.limit:
                self.evict_oldest()
            if budget.used > budget.max_bytes:
                budget.make_room(self)

    def get(self, request_id: str) -> CallRecord | None:
        """Return a call by its request id: the newest, when callers chose one id twice."""
        return self._newest.get(request_id)

    def find(self, pattern: CallPattern = _ANY, since: Millis | str | None = None) -> list[CallRecord]:
        """List the calls of a pattern, newest first.

        ``since`` is a moment of the sandbox's clock (calls at it and later), or a request's id (calls recorded after
        it). Raises BadInput when that request is not here.
        """
        with self._budget.lock:
            calls = list(self._calls)
        if isinstance(since, str):
            calls = calls[self._place_after(since, calls) :]
        elif since is not None:
            calls = [call for call in calls if call.at >= since]  # the clock can be set back: look at every one
        return pattern.among(calls)[::-1]

    def _place_after(self, request_id: str, calls: list[CallRecord]) -> int:
        for place in range(len(calls), 0, -1):
            if calls[place - 1].request_id == request_id:
                return place
        gone = f"; calls evicted so far: {self.evicted}" if self.evicted else ""
        raise BadInput(f"since: No request {request_id} is in the journal{gone}.")

    def newest(self, count: int) -> list[CallRecord]:
        """Return up to ``count`` calls, newest first, for what looking at them all would cost too much."""
        with self._budget.lock:
            return list(islice(reversed(self._calls), count))

    def clear(self) -> int:
        """Forget every call, and that any was evicted: counts begin anew. Returns how many there were."""
        with self._budget.lock:
            self.cleared += 1
            return self._empty()

    def close(self) -> None:
        """Give the room back; nothing is recorded here any more."""
        with self._budget.lock:
            self._empty()
            self._is_open = False
            self._budget.closed(self)

    def evict_oldest(self) -> None:
        """Let the oldest call go. The budget's lock is held."""
        call, size = self._calls.popleft(), self._sizes.popleft()
        if self._newest[call.request_id] is call:
            del self._newest[call.request_id]
        self.bytes_used -= size
        self.evicted += 1
        self._budget.used -= size
        self._budget.evicted += 1

    def _empty(self) -> int:
        cleared = len(self._calls)
        self._budget.used -= self.bytes_used
        self._calls.clear()
        self._sizes.clear()
        self._newest.clear()
        self.bytes_used = self.evicted = 0
        return cleared
