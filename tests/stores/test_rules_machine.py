"""The three operations in any order, against a model that is sets of seats in plain Python, on every store.

On the JSON file the machine also stops and starts, and dies and starts again.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mockpos.domain.errors import Refusal
from mockpos.domain.split import SplitType
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy, LapsedHold
from mockpos.stores.memory_store import MemoryStore
from mockpos.stores.tinydb_store import TinyDBStore
from tests.conftest import ManualClock, a_listing, a_world
from tests.stores.actors import assert_adds_up, state_of

TTL = 100
LISTINGS = (
    a_listing("TG-1", 6),
    a_listing("TG-2", 5, split_type=SplitType.NEVER_LEAVE_ONE),
    a_listing("TG-3", 4, split_type=SplitType.PAIRS, numbering=None),
)
QUANTITIES = {listing.remote_id: listing.quantity for listing in LISTINGS}
FIRST_SEAT = 5

global_ids = st.sampled_from([f"g-{number}" for number in range(8)])
order_ids = st.sampled_from(["o-1", "o-2", "o-3", "o-4"])
remote_ids = st.sampled_from(["TG-1", "TG-2", "TG-3", "TG-0"])


@dataclass
class ModelHold:
    remote_id: str
    quantity: int
    seats: frozenset[int]
    expires_at: int
    status: str = "held"
    order_id: str | None = None


@dataclass
class Model:
    """What spec/contract.md says, as directly as Python can."""

    now: int
    reacquire: bool
    orders_may_repeat: bool
    free: dict[str, set[int]] = field(
        default_factory=lambda: {key: set(range(most)) for key, most in QUANTITIES.items()}
    )
    sold: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    holds: dict[str, ModelHold] = field(default_factory=dict)
    released_early: set[str] = field(default_factory=set)

    def expire(self, now: int) -> None:
        self.now = max(self.now, now)
        for hold in self.holds.values():
            if hold.status == "held" and self.now >= hold.expires_at:
                hold.status = "expired"
                self.free[hold.remote_id] |= hold.seats

    def hold(self, remote_id: str, quantity: int, global_id: str) -> str:  # noqa: PLR0911  # a list of checks
        known = self.holds.get(global_id)
        if global_id in self.released_early or (known and known.status != "held"):
            return "global_id_closed"
        if known:
            return "replayed" if (known.remote_id, known.quantity) == (remote_id, quantity) else "global_id_conflict"
        if remote_id not in self.free:
            return "listing_not_found"
        free, total = self.free[remote_id], QUANTITIES[remote_id]
        unsold = total - self.sold[remote_id]
        if not unsold:
            return "listing_sold_out"
        if quantity > unsold:
            return "insufficient_quantity"
        if quantity > len(free):
            return "held_by_another"
        if remote_id == "TG-2" and len(free) - quantity == 1:
            return "invalid_split"
        if remote_id == "TG-3" and quantity % 2 and len(free) > 1:
            return "invalid_split"
        seats = self.choose(free, quantity)
        free -= seats
        self.holds[global_id] = ModelHold(remote_id, quantity, seats, self.now + TTL)
        return "ok"

    @staticmethod
    def choose(free: set[int], quantity: int) -> frozenset[int]:
        for low in sorted(free):
            run = frozenset(range(low, low + quantity))
            if run <= free:
                return run
        return frozenset(sorted(free)[:quantity])

    def release(self, global_id: str) -> str:
        hold = self.holds.get(global_id)
        if hold is None:
            self.released_early.add(global_id)
            return "hold_not_found"
        if hold.status == "invoiced":
            return "hold_already_invoiced"
        if hold.status == "released":
            return "replayed"
        if hold.status == "held":
            self.free[hold.remote_id] |= hold.seats
        hold.status = "released"
        return "ok"

    def invoice(self, global_id: str, order_id: str) -> str:
        hold = self.holds.get(global_id)
        if hold is None:
            return "hold_not_found"
        if hold.status == "invoiced":
            return "replayed" if hold.order_id == order_id else "order_id_conflict"
        if hold.status == "released":
            return "hold_released"
        free = self.free[hold.remote_id]
        numbered = hold.remote_id != "TG-3"
        there = hold.seats <= free if numbered else hold.quantity <= len(free)
        if hold.status == "expired" and not (self.reacquire and there):
            return "hold_expired"
        if not self.orders_may_repeat and any(other.order_id == order_id for other in self.holds.values()):
            return "order_id_conflict"
        if hold.status == "expired":
            free -= hold.seats if numbered else set(sorted(free)[: hold.quantity])
        hold.status, hold.order_id = "invoiced", order_id
        self.sold[hold.remote_id] += hold.quantity
        return "ok"


class Rules(RuleBasedStateMachine):
    """On the store in memory."""

    store: MemoryStore

    @initialize(reacquire=st.booleans(), orders_may_repeat=st.booleans())
    def open(self, reacquire: bool, orders_may_repeat: bool) -> None:
        self.clock = ManualClock()
        self.policy = InvoicePolicy(LapsedHold.REACQUIRE if reacquire else LapsedHold.STRICT, orders_may_repeat)
        self.model = Model(self.clock.now(), reacquire, orders_may_repeat)
        self.first_answers: dict[tuple[str, str], Any] = {}
        self.store = self.open_store()

    def open_store(self) -> MemoryStore:
        return MemoryStore(a_world(*LISTINGS), self.clock)

    @property
    def pos(self) -> Automator:
        return Automator(self.store, TTL, self.policy)

    def call(self, name: str, expected: str, **arguments: Any) -> None:
        """Make a call; its outcome is the model's, and a replay says what the first answer said."""
        try:
            answer = getattr(self.pos, name)(**arguments)
        except Refusal as refusal:
            answer, outcome = None, refusal.code
        else:
            outcome = "replayed" if answer.replayed else "ok"
        assert outcome == expected
        if answer is None:
            return
        said = answer.invoice if name == "invoice" else answer.hold
        key = (name, arguments["global_id"])
        assert self.first_answers.setdefault(key, said) == said

    @rule(remote_id=remote_ids, quantity=st.integers(1, 7), global_id=global_ids)
    def hold(self, remote_id: str, quantity: int, global_id: str) -> None:
        self.model.expire(self.clock.now())
        expected = self.model.hold(remote_id, quantity, global_id)
        self.call("hold", expected, remote_id=remote_id, quantity=quantity, global_id=global_id)
        if expected == "ok" and remote_id != "TG-3":
            seats = self.first_answers["hold", global_id].seat_labels()
            assert seats == [str(FIRST_SEAT + seat) for seat in sorted(self.model.holds[global_id].seats)]

    @rule(global_id=global_ids)
    def release(self, global_id: str) -> None:
        self.model.expire(self.clock.now())
        self.call("release", self.model.release(global_id), global_id=global_id)

    @rule(global_id=global_ids, order_id=order_ids)
    def invoice(self, global_id: str, order_id: str) -> None:
        self.model.expire(self.clock.now())
        self.call("invoice", self.model.invoice(global_id, order_id), global_id=global_id, order_id=order_id)

    @rule(milliseconds=st.sampled_from([1, 10, TTL // 2, TTL - 1, TTL]))
    def let_time_pass(self, milliseconds: int) -> None:
        self.clock.advance(milliseconds)

    @rule(milliseconds=st.sampled_from([1, TTL, 10 * TTL]))
    def set_the_clock_back(self, milliseconds: int) -> None:
        self.model.now = self.store.world.committed_at
        self.clock.advance(-milliseconds)

    @invariant()
    def seats_add_up_as_in_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        assert_adds_up(self.store)
        for listing, stock in self.store.listings():
            free = self.model.free[listing.remote_id]
            assert (stock.available, stock.sold) == (len(free), self.model.sold[listing.remote_id])
            if listing.numbering:
                assert {seat for run in stock.free for seat in range(*run)} == free

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


class RulesOnFile(Rules):
    """On the JSON file, with stops and crashes in between."""

    def open_store(self) -> TinyDBStore:
        if not hasattr(self, "folder"):
            self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "inventory.json"
        return TinyDBStore(self.path, self.clock, make_world=lambda: a_world(*LISTINGS))

    @precondition(lambda self: hasattr(self, "store"))
    @rule()
    def stop_and_start(self) -> None:
        before = state_of(self.store)
        self.store.close()
        assert os.listdir(self.folder.name) == ["inventory.json"]
        self.store = self.open_store()
        assert state_of(self.store) == before

    @precondition(lambda self: hasattr(self, "store"))
    @rule(slices=st.integers(0, 12))
    def die_and_start(self, slices: int) -> None:
        before = state_of(self.store)
        with dying(self.store):
            for _ in zip(range(slices), self.store.checkpoint_in_slices(), strict=False):  # type: ignore[attr-defined]
                pass
        self.store = self.open_store()
        assert state_of(self.store) == before

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


@contextmanager
def dying(store: MemoryStore) -> Iterator[None]:
    """Leave the files as they are when the process dies: the operating system lets go of its lock and its files."""
    assert isinstance(store, TinyDBStore)
    yield
    fcntl.flock(store._file_lock._fd, fcntl.LOCK_UN)
    os.close(store._file_lock._fd)
    store._log.close()


CI = settings(
    max_examples=60,
    stateful_step_count=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a failure is shown as found: shrinking forty steps takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LONG = settings(CI, max_examples=2000, derandomize=False, phases=list(Phase))
"""Say MOCKPOS_HYPOTHESIS=long for it."""


@pytest.mark.parametrize("machine", [Rules, RulesOnFile])
def test_the_rules_hold_in_any_order(machine: type[RuleBasedStateMachine]) -> None:
    chosen = LONG if os.environ.get("MOCKPOS_HYPOTHESIS") == "long" else CI
    run_state_machine_as_test(machine, settings=chosen)
