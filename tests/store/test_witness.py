"""Whoever is told of commits: what they are told, and that they can do no harm."""

from collections.abc import Sequence

import pytest

from mockpos.domain.clock import Millis
from mockpos.store.world import Change, World
from tests.conftest import ManualClock
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, state_of, stock_of
from tests.store.disk import Opener


class Seen:
    """Notes how many holds the world had when it was told of a commit; fails when it is asked to."""

    def __init__(self) -> None:
        self.live_before: list[int] = []
        self.fails = False

    def committed(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        self.live_before.append(len(world.live))
        if self.fails:
            raise LookupError("a mistake of ours")

    def replaced(self, world: World) -> None:
        self.live_before.clear()


def test_a_witness_sees_the_world_from_before_a_commit(open_store: Opener, clock: ManualClock) -> None:
    store = open_store()
    store.commit_listener = seen = Seen()
    for number in range(3):
        held(store, f"g-{number}")
    assert seen.live_before == [0, 1, 2]


def test_a_witness_that_fails_leaves_memory_and_log_the_same(open_store: Opener, clock: ManualClock) -> None:
    store = open_store()
    store.commit_listener = seen = Seen()
    held(store, "before")
    seen.fails = True
    with pytest.raises(LookupError):
        held(store, "told-of-in-vain")
    seen.fails = False
    held(store, "after")
    assert_adds_up(store)
    assert stock_of(store)[1] == 3
    told = state_of(store)
    store.close()
    assert state_of(open_store()) == told


def test_a_hold_whose_witness_failed_lapses_and_counts_like_any_other(open_store: Opener, clock: ManualClock) -> None:
    store = open_store()
    store.commit_listener = seen = Seen()
    held(store, "released", 1)
    seen.fails = True
    with pytest.raises(LookupError):
        held(store, "lapses", 1)
    with pytest.raises(LookupError):
        automator(store).release(global_id="released")
    seen.fails = False
    assert code_of(automator(store).hold, remote_id="TG-1", quantity=4, global_id="too-many") == "held_by_another"
    clock.advance(TTL)
    assert [hold.global_id for hold in store.expire_due()] == ["lapses"]
