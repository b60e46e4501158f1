"""The slowest calls of a server, over all its sandboxes and whatever was reset or dropped since."""

from heapq import heappush, heappushpop
from threading import Lock

from mockpos.domain.clock import rfc3339
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.document import safe_text

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
