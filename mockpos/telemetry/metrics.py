"""The numbers of one server for Prometheus: what sandboxes count anyway, how long calls took, what was injected.

Almost nothing is counted for this alone: a scrape asks the sandboxes. The official client's own counters would take 3
microseconds a call more, and add a `_created` to every name. Independent of HTTP and of how sandboxes are made.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from mockpos.copy_on_write import CopyOnWriteDict
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE, MOCK_CODES
from mockpos.domain.hold import Hold, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.scenario.outcomes import Fault, Plan, Raw, Respond
from mockpos.services.ports import Change
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.coverage import SUCCESS_CODES, Answer
from mockpos.telemetry.events.state import dropped_ids

_ABOUT_HOLDS = (Hold, Invoice, Tombstone)


class Seats(NamedTuple):
    """Seats of one sandbox at a moment."""

    available: int = 0
    held: int = 0
    sold: int = 0

    def plus(self, other: "Seats") -> "Seats":
        """Return the seats of two sandboxes together."""
        return Seats(self.available + other.available, self.held + other.held, self.sold + other.sold)


def violations(changes: Sequence[Change], listings: CopyOnWriteDict[Listing], stocks: CopyOnWriteDict[Stock]) -> int:
    """Return how many listings a commit leaves with a stock that breaks rule 1. The maps are those from before it."""
    stock_after: dict[str, Stock] = {}
    listing_after: dict[str, Listing] = {}
    is_plain = True
    for change in changes:
        if type(change) is Stock:
            stock_after[change.remote_id] = change
        elif type(change) not in _ABOUT_HOLDS:
            is_plain = False
            if type(change) is Listing:
                listing_after[change.remote_id] = change
    if is_plain:
        return sum(_breaks_rule_1(listings.get(stock.remote_id), stock) for stock in stock_after.values())
    dropped = dropped_ids(changes)  # a store drops last, whatever else the commit did to a listing
    return sum(
        _breaks_rule_1(listing_after.get(each) or listings.get(each), stock_after.get(each) or stocks.get(each))
        for each in {*stock_after, *listing_after} - dropped
    )


def _breaks_rule_1(listing: Listing | None, stock: Stock | None) -> bool:
    """Tell whether a stock does not add up, or one of its counts is below 0."""
    if listing is None or stock is None:
        return False
    _, available, held, sold, _, _ = stock
    return available + held + sold != listing.quantity or available < 0 or held < 0 or sold < 0


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OTHER = "other"
NO_OPERATION = "none"
MOST_SANDBOXES = 100

BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the histogram's buckets. 5 s is what Ticket Evolution promises on average."""

_CODES = frozenset({*SUCCESS_CODES.values(), *CATALOGUE.names(), *MOCK_CODES})

Labels = tuple[str, str]
"""Operation and code, as they are shown."""


@dataclass(slots=True)
class Durations:
    """How long the calls of one operation took."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Watched:
    """A sandbox, the label it is shown under, and how to ask it."""

    label: str
    answers: Callable[[], Mapping[Answer, int]]
    holds_live: Callable[[], int]
    seats: Callable[[], Seats]


class Metrics:
    """The metrics of one server. Safe from any thread.

    ``journal_evictions`` tells how many calls the journals had to let go. ``invariant_violations`` must stay 0.
    ``begun`` counts the requests that ever began.
    """

    def __init__(self, version: str, journal_evictions: Callable[[], int]) -> None:
        self.version = version
        self.journal_evictions = journal_evictions
        self.invariant_violations = 0
        self.begun = 0
        self.in_flight = 0
        self.durations = {operation: Durations() for operation in (*Operation, None)}
        self.delays = 0
        self.delays_s = 0.0
        self.injected: Counter[str] = Counter()
        self._watched: dict[str, Watched] = {}
        self._forgotten: Counter[Labels] = Counter()
        self._lock = Lock()

    def record(self, call: CallRecord) -> None:
        """Count how long a call took, and what was injected."""
        seconds, durations = call.duration_ms / 1000, self.durations[call.operation]
        with self._lock:
            durations.buckets[bisect_left(BOUNDS_S, seconds)] += 1
            durations.total_s += seconds
            if call.plan is not None:
                self._inject(call.plan, call.delay_served_ms / 1000)

    def began(self) -> None:
        """Count a request that is being served from now on."""
        with self._lock:
            self.in_flight += 1
            self.begun += 1

    def ended(self) -> None:
        """Count a request that is served no more."""
        with self._lock:
            self.in_flight -= 1

    def violated(self, count: int) -> None:
        """Count stocks that did not add up (contract rule 1)."""
        with self._lock:
            self.invariant_violations += count

    def watch(
        self,
        sandbox: str,
        *,
        answers: Callable[[], Mapping[Answer, int]],
        holds_live: Callable[[], int],
        seats: Callable[[], Seats],
    ) -> None:
        """Show a sandbox from now on: by its name, or among ``other`` when a hundred are shown already."""
        with self._lock:
            taken = sum(each.label != OTHER for each in self._watched.values())
            label = sandbox if taken < MOST_SANDBOXES else OTHER
            self._watched[sandbox] = Watched(label, answers, holds_live, seats)

    def forget(self, sandbox: str) -> None:
        """Show a sandbox no more; its calls stay counted, as ``other``: no sum ever falls."""
        with self._lock:
            gone = self._watched.pop(sandbox, None)
            if gone is not None:
                self._forgotten.update(_labelled(gone.answers()))

    def sandboxes(self) -> list[Watched]:
        """Return the sandboxes there are."""
        with self._lock:
            return list(self._watched.values())

    def calls(self) -> dict[str, Counter[Labels]]:
        """Return how many calls were answered, by the label of their sandbox, operation and code."""
        with self._lock:
            counts = {OTHER: Counter(self._forgotten)} if self._forgotten else {}
            watched = list(self._watched.values())
        for each in watched:
            counts.setdefault(each.label, Counter()).update(_labelled(each.answers()))
        return counts

    def render(self) -> bytes:
        """Return everything as text (``CONTENT_TYPE``)."""
        from mockpos.telemetry.metrics_text import text_of  # the client library is loaded for scrapes only

        return text_of(self)

    def _inject(self, plan: Plan, delay_s: float) -> None:
        if plan.delay_ms:
            self.delays += 1
            self.delays_s += delay_s
        match plan.outcome:
            case Respond():
                self.injected["respond"] += 1
            case Raw():
                self.injected["raw"] += 1
            case Fault(kind):
                self.injected[kind.value] += 1


def _labelled(answers: Mapping[Answer, int]) -> Counter[Labels]:
    """Return counts by labels that are bounded: codes that nobody documents are one."""
    counts: Counter[Labels] = Counter()
    for (operation, code), count in answers.items():
        counts[operation or NO_OPERATION, code if code in _CODES else OTHER] += count
    return counts
