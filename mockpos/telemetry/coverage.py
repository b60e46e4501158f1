"""The catalogue against what callers have met: which (operation, code) pairs were seen, how often, and which never."""

from collections.abc import Iterable
from threading import Lock

from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.telemetry.coverage_pairs import Pair, pairs_to_cover

_TENTHS = 1000
_MOST_OTHERS = 200

Seen = tuple[Operation | None, str]


class Coverage:
    """Counts of one sandbox. ``documented`` are the pairs of an active contract; left out, the default contract's."""

    __slots__ = ("_counts", "_lock", "_pairs")

    def __init__(self, documented: Iterable[tuple[Operation, ResponseCode]] | None = None) -> None:
        self._start(pairs_to_cover(documented))

    def _start(self, pairs: tuple[Pair, ...]) -> None:
        self._pairs = pairs
        self._counts: dict[Seen, int] = {(pair.operation, pair.code): 0 for pair in pairs}
        self._lock = Lock()

    def record(self, operation: Operation | None, code: str) -> None:
        """Count an answer. ``code`` is the error's code, or held, released, invoiced. Safe from any thread."""
        seen = (operation, code)
        with self._lock:
            try:
                self._counts[seen] += 1
            except KeyError:
                if len(self._counts) < len(self._pairs) + _MOST_OTHERS:
                    self._counts[seen] = 1

    def count(self, operation: Operation | None, code: str) -> int:
        """Return how often an answer was seen."""
        return self._counts.get((operation, code), 0)

    def report(self) -> dict[str, object]:
        """Set the catalogue against what was seen, in documented order.

        ``percentage`` is cut to tenths, so that 100 means all. ``other`` is what was seen beside the documented
        pairs: errors met before an operation was known, and what the mock says about its own use.
        """
        with self._lock:
            counts = dict(self._counts)
        missing = [pair for pair in self._pairs if not counts[pair.operation, pair.code]]
        seen = len(self._pairs) - len(missing)
        documented = {(pair.operation, pair.code) for pair in self._pairs}
        return {
            "documented": len(self._pairs),
            "seen": seen,
            "percentage": _TENTHS * seen // len(self._pairs) / 10,
            "operations": [self._of(operation, counts) for operation in (*Operation, None)],
            "missing": [
                {"operation": pair.operation, "code": pair.code, "title": pair.title, "provoke": pair.provoke}
                for pair in missing
            ],
            "other": [
                {"operation": operation, "code": code, "count": count}
                for (operation, code), count in counts.items()
                if (operation, code) not in documented
            ],
        }

    def _of(self, operation: Operation | None, counts: dict[Seen, int]) -> dict[str, object]:
        rows = [(pair, counts[pair.operation, pair.code]) for pair in self._pairs if pair.operation is operation]
        return {
            "operation": operation,
            "documented": len(rows),
            "seen": sum(count > 0 for _, count in rows),
            "codes": [{"code": pair.code, "title": pair.title, "count": count} for pair, count in rows],
        }

    def reset(self) -> None:
        """Forget what was seen."""
        with self._lock:
            self._counts = {(pair.operation, pair.code): 0 for pair in self._pairs}

    def copy(self) -> "Coverage":
        """Return one that is the same now and does not move when this one does."""
        twin = Coverage.__new__(Coverage)  # the pairs need no listing again
        twin._start(self._pairs)
        with self._lock:
            twin._counts = dict(self._counts)
        return twin
