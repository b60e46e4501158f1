"""Contract rules 1 to 5 through the use cases, on every store."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mockpos.domain.clock import rfc3339
from mockpos.domain.hold import HoldStatus
from mockpos.services.automator import Automator
from mockpos.store.world import Limits
from tests.conftest import NOON, ManualClock, StoreMaker, a_listing
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, refusal_of, state_of, stock_of

# Rule 1: named seats


def test_a_hold_takes_the_lowest_run_of_neighbours_that_fits(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=8))
    for number in range(8):
        held(store, f"g-{number}")
    pos = automator(store)
    for number in (1, 4, 5):
        pos.release(global_id=f"g-{number}")

    assert held(store, "pair", 2).seat_labels() == ["9", "10"]


def test_scattered_seats_are_taken_lowest_first_when_no_neighbours_are_left(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=6))
    for number in range(6):
        held(store, f"g-{number}")
    for number in (0, 2, 4):
        automator(store).release(global_id=f"g-{number}")

    assert held(store, "pair", 2).seat_labels() == ["5", "7"]
    assert held(store, "last", 1).seat_labels() == ["9"]


def test_an_unnumbered_listing_counts_and_names_no_seats(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=3, numbering=None))

    assert held(store, "g-1", 2).seat_labels() == []
    assert stock_of(store) == (1, 2, 0)
    assert_adds_up(store)


# Rule 2: the Global ID


def test_a_repeated_hold_is_the_first_answer_whatever_became_of_the_listing(
    make_store: StoreMaker, clock: ManualClock
) -> None:
    store = make_store(a_listing())
    first = held(store, "g-1", 2)
    held(store, "g-2", 2)
    with store.transaction() as tx:
        listing = tx.listing("TG-1")
        assert listing is not None
        tx.put(replace(listing, retired=True, wholesale_price=Decimal("1.00"), mapped=False))
    clock.advance(1000)

    again = automator(store).hold(remote_id="TG-1", quantity=2, global_id="g-1")

    assert again.replayed
    assert again.hold == first


@pytest.mark.parametrize("other", [{"quantity": 1}, {"remote_id": "TG-2"}, {"remote_id": "no such"}, {"quantity": 999}])
def test_other_content_under_a_live_global_id_is_a_conflict(make_store: StoreMaker, other: dict[str, Any]) -> None:
    store = make_store(a_listing(), a_listing("TG-2"))
    held(store, "g-1", 2)

    assert code_of(automator(store).hold, **{"remote_id": "TG-1", "quantity": 2, "global_id": "g-1", **other}) == (
        "global_id_conflict"
    )


@pytest.mark.parametrize("ending", ["released", "expired", "invoiced", "late release", "reacquired"])
@pytest.mark.parametrize("same_content", [True, False])
def test_an_ended_global_id_never_holds_again(
    make_store: StoreMaker, clock: ManualClock, ending: str, same_content: bool
) -> None:
    store = make_store(a_listing(quantity=8))
    pos = automator(store, reacquire=True)
    held(store, "g-1", 2)
    if ending in ("expired", "late release", "reacquired"):
        clock.advance(TTL)
    if ending in ("released", "late release"):
        pos.release(global_id="g-1")
    if ending in ("invoiced", "reacquired"):
        pos.invoice(global_id="g-1", order_id="o-1")

    refusal = refusal_of(pos.hold, remote_id="TG-1", quantity=2 if same_content else 3, global_id="g-1")

    assert refusal.code == "global_id_closed"
    status = {"late release": "released", "reacquired": "invoiced"}.get(ending, ending)
    assert refusal.details == {"hold_status": status}


def test_a_refused_hold_is_not_remembered(make_store: StoreMaker) -> None:
    store = make_store(a_listing())
    before = state_of(store)

    assert code_of(automator(store).hold, remote_id="TG-1", quantity=5, global_id="g-1") == "insufficient_quantity"
    assert state_of(store) == before
    assert code_of(automator(store).hold, remote_id="TG-1", quantity=4, global_id="g-1") == "ok"


# Rules 3 and 4: release


def test_a_release_before_its_hold_closes_the_global_id(make_store: StoreMaker) -> None:
    store = make_store(a_listing())
    pos = automator(store)

    assert [code_of(pos.release, global_id="g-1") for _ in range(3)] == ["hold_not_found"] * 3
    late = refusal_of(pos.hold, remote_id="TG-1", quantity=1, global_id="g-1")
    assert (late.code, late.details) == ("global_id_closed", {"hold_status": "released_before_hold"})
    assert code_of(pos.invoice, global_id="g-1", order_id="o-1") == "hold_not_found"
    assert code_of(pos.release, global_id="g-1") == "hold_not_found"
    assert stock_of(store) == (4, 0, 0)


def test_an_invoice_of_an_unknown_global_id_leaves_no_tombstone(make_store: StoreMaker) -> None:
    store = make_store(a_listing())

    assert code_of(automator(store).invoice, global_id="g-1", order_id="o-1") == "hold_not_found"
    assert code_of(automator(store).hold, remote_id="TG-1", quantity=1, global_id="g-1") == "ok"


def test_a_repeated_release_is_the_first_answer(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing())
    pos = automator(store)
    held(store, "g-1", 2)
    clock.advance(5)
    first = pos.release(global_id="g-1")
    held(store, "g-2", 4)
    clock.advance(5)

    again = pos.release(global_id="g-1")

    assert not first.replayed
    assert again.replayed
    assert again.hold == first.hold
    assert first.hold is not None
    assert (first.hold.released_at, first.hold.available_after_release) == (NOON + 5, 4)
    assert stock_of(store) == (0, 4, 0), "the second release gave nothing back"


def test_releasing_an_expired_hold_succeeds_once_and_gives_nothing_back_twice(
    make_store: StoreMaker, clock: ManualClock
) -> None:
    store = make_store(a_listing())
    pos = automator(store, reacquire=True)
    held(store, "g-1", 2)
    clock.advance(TTL)
    held(store, "g-2", 1)

    late = pos.release(global_id="g-1").hold

    assert late is not None
    assert (late.status, late.release_was_late, late.available_after_release) == (HoldStatus.RELEASED, True, 3)
    assert stock_of(store) == (3, 1, 0)
    assert code_of(pos.invoice, global_id="g-1", order_id="o-1") == "hold_released"
    assert code_of(pos.release, global_id="g-1") == "replayed"


# Rule 5: expiry


def test_a_hold_has_expired_exactly_at_its_expires_at(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing())
    hold = held(store, "g-1", 4)
    assert hold.expires_at == NOON + TTL
    clock.advance(TTL - 1)
    refusal = refusal_of(automator(store).hold, remote_id="TG-1", quantity=1, global_id="g-2")
    assert (refusal.code, refusal.details["next_expiry_at"]) == ("held_by_another", rfc3339(hold.expires_at))

    clock.advance(1)

    assert code_of(automator(store).hold, remote_id="TG-1", quantity=4, global_id="g-2") == "ok"
    assert_adds_up(store)


NEXT_CALLS: dict[str, Callable[[Automator], str]] = {
    "a good hold": lambda pos: code_of(pos.hold, remote_id="TG-2", quantity=1, global_id="g-x"),
    "a refused hold": lambda pos: code_of(pos.hold, remote_id="nothing", quantity=1, global_id="g-x"),
    "an unknown release": lambda pos: code_of(pos.release, global_id="g-x"),
    "an unknown invoice": lambda pos: code_of(pos.invoice, global_id="g-x", order_id="o-1"),
}


@pytest.mark.parametrize("call", NEXT_CALLS)
def test_the_very_next_call_of_any_kind_expires_a_hold_for_good(
    make_store: StoreMaker, clock: ManualClock, call: str
) -> None:
    store = make_store(a_listing(), a_listing("TG-2"))
    pos = automator(store)
    held(store, "g-1", 4)
    clock.advance(TTL)
    NEXT_CALLS[call](pos)
    assert stock_of(store) == (4, 0, 0)

    clock.at = NOON  # set back before the hold was to expire: it stays expired

    assert refusal_of(pos.invoice, global_id="g-1", order_id="o-1").code == "hold_expired"
    assert code_of(pos.hold, remote_id="TG-1", quantity=4, global_id="g-1") == "global_id_closed"
    assert_adds_up(store)


def test_expiry_survives_a_transaction_that_fails(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing())
    held(store, "g-1", 4)
    clock.advance(TTL)

    with pytest.raises(RuntimeError, match="midway"), store.transaction():
        raise RuntimeError("midway")

    clock.at = NOON
    assert stock_of(store) == (4, 0, 0)
    assert code_of(automator(store).invoice, global_id="g-1", order_id="o-1") == "hold_expired"


def test_many_holds_expire_and_all_seats_come_back(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing(quantity=30), a_listing("TG-2", 30, numbering=None))
    for number in range(30):
        held(store, f"a-{number}")
        held(store, f"b-{number}", 1, "TG-2")
        clock.advance(1)
    clock.advance(TTL - 30 + 14)  # the first fifteen moments are over

    assert [hold.global_id for hold in store.expire_due()] == [
        f"{tag}-{number}" for number in range(15) for tag in ("a", "b")
    ]

    assert stock_of(store) == (15, 15, 0)
    assert stock_of(store, "TG-2") == (15, 15, 0)
    assert_adds_up(store)


def test_a_host_clock_that_jumps_back_stands_still_at_the_last_committed_time(
    make_store: StoreMaker, clock: ManualClock
) -> None:
    store = make_store(a_listing())
    held(store, "g-1")
    clock.advance(-3_600_000)

    second = held(store, "g-2")

    assert (second.held_at, second.expires_at) == (NOON, NOON + TTL)
    clock.advance(3_600_001)
    assert held(store, "g-3").held_at == NOON + 1


def test_a_global_id_that_was_forgotten_and_held_again_in_the_same_moment_expires_once(
    make_store: StoreMaker, clock: ManualClock
) -> None:
    store = make_store(a_listing(numbering=None), limits=Limits(closed_holds=1))
    pos = automator(store)
    for global_id in ("g-1", "g-2"):  # closing g-2 forgets g-1
        held(store, global_id)
        pos.release(global_id=global_id)
    held(store, "g-1")
    clock.advance(TTL)

    with store.transaction():
        pass

    assert stock_of(store) == (4, 0, 0)
    assert_adds_up(store)
