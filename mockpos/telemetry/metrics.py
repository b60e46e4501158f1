"""What /metrics shows: counts of calls, and how every sandbox stands at the moment of a scrape.

Served in Prometheus's text format by the official client library, in a registry of its own. Recording costs about a
microsecond; everything else is done when somebody scrapes. Must not know HTTP, nor how sandboxes are made.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from mockpos.domain.calls import CallRecord
from mockpos.telemetry.metrics_seats import Seats
from mockpos.telemetry.metrics_tally import CallTally

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Watched:
    """A sandbox, and how to ask it."""

    label: str
    holds_live: Callable[[], int]
    seats: Callable[[], Seats]


class Metrics:
    """The metrics of one server. Safe from any thread.

    ``journal_evictions`` tells how many calls the journals had to let go. ``invariant_violations`` must stay 0.
    ``begun`` counts the requests that ever began.
    """

    def __init__(self, version: str, journal_evictions: Callable[[], int]) -> None:
        self.invariant_violations = 0
        self._version = version
        self._journal_evictions = journal_evictions
        self._tally = CallTally()
        self.begun = 0
        self._in_flight = 0
        self._watched: dict[str, _Watched] = {}
        self._lock = Lock()

    def record(self, call: CallRecord, sandbox: str) -> None:
        """Count a call that was answered."""
        self._tally.record(call, sandbox)

    def began(self) -> None:
        """Count a request that is being served from now on."""
        with self._lock:
            self._in_flight += 1
            self.begun += 1

    def ended(self) -> None:
        """Count a request that is served no more."""
        with self._lock:
            self._in_flight -= 1

    def violated(self, count: int) -> None:
        """Count stocks that did not add up (contract rule 1)."""
        with self._lock:
            self.invariant_violations += count

    def watch(self, sandbox: str, *, holds_live: Callable[[], int], seats: Callable[[], Seats]) -> None:
        """Show a sandbox from now on: by its name, or among ``other`` when a hundred are shown already."""
        label = self._tally.watch(sandbox)
        with self._lock:
            self._watched[sandbox] = _Watched(label, holds_live, seats)

    def forget(self, sandbox: str) -> None:
        """Show a sandbox no more; its calls stay counted, as ``other``."""
        with self._lock:
            self._watched.pop(sandbox, None)
        self._tally.forget(sandbox)

    def render(self) -> bytes:
        """Return everything as text (``CONTENT_TYPE``)."""
        from mockpos.telemetry.metrics_families import text_of  # the client library is loaded for scrapes only

        return text_of(self)

    def collect(self) -> Iterator["Metric"]:
        """Tell the client library what there is now: it asks its collectors by this name."""
        from mockpos.telemetry import metrics_families as families

        tally = self._tally
        with tally.lock:
            calls = {labels: cell[0] for labels, cell in tally.calls.items()}
            durations = families.durations_now(tally.durations)
            injected, delays, delays_s = dict(tally.injected), tally.delays, tally.delays_s
        yield families.calls_family(calls)
        yield families.durations_family(durations)
        yield families.counter("delays_injected", "Calls that a scenario delayed.", delays)
        yield families.counter("delay_seconds", "For how long it did, in sum.", delays_s)
        yield families.injected_family(injected)
        yield from families.sandbox_families(self._sandboxes())
        yield families.counter(
            "invariant_violations", "Stocks that did not add up; must stay 0.", self.invariant_violations
        )
        yield families.counter(
            "journal_evictions", "Calls the journals had to let go for want of room.", self._journal_evictions()
        )
        yield families.gauge("requests_in_flight", "Requests being served.", self._in_flight)
        yield families.gauge("sandboxes", "Sandboxes there are.", len(self._watched))
        yield families.build_family(self._version)

    def _sandboxes(self) -> dict[str, tuple[int, Seats]]:
        """Ask every sandbox; those without a label of their own are added up."""
        with self._lock:
            watched = list(self._watched.values())
        found: dict[str, tuple[int, Seats]] = {}
        for each in watched:
            live, seats = found.get(each.label, (0, Seats()))
            now = each.seats()
            total = Seats(seats.available + now.available, seats.held + now.held, seats.sold + now.sold)
            found[each.label] = live + each.holds_live(), total
        return found
