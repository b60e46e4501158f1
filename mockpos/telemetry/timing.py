"""How long callers waited, per operation, against what Ticket Evolution promises; and the slowest calls.

The limit is the one sentence about speed on TEvo's Order Integration page: "All response times will return on
average within 5 seconds". What counts is what the caller saw, injected delays included.
"""

import math
from collections import Counter
from heapq import heappush, heappushpop
from threading import Lock

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import rfc3339
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.document import safe_text

LIMIT_MS = 5000
REQUIREMENT = "All response times will return on average within 5 seconds"
ERROR = 0.01
"""How far a percentile may be from the exact one, as a part of it."""

_PERCENTILES = (("p50_ms", 0.50), ("p95_ms", 0.95), ("p99_ms", 0.99))
_RATIO = (1 + ERROR) / (1 - ERROR)
_PER_LOG = 1 / math.log(_RATIO)
_SHORTEST_MS = 0.001
_LONGEST_MS = 1e8


class Histogram:
    """Durations in milliseconds, in memory that does not grow: a count, a sum, and a count for each band of durations.

    A band's upper end is 2% above its lower, and its middle stands for it: a percentile is within 1% of the exact one
    from a microsecond up to 28 hours. It is DDSketch's way of counting; the package of that name records no faster.
    """

    __slots__ = ("_bands", "count", "longest", "shortest", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.longest = 0.0
        self.shortest = math.inf
        self._bands: Counter[int] = Counter()

    def record(self, milliseconds: float) -> None:
        """Count a duration. What is shorter than a microsecond counts as one, as does what is no number."""
        if not milliseconds >= _SHORTEST_MS:  # so written, it catches NaN too
            milliseconds = _SHORTEST_MS
        elif milliseconds > _LONGEST_MS:
            milliseconds = _LONGEST_MS
        self.count += 1
        self.total += milliseconds
        if milliseconds > self.longest:
            self.longest = milliseconds
        if milliseconds < self.shortest:
            self.shortest = milliseconds
        self._bands[math.ceil(math.log(milliseconds) * _PER_LOG)] += 1

    def add(self, other: "Histogram") -> None:
        """Count what another one has counted."""
        self.count += other.count
        self.total += other.total
        self.longest = max(self.longest, other.longest)
        self.shortest = min(self.shortest, other.shortest)
        self._bands.update(other._bands)

    @property
    def average(self) -> float | None:
        """Return the average, exactly; None without a call."""
        return self.total / self.count if self.count else None

    def percentile(self, part: float) -> float | None:
        """Return the duration that such a part of the calls (0.95, say) did not exceed; None without a call."""
        if not self.count:
            return None
        rank = max(1, math.ceil(part * self.count))
        for band in sorted(self._bands):
            rank -= self._bands[band]
            if rank <= 0:
                break
        middle = 2 * _RATIO**band / (_RATIO + 1)
        return min(max(middle, self.shortest), self.longest)


class Timing:
    """Durations of one sandbox's calls. Safe from any thread."""

    __slots__ = ("_histograms", "_lock")

    def __init__(self) -> None:
        self._lock = Lock()
        self.reset()

    def record(self, operation: Operation | None, milliseconds: float) -> None:
        """Count how long a call took. Calls of no operation are not counted."""
        if operation is not None:
            with self._lock:
                self._histograms[operation].record(milliseconds)

    def add(self, other: "Timing") -> None:
        """Count what another one has counted."""
        with other._lock, self._lock:
            for operation, histogram in other._histograms.items():
                self._histograms[operation].add(histogram)

    def report(self) -> dict[str, object]:
        """Report count, average, percentiles and verdict per operation, in milliseconds.

        A verdict is ok or over; None where there was no call. Percentiles are within 1% of the exact ones,
        counts, averages and maxima are exact.
        """
        with self._lock:
            rows = [_row(operation, histogram) for operation, histogram in self._histograms.items()]
        verdicts = [row["verdict"] for row in rows if row["verdict"]]
        return {
            "requirement": REQUIREMENT,
            "limit_ms": LIMIT_MS,
            "verdict": ("over" if "over" in verdicts else "ok") if verdicts else None,
            "percentile_error": ERROR,
            "operations": rows,
        }

    def reset(self) -> None:
        """Forget every call."""
        with self._lock:
            self._histograms = {operation: Histogram() for operation in Operation}


def _row(operation: Operation, histogram: Histogram) -> dict[str, object]:
    average = histogram.average
    row: dict[str, object] = {"operation": operation, "count": histogram.count, "average_ms": _rounded(average)}
    for name, part in _PERCENTILES:
        row[name] = _rounded(histogram.percentile(part))
    row["max_ms"] = _rounded(histogram.longest if histogram.count else None)
    row["verdict"] = None if average is None else "ok" if average <= LIMIT_MS else "over"
    return row


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 3)


MOST = 10

Entry = tuple[float, int, dict[str, object]]


class SlowestCalls:
    """Keeps the few that took longest. ``bar`` is what a call has to exceed to be among them. Safe from any thread."""

    __slots__ = ("_count", "_heap", "_lock", "bar")

    def __init__(self) -> None:
        self.bar = 0.0
        self._count = 0
        self._heap: list[Entry] = []
        self._lock = Lock()

    def record(self, call: CallRecord, sandbox: str) -> None:
        """Take in a call of an operation that exceeds the bar; of equal ones the earlier stays."""
        if call.operation is None:
            return
        told: dict[str, object] = {
            "request_id": call.request_id,
            "sandbox": sandbox,
            "operation": call.operation.value,
            "code": safe_text(call.code),
            "duration_ms": round(call.duration_ms, 3),
            "at": rfc3339(call.at),
        }
        with self._lock:
            self._count += 1
            entry = (call.duration_ms, -self._count, told)
            if len(self._heap) < MOST:
                heappush(self._heap, entry)
            else:
                heappushpop(self._heap, entry)
            if len(self._heap) == MOST:
                self.bar = self._heap[0][0]

    def report(self) -> list[dict[str, object]]:
        """Return them as plain JSON, the slowest first."""
        with self._lock:
            return [told for _, _, told in sorted(self._heap, reverse=True)]
