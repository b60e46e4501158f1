"""Counts of calls for /metrics: by sandbox, operation and code, how long they took, what was injected.

Counted in plain numbers under one lock: an official client's counter and histogram together take 4 microseconds a
call, this takes one. Labels are bounded: whoever asks for more gets ``other``.
"""

from bisect import bisect_left
from functools import lru_cache
from threading import Lock

from mockpos.domain.calls import CallRecord
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.scenario.outcomes import FaultKind
from mockpos.telemetry.coverage_pairs import SUCCESS_CODES

OTHER = "other"
NO_OPERATION = "none"
MOST_SANDBOXES = 100

BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the histogram's buckets. 5 s is what Ticket Evolution promises on average."""

_CODES = frozenset({*SUCCESS_CODES.values(), *CATALOGUE.names(), *MOCK_CODES})

Labels = tuple[str, str, str]
"""Sandbox, operation, code: as they are shown."""


class Durations:
    """How long the calls of one operation took."""

    __slots__ = ("buckets", "total_s")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_S) + 1)
        self.total_s = 0.0


Cell = tuple[list[int], Durations]
"""Where a call is counted: its count, in a list of one, and its operation's durations."""


class CallTally:
    """Counts over all sandboxes of a server. Nothing but ``record`` is called often."""

    __slots__ = ("_cells", "_names", "calls", "delays", "delays_s", "durations", "injected", "lock")

    def __init__(self) -> None:
        self.lock = Lock()
        self.calls: dict[Labels, list[int]] = {}
        self.durations = {operation: Durations() for operation in (*Operation, None)}
        self.delays = 0
        self.delays_s = 0.0
        self.injected: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._cells: dict[tuple[str, Operation | None, str], Cell] = {}

    def record(self, call: CallRecord, sandbox: str) -> None:
        """Count one call of a sandbox. Safe from any thread."""
        seconds = call.duration_ms / 1000
        key = (sandbox, call.operation, call.code)
        with self.lock:
            cell, durations = self._cells.get(key) or self._cell(key)
            cell[0] += 1
            durations.buckets[bisect_left(BOUNDS_S, seconds)] += 1
            durations.total_s += seconds
            if call.injected:
                self._inject(call)

    def watch(self, sandbox: str) -> str:
        """Count a sandbox by its name from now on, if there is a label left for it; return the label it has."""
        with self.lock:
            taken = sum(label != OTHER for label in self._names.values())
            return self._names.setdefault(sandbox, sandbox if taken < MOST_SANDBOXES else OTHER)

    def forget(self, sandbox: str) -> None:
        """Give a sandbox's label free. What it counted goes on counting as ``other``: no sum ever falls."""
        with self.lock:
            label = self._names.pop(sandbox, OTHER)
            for key in [key for key in self._cells if key[0] == sandbox]:
                del self._cells[key]
            if label == OTHER:
                return
            for labels in [labels for labels in self.calls if labels[0] == label]:
                count = self.calls.pop(labels)[0]
                self.calls.setdefault((OTHER, *labels[1:]), [0])[0] += count

    def _cell(self, key: tuple[str, Operation | None, str]) -> Cell:
        """Find or make where a call is counted; remembered only for labels that are bounded."""
        sandbox, operation, code = key
        labels = self._names.get(sandbox, OTHER), operation or NO_OPERATION, code if code in _CODES else OTHER
        cell = self.calls.setdefault(labels, [0]), self.durations[operation]
        if code in _CODES and sandbox in self._names:
            self._cells[key] = cell
        return cell

    def _inject(self, call: CallRecord) -> None:
        if call.delay_asked_ms:
            self.delays += 1
            self.delays_s += call.delay_served_ms / 1000
        kind = injected_kind(call.injected)
        if kind is not None:
            self.injected[kind] = self.injected.get(kind, 0) + 1


_KINDS = frozenset({"respond", "raw", *FaultKind})


@lru_cache(maxsize=256)
def injected_kind(injected: str) -> str | None:
    """Read from a call's ``injected`` what was done to its answer: respond, raw, a kind of fault, or nothing."""
    for part in injected.split("; "):
        word, _, rest = part.partition(" ")
        if word == "fault":
            word = rest.partition(" ")[0]
        elif word not in ("respond", "raw"):
            continue
        return word if word in _KINDS else OTHER
    return None
