"""Several faults at once: the first documented one is answered, on every store."""

from datetime import date
from typing import Any

import pytest

from mockpos.domain.event import Event, EventState, Venue
from mockpos.domain.listing import SplitType
from tests.conftest import ManualClock, StoreMaker, a_listing
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, refusal_of, stock_of


def _over(**changes: Any) -> Event:
    return Event("EV-1", "Final", Venue("Hall"), date(2020, 1, 1), **changes)


_HOLD_FAULTS: list[tuple[str, dict[str, Any], int, str]] = [
    ("all at once", {"retired": True, "mapped": False, "split_type": SplitType.PAIRS}, 999, "listing_retired"),
    ("not mapped first", {"mapped": False, "broadcast": False, "event": _over()}, 999, "not mapped to an event"),
    ("not broadcast", {"broadcast": False, "event": _over(state=EventState.POSTPONED)}, 999, "not broadcast"),
    ("postponed, and over", {"event": _over(state=EventState.POSTPONED)}, 999, "event postponed"),
    ("canceled, and over", {"event": _over(state=EventState.CANCELED)}, 999, "event canceled"),
    ("over", {"event": _over()}, 999, "event over"),
    ("too many, wrong split", {"split_type": SplitType.PAIRS}, 5, "insufficient_quantity"),
    ("wrong split only", {"split_type": SplitType.PAIRS}, 3, "invalid_split"),
]


@pytest.mark.parametrize(("listing", "quantity", "answer"), [row[1:] for row in _HOLD_FAULTS],
                         ids=[row[0] for row in _HOLD_FAULTS])  # fmt: skip
def test_a_hold_with_several_faults_gets_the_first_documented_one(
    make_store: StoreMaker, listing: dict[str, Any], quantity: int, answer: str
) -> None:
    store = make_store(a_listing(**listing))

    refusal = refusal_of(automator(store).hold, remote_id="TG-1", quantity=quantity, global_id="g-1")

    assert answer in (refusal.code, refusal.details.get("reason"))


def test_sold_out_comes_before_split_and_retired_before_sold_out(make_store: StoreMaker) -> None:
    store = make_store(a_listing(split_type=SplitType.ALL))
    pos = automator(store)
    held(store, "g-1", 4)
    assert code_of(pos.hold, remote_id="TG-1", quantity=5, global_id="g-2") == "insufficient_quantity"
    assert code_of(pos.hold, remote_id="TG-1", quantity=3, global_id="g-2") == "held_by_another"
    pos.invoice(global_id="g-1", order_id="o-1")
    assert code_of(pos.hold, remote_id="TG-1", quantity=3, global_id="g-2") == "listing_sold_out"
    with store.transaction() as tx:
        tx.put(a_listing(split_type=SplitType.ALL, mapped=False))
    assert code_of(pos.hold, remote_id="TG-1", quantity=3, global_id="g-2") == "listing_not_for_sale"
    with store.transaction() as tx:
        tx.put(a_listing(split_type=SplitType.ALL, mapped=False, retired=True, superseded_by="TG-9"))
    assert refusal_of(pos.hold, remote_id="TG-1", quantity=3, global_id="g-2").details == {"superseded_by": "TG-9"}
    assert code_of(pos.hold, remote_id="TG-1", quantity=3, global_id="g-1") == "global_id_closed"


def test_insufficient_counts_unsold_and_held_by_another_counts_free(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=10))
    pos = automator(store)
    held(store, "sold", 4)
    pos.invoice(global_id="sold", order_id="o-1")
    held(store, "live", 4)
    asked = {
        quantity: refusal_of(pos.hold, remote_id="TG-1", quantity=quantity, global_id="g") for quantity in (3, 6, 7, 10)
    }
    assert [asked[quantity].code for quantity in (3, 6)] == ["held_by_another"] * 2
    assert [asked[quantity].code for quantity in (7, 10)] == ["insufficient_quantity"] * 2
    assert {refusal.details["available_quantity"] for refusal in asked.values()} == {2}


def test_splits_are_judged_on_what_is_free(make_store: StoreMaker) -> None:
    store = make_store(a_listing(split_type=SplitType.NEVER_LEAVE_ONE))
    refusal = refusal_of(automator(store).hold, remote_id="TG-1", quantity=3, global_id="g")
    assert (refusal.code, refusal.details) == ("invalid_split", {"valid_quantities": [1, 2, 4]})
    held(store, "g-1", 1)
    refusal = refusal_of(automator(store).hold, remote_id="TG-1", quantity=2, global_id="g")
    assert refusal.details == {"valid_quantities": [1, 3]}


def test_the_order_of_an_invoices_checks(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing(quantity=9))
    pos = automator(store)
    for global_id in ("sold", "released", "expired"):
        held(store, global_id)
    pos.invoice(global_id="sold", order_id="o-1")
    pos.release(global_id="released")
    clock.advance(TTL)
    held(store, "live")

    # o-1 is used elsewhere in every one of these
    assert code_of(pos.invoice, global_id="unknown", order_id="o-1") == "hold_not_found"
    assert code_of(pos.invoice, global_id="sold", order_id="o-1") == "replayed"
    assert code_of(pos.invoice, global_id="sold", order_id="o-2") == "order_id_conflict"
    assert code_of(pos.invoice, global_id="released", order_id="o-1") == "hold_released"
    assert code_of(pos.invoice, global_id="expired", order_id="o-1") == "hold_expired"
    assert code_of(automator(store, reacquire=True).invoice, global_id="expired", order_id="o-1") == "order_id_conflict"
    assert code_of(pos.invoice, global_id="live", order_id="o-1") == "order_id_conflict"
    assert stock_of(store) == (7, 1, 1)
    assert_adds_up(store)


def test_a_wrong_remote_id_is_answered_with_a_near_one(make_store: StoreMaker) -> None:
    store = make_store(a_listing("TG-1042"))
    assert refusal_of(automator(store).hold, remote_id="tg-1O42", quantity=1, global_id="g").details == {
        "remote_id": "tg-1O42",
        "did_you_mean": "TG-1042",
    }
