"""The audit against clients: the correct one is clean under any schedule, each wrong one is named for what it did.

The automator is the real one, over a store in memory. What stands between it and the client is drawn: answers are
lost before and after the commit, forced, and recorded late, as they are when a call hangs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

import pytest
from greenlet import getcurrent, greenlet
from hypothesis import given, settings
from hypothesis import strategies as st

from mockpos.domain.calls import Sent
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import Refusal
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy
from mockpos.store.memory_store import MemoryStore
from mockpos.telemetry.audit.findings import AuditReport
from mockpos.telemetry.audit.ledger import AuditLedger
from mockpos.telemetry.call_record import CallRecord
from tests.conftest import ManualClock, a_listing, a_world
from tests.telemetry.clients import (
    Answer,
    Checkout,
    GivesUpOnInvoice,
    KeepsCalling,
    LeaksHolds,
    NeverFollowsUp,
    Resubmits,
    TwoOrders,
)

STEADY = settings(derandomize=True, deadline=None, database=None)
TTL = 900_000
WELL = "well"
FAULTS = (
    "pos_unavailable",
    "rate_limited",
    *(f"{what} {when}" for what in ("cut", "client_gone", "pos_timeout", "internal_error", "raw") for when in
      ("before", "after")),
)  # fmt: skip

Fates = Callable[[Operation], str]


def always_well(operation: Operation) -> str:
    return WELL


def fates_by(random: Random, rate: float) -> Fates:
    return lambda operation: random.choice(FAULTS) if random.random() < rate else WELL


@dataclass
class Wire:
    """Carries calls to the automator and answers back, well or badly, and tells the ledger of each."""

    store: MemoryStore
    ledger: AuditLedger
    fates: Fates = always_well
    with_arrival: bool = True
    late: Callable[[], int] = lambda: 0
    arrivals: Iterator[int] = field(default_factory=lambda: count(1))
    outstanding: list[tuple[int, CallRecord]] = field(default_factory=list)

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer:
        return self._call(Operation.HOLD, global_id=global_id, remote_id=remote_id, quantity=quantity)

    def release(self, global_id: str) -> Answer:
        return self._call(Operation.RELEASE, global_id=global_id)

    def invoice(self, global_id: str, order_id: str) -> Answer:
        return self._call(Operation.INVOICE, global_id=global_id, order_id=order_id)

    def _call(self, operation: Operation, **asked: object) -> Answer:
        if (hub := getcurrent().parent) is not None:
            hub.switch()  # others may go first
        arrival, at = next(self.arrivals), self.store.clock.now()
        fate, _, phase = self.fates(operation).partition(" ")
        if fate == WELL or phase == "after":
            code, committed, replayed = self._carry_out(operation, asked)
        else:
            code, committed, replayed = "pos_unavailable", False, False
        lost = fate in ("cut", "client_gone")
        if fate != WELL and not lost:
            code = "" if fate == "raw" else fate
        call = CallRecord(
            request_id=f"req-{arrival}", at=at, arrival=arrival if self.with_arrival else at,
            operation=operation, method="POST", target="/v1/x", code=code,
            committed=committed, replayed=replayed, sent=Sent(fate) if lost else Sent.COMPLETE, **asked,
        )  # fmt: skip
        self._tell(call, self.late() if lost else 0)
        return Answer(None if lost or code == "" else code)

    def _carry_out(self, operation: Operation, asked: dict[str, object]) -> tuple[str, bool, bool]:
        automator = Automator(self.store, TTL, InvoicePolicy())
        try:
            answer = getattr(automator, operation.value)(**asked)
        except Refusal as refusal:
            tombstone = operation is Operation.RELEASE and refusal.code == "hold_not_found"
            return refusal.code, tombstone, False
        done = {"hold": "held", "release": "released", "invoice": "invoiced"}[operation.value]
        return done, not answer.replayed, answer.replayed

    def _tell(self, call: CallRecord, after: int) -> None:
        self.outstanding = [(left - 1, earlier) for left, earlier in self.outstanding]
        self.outstanding.append((after, call))
        for entry in [entry for entry in self.outstanding if entry[0] <= 0]:
            self.outstanding.remove(entry)
            self.ledger.record(entry[1])

    def finish(self) -> AuditReport:
        for _, call in self.outstanding:
            self.ledger.record(call)
        self.outstanding = []
        for hold in self.store.expire_due():
            self.ledger.hold_ended(hold.global_id, hold.expires_at)
        return self.ledger.audit(hold_status=self.status)

    def status(self, global_id: str) -> str | None:
        hold = self.store.peek(global_id)
        return hold.status.value if hold else None


def a_wire(fates: Fates = always_well, *, quantity: int = 40, **options: object) -> Wire:
    world = a_world(*(a_listing(f"TG-{n}", quantity) for n in range(1, 4)))
    return Wire(MemoryStore(world, ManualClock()), AuditLedger(), fates, **options)


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"gid-{next(numbers)}"


def interleaved(jobs: Sequence[Callable[[], object]], random: Random, between: Callable[[], None]) -> None:
    """Run jobs side by side: at every call of one, another may be the next to go on."""
    running = [greenlet(job) for job in jobs]
    while running:
        chosen = random.choice(running)
        chosen.switch()
        between()
        running = [job for job in running if not job.dead]


@settings(STEADY, max_examples=300)
@given(seed=st.integers(0, 2**32), rate=st.floats(0, 0.5), buyers=st.integers(1, 5), few=st.booleans())
def test_correct_clients_are_clean_under_any_schedule(seed: int, rate: float, buyers: int, few: bool) -> None:
    random = Random(seed)
    wire = a_wire(fates_by(random, rate), quantity=4 if few else 40, late=lambda: random.choice((0, 0, 1, 5, 30)))
    new_id = ids()

    def shop(buyer: int) -> None:
        client = Checkout(wire, new_id, patience=random.randint(1, 6))
        for n in range(3):
            client.buy(f"TG-{random.randint(1, 2)}", 2, f"order-{buyer}-{n}", order_fails=random.random() < 0.2)

    def time_passes() -> None:
        wire.store.clock.advance(random.choice((0, 0, 1, 200_000)))

    interleaved([lambda buyer=buyer: shop(buyer) for buyer in range(buyers)], random, time_passes)
    report = wire.finish()
    assert list(report.findings) == []
    assert report.verdict == "clean"
    assert report.remembered == 0


@settings(STEADY, max_examples=150)
@given(seed=st.integers(0, 2**32), rate=st.floats(0, 0.5))
def test_one_correct_client_is_clean_while_the_clock_stands_still_and_no_arrival_is_told(
    seed: int, rate: float
) -> None:
    random = Random(seed)
    wire = a_wire(fates_by(random, rate), with_arrival=False, late=lambda: random.choice((0, 0, 1, 3)))
    client = Checkout(wire, ids(), patience=random.randint(1, 6))
    for n in range(6):
        client.buy("TG-1", 2, f"order-{n}", order_fails=random.random() < 0.2)
    assert list(wire.finish().findings) == []


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
def test_a_thousand_correct_checkouts_leave_nothing_to_remember(rate: float) -> None:
    random = Random(7)
    wire = a_wire(fates_by(random, rate), quantity=900)
    client = Checkout(wire, ids())
    outcomes = {client.buy(f"TG-{n % 3 + 1}", 1, f"order-{n}", order_fails=n % 9 == 0) for n in range(1000)}
    report = wire.finish()
    assert report.verdict == "clean"
    assert report.remembered == 0
    assert outcomes >= {"bought", "released"}


def fate_of(operation: Operation, fate: str, times: int = 1) -> Fates:
    """Let the first calls of one operation meet a fate."""
    left = [times]

    def fates(called: Operation) -> str:
        if called is operation and left[0]:
            left[0] -= 1
            return fate
        return WELL

    return fates


def found(report: AuditReport) -> set[str]:
    return {finding.kind.value for finding in report.findings}


def requests(report: AuditReport) -> dict[str, tuple[str, ...]]:
    return {finding.kind.value: finding.requests for finding in report.findings}


def test_a_client_that_leaks_holds_is_named() -> None:
    wire = a_wire()
    LeaksHolds(wire, ids()).buy("TG-1", 2, "order-1", order_fails=True)
    assert requests(wire.finish()) == {"orphaned_hold": ("req-1",)}


@pytest.mark.parametrize("fate", ["cut after", "client_gone after", "pos_timeout after", "internal_error after",
                                  "raw after"])  # fmt: skip
@pytest.mark.parametrize("late", [0, 1, 5])
def test_a_client_that_resubmits_under_a_new_global_id_is_named(fate: str, late: int) -> None:
    wire = a_wire(fate_of(Operation.HOLD, fate), late=lambda: late)
    Resubmits(wire, ids()).buy("TG-1", 2, "order-1")
    assert requests(wire.finish()) == {
        "orphaned_hold": ("req-1",),
        "unacknowledged_commit": ("req-1",),
        "double_hold": ("req-1", "req-2"),
    }


@pytest.mark.parametrize("fate", ["cut before", "pos_timeout before", "raw before", "pos_unavailable"])
def test_a_resubmission_of_a_hold_that_never_was_doubles_nothing(fate: str) -> None:
    wire = a_wire(fate_of(Operation.HOLD, fate))
    Resubmits(wire, ids()).buy("TG-1", 2, "order-1")
    assert found(wire.finish()) == set()


def test_a_client_that_invoices_under_two_orders_is_named() -> None:
    wire = a_wire()
    TwoOrders(wire, ids()).buy("TG-1", 2, "order-1")
    assert requests(wire.finish()) == {"second_order": ("req-2", "req-3")}


@pytest.mark.parametrize(
    ("operation", "order_fails", "kinds"),
    [
        (Operation.HOLD, False, {"unacknowledged_commit", "orphaned_hold"}),
        (Operation.INVOICE, False, {"unacknowledged_commit"}),
        (Operation.RELEASE, True, {"unacknowledged_commit"}),
    ],
)
def test_a_client_that_never_follows_up_is_named(operation: Operation, order_fails: bool, kinds: set[str]) -> None:
    wire = a_wire(fate_of(operation, "cut after"))
    NeverFollowsUp(wire, ids()).buy("TG-1", 2, "order-1", order_fails=order_fails)
    assert found(wire.finish()) == kinds


def test_a_client_that_keeps_calling_after_a_refusal_is_named() -> None:
    wire = a_wire()
    KeepsCalling(wire, ids()).buy("NO-SUCH-LISTING", 2, "order-1")
    assert requests(wire.finish()) == {"kept_calling_after_refusal": ("req-1", "req-2", "req-3", "req-4")}


@pytest.mark.parametrize("fate", ["pos_unavailable", "cut before", "pos_timeout before"])
def test_a_client_that_gives_up_on_a_failed_invoice_is_named(fate: str) -> None:
    wire = a_wire(fate_of(Operation.INVOICE, fate))
    GivesUpOnInvoice(wire, ids()).buy("TG-1", 2, "order-1")
    assert requests(wire.finish()) == {"invoice_missing": ("req-2",), "orphaned_hold": ("req-1", "req-2")}


ALLOWED: dict[type[Checkout], set[str]] = {
    LeaksHolds: {"orphaned_hold", "unacknowledged_commit", "invoice_missing"},
    Resubmits: {"orphaned_hold", "unacknowledged_commit", "double_hold"},
    TwoOrders: {"second_order", "unacknowledged_commit"},
    NeverFollowsUp: {"unacknowledged_commit", "orphaned_hold", "invoice_missing"},
    KeepsCalling: {"kept_calling_after_refusal"},
    GivesUpOnInvoice: {"invoice_missing", "orphaned_hold", "unacknowledged_commit"},
}
OWN = {
    LeaksHolds: "orphaned_hold",
    Resubmits: "double_hold",
    TwoOrders: "second_order",
    NeverFollowsUp: "unacknowledged_commit",
    KeepsCalling: "kept_calling_after_refusal",
    GivesUpOnInvoice: "invoice_missing",
}


@pytest.mark.parametrize("wrong", ALLOWED)
@pytest.mark.parametrize("seed", range(10))
def test_under_lost_answers_each_wrong_client_is_named_for_what_it_did(wrong: type[Checkout], seed: int) -> None:
    random = Random(seed)
    world = a_world(*(a_listing(f"TG-{n}", 2) for n in range(80)))
    wire = Wire(
        MemoryStore(world, ManualClock()), AuditLedger(), fates_by(random, 0.3), late=lambda: random.choice((0, 3))
    )
    client = wrong(wire, ids(), 50)
    for n in range(80):
        client.buy(f"TG-{n}" if n % 4 else "NO-SUCH-LISTING", 1, f"order-{n}", order_fails=n % 5 == 0)
    kinds = found(wire.finish())
    assert OWN[wrong] in kinds
    assert kinds <= ALLOWED[wrong]
