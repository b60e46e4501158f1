"""Many holds lapse at once: they end in slices, others go on between these, and nobody sees one that should be over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.hold import HoldStatus
from mockpos.scenario.magic import magic_listing
from mockpos.store.memory_store import MemoryStore
from tests.conftest import NOON, ManualClock, a_listing, a_world
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, state_of, stock_of
from tests.store.disk import Opener, crashed

MANY = 1000
LISTINGS = [a_listing("TG-1", MANY), *(a_listing(f"TG-{number}", 1) for number in range(2, MANY))]


@pytest.fixture
def turns() -> list[Callable[[], None]]:
    """What others do when they may go on, one after another."""
    return []


@pytest.fixture
def store(clock: ManualClock, turns: list[Callable[[], None]]) -> Iterator[MemoryStore]:
    """A store under whose holds, half of them on one listing, a clock has moved on."""

    def give_way() -> None:
        if turns:
            turns.pop(0)()

    store = MemoryStore(a_world(*LISTINGS), clock, in_slices=lambda: give_way, built_in=magic_listing)
    for number in range(1, MANY):
        held(store, f"one-{number}", 1, "TG-1")
        if number > 1:
            held(store, f"each-{number}", 1, f"TG-{number}")
        clock.advance(number % 2)
    yield store
    assert not turns, "everybody had a turn"


def live(store: MemoryStore) -> int:
    return store.hold_counts()[0]


def test_a_call_sees_its_listing_as_it_is_while_most_others_have_not_ended(
    store: MemoryStore, clock: ManualClock
) -> None:
    before = live(store)
    clock.advance(TTL + MANY)
    assert held(store, "new", 1, "TG-900").available_after_hold == 0
    assert before - 100 < live(store) < before
    assert code_of(automator(store).invoice, global_id="each-901", order_id="o") == "hold_expired"
    released = automator(store).release(global_id="each-902").hold
    assert released is not None
    assert (released.release_was_late, released.available_after_release) == (True, 1)
    assert live(store) > before - 200
    assert held(store, "big", MANY, "TG-1").seats == ((0, MANY),), "all of the listing's holds have ended for this call"


def test_what_many_have_lapsed_of_a_built_in_listing_waits_for_nobody(store: MemoryStore, clock: ManualClock) -> None:
    for number in range(MANY):
        held(store, f"magic-{number}", 1, "MOCK-OK")
    before = live(store)
    clock.advance(TTL + MANY)
    assert held(store, "new", 1, "MOCK-OK").quantity == 1
    assert live(store) > before - 100


def test_a_transaction_sees_a_hold_and_the_holds_on_a_listing_as_ended(store: MemoryStore, clock: ManualClock) -> None:
    held(store, "magic", 1, "MOCK-OK")
    clock.advance(TTL + MANY)
    with store.transaction() as tx:
        hold = tx.hold("each-903")
        assert hold is not None
        assert hold.status is HoldStatus.EXPIRED
        assert tx.live_holds("TG-904") == tx.live_holds("MOCK-OK") == []
        assert tx.next_expiry("TG-905") is None
    assert live(store) > MANY


def test_others_go_on_between_the_slices_of_a_long_expiry(
    store: MemoryStore, clock: ManualClock, turns: list[Callable[[], None]]
) -> None:
    seen: list[int] = []

    def call() -> None:
        seen.append(live(store))
        held(store, f"new-{len(seen)}", 1, f"TG-{MANY - len(seen)}")

    turns += [call] * 5
    clock.advance(TTL + MANY)
    store.expire_due()
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] > 0
    assert live(store) == 5
    assert stock_of(store, "TG-1") == (MANY, 0, 0)
    assert_adds_up(store)


def test_a_change_of_the_clock_tells_of_all_that_expired_whoever_let_it_end(
    store: MemoryStore, clock: ManualClock, turns: list[Callable[[], None]]
) -> None:
    expected = sorted((hold.expires_at, hold.global_id) for hold in store.live_holds())
    turns += [lambda: None, lambda: held(store, "new", 1, "TG-990") and None]

    def move(now: Millis) -> ClockSetting:
        clock.advance(TTL + MANY)
        return ClockSetting()

    told = store.change_clock(move, lambda: None)
    assert [(hold.expires_at, hold.global_id) for hold in told] == expected
    assert all(hold.status is HoldStatus.EXPIRED for hold in told)


def test_a_clock_is_not_set_back_before_all_that_is_due_has_expired(
    store: MemoryStore, clock: ManualClock, turns: list[Callable[[], None]]
) -> None:
    turns += [lambda: None] * 5
    count = live(store)
    clock.advance(TTL + MANY)

    def move(now: Millis) -> ClockSetting:
        assert live(store) == 0
        clock.at = NOON
        return ClockSetting()

    assert len(store.change_clock(move, lambda: None)) == count
    assert stock_of(store, "TG-1") == (MANY, 0, 0)


def test_a_kill_in_the_middle_loses_nothing(open_store: Opener, path: Path, clock: ManualClock) -> None:
    store = open_store(path, *LISTINGS)
    for number in range(2, MANY):
        held(store, f"each-{number}", 1, f"TG-{number}")
    clock.advance(TTL)
    held(store, "new", 1, "TG-900")
    assert live(store) > MANY - 100
    copy = crashed(store, "copy")
    store.expire_due()
    again = open_store(copy)
    again.expire_due()
    ended = state_of(again)
    assert ended["live"] == state_of(store)["live"]
    assert ended["listings"] == state_of(store)["listings"]
