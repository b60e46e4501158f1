"""A Hypothesis machine: the operations, the broker's own acts and the clock in any order, against the model.

It plays through either door (``doors.py``) on either store. On the JSON file it also stops and starts, and dies and
starts again.
"""

import fcntl
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.scenario.magic import magic_listing
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy, LapsedHold
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from mockpos.store.transaction import MemoryTransaction
from mockpos.store.world import Limits
from tests.conftest import NOON, ManualClock
from tests.machine.calls import Body, Call, call
from tests.machine.clock_model import Clock
from tests.machine.compared_worlds import model_listings, real_world, settings_of, state_of_model, state_of_store
from tests.machine.interfaces import HttpInterface, Interface, StoreInterface
from tests.machine.model import Policy
from tests.machine.pos_model import Sandbox
from tests.machine.steps import (
    TTL,
    broker_acts,
    clock_changes,
    deaths,
    jumps,
    looks,
    operations,
    passing,
    policies,
    weighted,
)

BREATH = 10
"""So many things are done in one step of Hypothesis, whose own work for a step is dear."""


class Rules(RuleBasedStateMachine):
    """Through the use cases, on the store in memory."""

    store: MemoryStore
    met: ClassVar[Counter[tuple[str, str]]] = Counter()
    steps = weighted((20, operations), (5, broker_acts), (1, looks), (3, clock_changes), (2, passing), (1, jumps))

    @initialize(policy=policies)
    def open(self, policy: Policy) -> None:
        self.policy = policy
        self.machine_clock = ManualClock()
        self.used_ids: list[str] = []
        self.made: list[Call] = []
        self.model = Sandbox(model_listings(), Clock(NOON), policy)
        self.start()

    def start(self) -> None:
        self.clock = SandboxClock(self.machine_clock)
        self.store = self.open_store()
        self.clock.restore(self.store.world.clock)
        self.door = self.open_door()

    def open_store(self) -> MemoryStore:
        return MemoryStore(real_world(self.policy), self.clock, built_in=magic_listing)

    def open_door(self) -> Interface:
        lapsed = LapsedHold.REACQUIRE if self.policy.reacquire else LapsedHold.STRICT
        automator = Automator(self.store, TTL, InvoicePolicy(lapsed, self.policy.orders_may_repeat))
        return StoreInterface(self.store, self.clock, automator)

    @rule(data=st.data())
    def play(self, data: st.DataObject) -> None:
        """Do some things one after another. One rule does it all: Hypothesis leaves rules out for whole runs."""
        for _ in range(BREATH):
            step = data.draw(self.steps)
            if isinstance(step, Call):
                self.make(step)
            else:
                name, *arguments = step
                getattr(self, name)(*arguments)

    def make(self, made: Call) -> None:
        """Make a call on both sides: the answers are the same, and so is what they leave behind."""
        expected = self.model.answer(made)
        assert self.door.send(made) == expected, made
        self.remember(made, expected)
        assert state_of_store(self.store) == state_of_model(self.model), made

    def remember(self, made: Call, answer: Body) -> None:
        self.made.append(made)
        if made.get("global_id") not in (None, *self.used_ids):
            self.used_ids.append(made.get("global_id"))
        self.met[made.name, outcome(answer)] += 1

    def let_time_pass(self, milliseconds: int) -> None:
        """Let the machine's clock go on; or jump back, when the duration is negative."""
        self.machine_clock.advance(milliseconds)
        self.model.machine_shows(self.machine_clock.now())

    @invariant()
    def the_world_adds_up(self) -> None:
        """Rule 1: quantity = available + held + sold. The model is what the store is, ``make`` sees to that."""
        if not hasattr(self, "store"):
            return
        for listing in self.model.listings.values():
            live = [hold for hold in self.model.live(listing.remote_id) if not hold.stolen]
            assert listing.held == sum(hold.quantity for hold in live)
            assert min(listing.available, listing.held, listing.sold) >= 0
            promised = [seat for hold in live for seat in hold.seats]
            assert len(promised) == len(set(promised))
            assert not listing.free & set(promised)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


def outcome(answer: Body) -> str:
    """Say in a word how a call went."""
    notable = [name for name in ("replayed", "hold_reacquired", "broken_holds") if answer.get(name)]
    return str(answer.get("code") or (notable or ["ok"])[0])


class OverHttp:
    """Through the HTTP application."""

    steps = weighted((60, Rules.steps), (1, st.just(call("start_anew"))))

    def open_door(self: Any) -> Interface:
        return HttpInterface(self.store, self.clock, self.machine_clock, settings_of(self.policy))


class OnFile:
    """On the JSON file, with stops and crashes in between."""

    def open_store(self: Any) -> JsonFileStore:
        if not hasattr(self, "folder"):
            self.folder = tempfile.TemporaryDirectory()
        limits = Limits(self.policy.remember_holds, self.policy.remember_releases)
        return JsonFileStore(
            Path(self.folder.name) / "inventory.json", self.clock, limits=limits, built_in=magic_listing,
            make_world=lambda: real_world(self.policy),
        )  # fmt: skip

    steps = weighted((15, Rules.steps), (1, st.just(["stop_and_start"])), (2, deaths))

    def stop_and_start(self: Any) -> None:
        self.store.close()
        assert os.listdir(self.folder.name) == ["inventory.json"]
        self.started_again()

    def die_and_start(self: Any, slices: int) -> None:
        with dying(self.store):
            for _ in zip(range(slices), self.store.checkpoint_in_slices(), strict=False):
                pass
        self.started_again()

    def started_again(self: Any) -> None:
        self.start()
        self.model.started()
        assert state_of_store(self.store) == state_of_model(self.model)

    def teardown(self: Any) -> None:
        super().teardown()  # type: ignore[misc]  # a machine stands beside this
        if hasattr(self, "folder"):
            self.folder.cleanup()


class RulesOnFile(OnFile, Rules):
    """Through the use cases, on the JSON file."""


class RulesWhileBehind(Rules):
    """On a store that ends one lapsed hold in a call, besides those that the call has to know of.

    What is remembered of those that ended is compared, not in which order they are forgotten.
    """

    times_behind: ClassVar[int] = 0

    def open_store(self) -> MemoryStore:
        machine = type(self)

        class Slow(MemoryStore):
            def _transaction(self, expired_at_once: int) -> MemoryTransaction:
                return Noting(self, self.world, 1)

        class Noting(MemoryTransaction):
            def __enter__(self) -> MemoryTransaction:
                super().__enter__()
                machine.times_behind += self.is_behind
                return self

        self.policy = replace(self.policy, remember_holds=1000, remember_releases=1000)
        self.model.policy = self.policy
        return Slow(real_world(self.policy), self.clock, built_in=magic_listing)

    def make(self, made: Call) -> None:
        expected = self.model.answer(made)
        assert self.door.send(made) == expected, made
        self.remember(made, expected)

    @invariant()
    def all_is_as_if_it_had_ended_in_time(self) -> None:
        """Compare the worlds, after some calls, once everything has ended that is due."""
        if hasattr(self, "store"):
            self.make(call("look_up", global_id="g-0"))
            self.store.expire_due()
            real, expected = state_of_store(self.store), state_of_model(self.model)
            assert {**real, "ended": sorted(real["ended"])} == {**expected, "ended": sorted(expected["ended"])}


class RulesOverHttp(OverHttp, Rules):
    """Through the HTTP application, on the store in memory."""


class RulesOverHttpOnFile(OnFile, OverHttp, Rules):
    """Through the HTTP application, on the JSON file."""

    steps = weighted((60, OverHttp.steps), (1, st.just(["stop_and_start"])), (2, deaths))  # making an app is dear


@contextmanager
def dying(store: MemoryStore) -> Iterator[None]:
    """Leave the files as they are when the process dies: the operating system lets go of its lock and its files."""
    assert isinstance(store, JsonFileStore)
    yield
    fcntl.flock(store._file_lock._fd, fcntl.LOCK_UN)
    os.close(store._file_lock._fd)
    store._release_content()
    store._log.close()


def budget(max_examples: int, steps: int) -> settings:
    """Return how much is tried. ``MOCKPOS_HYPOTHESIS=long`` tries twenty times as much, at random, and shrinks."""
    ordinary = settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a failure is shown as found: shrinking forty steps takes minutes
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    if os.environ.get("MOCKPOS_HYPOTHESIS") != "long":
        return ordinary
    return settings(ordinary, max_examples=20 * max_examples, derandomize=False, phases=list(Phase))
