"""How long callers waited, per operation, against what Ticket Evolution promises its own callers.

The limit is the one sentence about speed on TEvo's Order Integration page: "All response times will return on
average within 5 seconds". What counts is what the caller saw, injected delays included.
"""

from threading import Lock

from mockpos.domain.catalogue import Operation
from mockpos.telemetry.timing_histogram import ERROR, Histogram

LIMIT_MS = 5000
REQUIREMENT = "All response times will return on average within 5 seconds"

_PERCENTILES = (("p50_ms", 0.50), ("p95_ms", 0.95), ("p99_ms", 0.99))


class Timing:
    """Durations of one sandbox's calls."""

    __slots__ = ("_histograms", "_lock")

    def __init__(self) -> None:
        self._lock = Lock()
        self._histograms = {operation: Histogram() for operation in Operation}

    def record(self, operation: Operation | None, milliseconds: float) -> None:
        """Count how long a call took. Calls of no operation are not counted. Safe from any thread."""
        if operation is not None:
            with self._lock:
                self._histograms[operation].record(milliseconds)

    def report(self) -> dict[str, object]:
        """Report count, average, percentiles and verdict per operation, in milliseconds.

        A verdict is ok or over; None where there was no call. Percentiles are within 1% of the exact ones,
        counts, averages and maxima are exact.
        """
        rows = [_row(operation, histogram) for operation, histogram in self._all().items()]
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

    def copy(self) -> "Timing":
        """Return one that is the same now and does not move when this one does."""
        twin = Timing()
        twin._histograms = self._all()
        return twin

    def _all(self) -> dict[Operation, Histogram]:
        with self._lock:
            return {operation: histogram.copy() for operation, histogram in self._histograms.items()}


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
