"""The machines notice when mockpos is broken: each fault here is small, and breaks one rule."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis.stateful import run_state_machine_as_test

from mockpos.domain import seats
from mockpos.domain.hold import Tombstone
from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.scenario.counters import Counters
from mockpos.services import create_invoice, place_hold, pos
from mockpos.store import log_entries
from mockpos.store.expiry import LapseQueue
from mockpos.store.log_entries import entry_of
from mockpos.store.transaction import MemoryTransaction
from mockpos.store.world import Change, World
from tests.machine.rules_machine import Rules, RulesOnFile, budget
from tests.machine.scenario_machine import Scenarios

Patch = Callable[[pytest.MonkeyPatch], None]


def an_order_buys_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(create_invoice, "_check_order_is_free", lambda *_: None)


def a_split_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(place_hold, "allows", lambda *_: True)


def the_highest_seats_are_taken(patch: pytest.MonkeyPatch) -> None:
    def highest(free: int, quantity: int) -> Any:
        start, stop = seats.runs_of(free)[-1]
        if stop - start < quantity:
            return seats.take(free, quantity)
        taken = ((stop - quantity, stop),)
        return taken, free ^ seats.seat_set(taken)

    patch.setattr(place_hold, "take", highest)


def what_a_thief_left_stays_sold(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pos, "_free_again", lambda *_: None)


def a_hold_lives_a_millisecond_too_long(patch: pytest.MonkeyPatch) -> None:
    is_due = LapseQueue.is_due
    patch.setattr(LapseQueue, "is_due", lambda queue, now: is_due(queue, now - 1))


def a_tombstone_is_not_left(patch: pytest.MonkeyPatch) -> None:
    put = MemoryTransaction.put
    patch.setattr(MemoryTransaction, "put", lambda tx, one: None if isinstance(one, Tombstone) else put(tx, one))


def a_frozen_clock_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SandboxClock, "freeze", lambda *_: None)


def a_log_forgets_tombstones(patch: pytest.MonkeyPatch) -> None:
    def entry(changes: Sequence[Change], at: Any, world: World) -> Any:
        return entry_of([change for change in changes if not isinstance(change, Tombstone)], at, world)

    patch.setattr(log_entries, "entry_of", entry)


def times_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Counters, "fire", lambda *_: 1)


FAULTS: list[tuple[Patch, type[Rules]]] = [
    (an_order_buys_twice, Rules),
    (a_split_is_not_looked_at, Rules),
    (the_highest_seats_are_taken, Rules),
    (what_a_thief_left_stays_sold, Rules),
    (a_hold_lives_a_millisecond_too_long, Rules),
    (a_tombstone_is_not_left, Rules),
    (a_frozen_clock_goes_on, Rules),
    (a_log_forgets_tombstones, RulesOnFile),
    (times_are_not_counted, Scenarios),
]


@pytest.mark.parametrize(("fault", "machine"), FAULTS, ids=lambda each: each.__name__)
def test_a_machine_notices_that(fault: Patch, machine: type[Rules], monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=budget(40, 15))
