"""The calls of one sandbox, as they were, for as long as there is room for them.

Bounded in entries, and in bytes by a budget that all sandboxes share; what had to go is counted. A journal that
nobody holds any more gives its bytes back by itself. Must not know which calls matter, nor how they are shown.
"""

from weakref import finalize

from mockpos.domain.calls import CallRecord
from mockpos.telemetry.journal_budget import JournalBudget
from mockpos.telemetry.journal_filter import JournalFilter
from mockpos.telemetry.journal_shelf import Shelf

MAX_ENTRIES = 10_000

_EVERYTHING = JournalFilter()


class Journal:
    """Calls in the order they ended. Recording costs the same with one call in it and with 10,000."""

    __slots__ = ("__weakref__", "_budget", "_shelf", "limit")

    def __init__(
        self, budget: JournalBudget | None = None, limit: int = MAX_ENTRIES, *, copied: Shelf | None = None
    ) -> None:
        self.limit = limit
        self._budget = budget or JournalBudget()
        self._shelf = self._budget.open(copied)
        finalize(self, self._budget.retire, self._shelf).atexit = False

    def __len__(self) -> int:
        """Return how many calls are in it."""
        return len(self._shelf.calls)

    @property
    def evicted(self) -> int:
        """How many calls had to go since it was last cleared."""
        return self._shelf.evicted

    @property
    def bytes_used(self) -> int:
        """About how much memory its calls take."""
        return self._shelf.used

    def record(self, call: CallRecord) -> None:
        """Add a call. Safe from any thread."""
        self._budget.put(self._shelf, call, self.limit)

    def get(self, request_id: str) -> CallRecord | None:
        """Return a call by its request id: the newest, when callers chose one id twice."""
        return self._shelf.newest.get(request_id)

    def find(self, wanted: JournalFilter = _EVERYTHING) -> list[CallRecord]:
        """List the calls that a filter lets through, newest first.

        Raises WrongFields when ``since`` names a request that is not here.
        """
        return wanted.choose(self._budget.calls(self._shelf), self.evicted)

    def clear(self) -> int:
        """Forget every call, and that any was evicted: counts begin anew. Returns how many there were."""
        return self._budget.clear(self._shelf)

    def reset(self) -> None:
        """Become as new."""
        self.clear()

    def copy(self) -> "Journal":
        """Return one that is the same now and does not move when this one does. Its bytes count like any other's."""
        return Journal(self._budget, self.limit, copied=self._shelf)
