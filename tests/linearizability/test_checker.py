"""The checker itself: it takes good histories, and none with a ticket sold twice, a lost release or a stale look."""

import random

import pytest

from tests.linearizability.checker import NotLinearizable, check
from tests.linearizability.history import Record
from tests.machine.calls import Body, Call, call
from tests.machine.clock_model import Clock
from tests.machine.listing_model import a_model_listing
from tests.machine.model import Policy
from tests.machine.pos_model import Sandbox

NOW, TTL = 1_000_000, 900


def a_model(quantity: int = 1) -> Sandbox:
    listing = a_model_listing("TG-1", quantity, first_seat=1)
    return Sandbox({"TG-1": listing}, Clock(NOW), Policy(ttl_ms=TTL))


def hold(global_id: str, quantity: int = 1) -> Call:
    return call("hold", remote_id="TG-1", quantity=quantity, global_id=global_id)


def release(global_id: str) -> Call:
    return call("release", global_id=global_id)


def invoice(global_id: str, order_id: str) -> Call:
    return call("invoice", global_id=global_id, order_id=order_id)


LOOK = call("look", remote_id="TG-1")


def answers(calls: list[Call], quantity: int = 1) -> list[Body]:
    """Return what these calls answer when they come one after another."""
    model = a_model(quantity)
    return [model.answer(each) for each in calls]


def record(client: str, made: Call, start: float, end: float, answer: Body) -> Record:
    return Record(client, made, start, end, answer)


HELD_1, HELD_BY_ANOTHER = answers([hold("g-1"), hold("g-2")])
HELD_2 = answers([hold("g-2")])[0]
ONE_LEFT, NONE_LEFT = answers([LOOK])[0], answers([hold("g-1"), LOOK])[1]
RELEASED_1 = answers([hold("g-1"), release("g-1")])[1]
INVOICED_1 = answers([hold("g-1"), invoice("g-1", "o-1")])[1]


def test_calls_one_after_another_need_no_order_but_their_own() -> None:
    history = [
        record("a", hold("g-1"), 0, 1, HELD_1),
        record("b", hold("g-2"), 2, 3, HELD_BY_ANOTHER),
        record("a", release("g-1"), 4, 5, RELEASED_1),
        record("b", LOOK, 6, 7, ONE_LEFT),
    ]
    assert check(a_model(), history) == (0, 1, 2, 3)


def test_calls_at_the_same_time_may_come_in_either_order() -> None:
    history = [record("a", hold("g-2"), 0, 5, HELD_BY_ANOTHER), record("b", hold("g-1"), 1, 4, HELD_1)]
    assert check(a_model(), history) == (1, 0)


def test_a_call_may_take_effect_at_any_moment_while_it_lasts() -> None:
    history = [
        record("a", hold("g-1"), 0, 9, HELD_1),
        record("b", LOOK, 1, 2, ONE_LEFT),
        record("b", LOOK, 3, 4, NONE_LEFT),
    ]
    assert check(a_model(), history) == (1, 0, 2)


def test_one_ticket_that_is_held_twice_is_noticed() -> None:
    history = [record("a", hold("g-1"), 0, 5, HELD_1), record("b", hold("g-2"), 1, 4, HELD_2)]
    with pytest.raises(NotLinearizable):
        check(a_model(), history)


def test_two_sales_of_one_hold_are_noticed() -> None:
    sold_again = {**INVOICED_1, "order_id": "o-2"}
    history = [
        record("a", hold("g-1"), 0, 1, HELD_1),
        record("a", invoice("g-1", "o-1"), 2, 6, INVOICED_1),
        record("b", invoice("g-1", "o-2"), 3, 5, sold_again),
    ]
    with pytest.raises(NotLinearizable):
        check(a_model(), history)


def test_a_lost_release_is_noticed() -> None:
    history = [
        record("a", hold("g-1"), 0, 1, HELD_1),
        record("a", release("g-1"), 2, 3, RELEASED_1),
        record("b", LOOK, 4, 5, NONE_LEFT),
    ]
    with pytest.raises(NotLinearizable, match=r"3 b look TG-1: available: 0, not 1"):
        check(a_model(), history)


def test_a_stale_look_is_noticed() -> None:
    history = [
        record("a", hold("g-1"), 0, 1, HELD_1),
        record("b", LOOK, 2, 3, ONE_LEFT),
    ]
    with pytest.raises(NotLinearizable):
        check(a_model(), history)


def test_a_look_that_goes_back_in_time_is_noticed() -> None:
    history = [
        record("a", hold("g-1"), 0, 9, HELD_1),
        record("b", LOOK, 1, 2, NONE_LEFT),
        record("b", LOOK, 3, 4, ONE_LEFT),
    ]
    with pytest.raises(NotLinearizable):
        check(a_model(), history)


def test_a_replay_that_says_something_else_is_noticed() -> None:
    again = {**HELD_1, "replayed": True, "available_quantity": 1}
    history = [record("a", hold("g-1"), 0, 1, HELD_1), record("b", hold("g-1"), 2, 3, again)]
    with pytest.raises(NotLinearizable, match="available_quantity: 1, not 0"):
        check(a_model(), history)


def test_a_lost_hold_may_have_happened() -> None:
    history = [Record("a", hold("g-1"), 0), record("b", LOOK, 1, 2, NONE_LEFT)]
    assert check(a_model(), history) == (0, 1)


def test_a_lost_hold_may_never_have_happened() -> None:
    history = [Record("a", hold("g-1"), 0), record("b", hold("g-2"), 1, 2, HELD_2)]
    assert check(a_model(), history) == (1,)


def test_a_lost_hold_may_happen_long_after() -> None:
    history = [
        Record("a", hold("g-1"), 0),
        record("b", LOOK, 1, 2, ONE_LEFT),
        record("b", LOOK, 3, 4, NONE_LEFT),
    ]
    assert check(a_model(), history) == (1, 0, 2)


def test_a_lost_hold_does_not_happen_before_it_began_nor_twice() -> None:
    too_early = [record("b", LOOK, 0, 1, NONE_LEFT), Record("a", hold("g-1"), 2)]
    with pytest.raises(NotLinearizable):
        check(a_model(), too_early)
    both = [Record("a", hold("g-1"), 0), record("b", hold("g-2"), 1, 2, HELD_2), record("b", LOOK, 3, 4, ONE_LEFT)]
    with pytest.raises(NotLinearizable):
        check(a_model(), both)


def test_a_lost_advance_of_the_clock_may_have_ended_a_hold() -> None:
    calls = [hold("g-1"), call("set_clock", advance=TTL), invoice("g-1", "o-1")]
    expired = answers(calls)[2]
    history = [
        record("a", calls[0], 0, 1, HELD_1),
        Record("b", calls[1], 2),
        record("a", calls[2], 3, 4, expired),
    ]
    assert check(a_model(), history) == (0, 1, 2)
    without = [history[0], history[2]]
    with pytest.raises(NotLinearizable):
        check(a_model(), without)


def test_what_is_wrong_is_shown_so_that_a_person_can_follow_it() -> None:
    history = [
        record("a", hold("g-1"), 0, 0.004, HELD_1),
        Record("c", release("g-9"), 0.001),
        record("b", hold("g-2"), 0.002, 0.003, HELD_2),
    ]
    with pytest.raises(NotLinearizable) as caught:
        check(a_model(), history)
    told = str(caught.value).splitlines()
    assert told[0].startswith("no order of these 3 calls explains")
    assert told[1].startswith("  1    0.00    4.00 |================================| a hold TG-1 x1 g-1 ")
    assert told[2].startswith("  2    1.00     ... |        ????????????????????????| c release g-9 ")
    assert told[4].startswith("the longest that does: 3")
    assert "1 a hold TG-1 x1 g-1: " in told[6]
    assert "code: None, not held_by_another" in told[6]


@pytest.mark.parametrize("seed", range(30))
def test_histories_made_from_an_order_are_taken_and_their_forgeries_are_not(seed: int) -> None:
    """Stretch the calls of a one-after-another run over each other; then forge an answer of the last look."""
    chance = random.Random(seed)
    model, history = a_model(3), []
    for at in range(14):
        made = chance.choice([hold(f"g-{at}"), hold("g-1"), release(f"g-{chance.randrange(at + 1)}"), LOOK,
                              invoice(f"g-{chance.randrange(at + 1)}", f"o-{chance.randrange(3)}")])  # fmt: skip
        answer = model.answer(made)
        start, end = at - chance.uniform(0, 3), at + chance.uniform(0, 3)
        lost = chance.random() < 0.15
        history.append(Record("c", made, start) if lost else Record("c", made, start, end, answer))
    look = model.answer(LOOK)
    history.append(record("c", LOOK, 20, 21, look))
    chance.shuffle(history)
    check(a_model(3), history)
    forged = {**look, "available": look["available"] + 1, "sold": look["sold"] - 1}
    with pytest.raises(NotLinearizable):
        check(a_model(3), [record("c", LOOK, 20, 21, forged) if each.start == 20 else each for each in history])
