"""What was asked of a store tells of the moment it was asked, however long its reader takes and whatever happens."""

from collections.abc import Callable
from typing import Any

import pytest

from mockpos.store.memory_store import MemoryStore
from tests.conftest import StoreMaker, a_listing
from tests.store.actors import automator, held

LISTINGS = 50
QUESTIONS: dict[str, Callable[[MemoryStore], Any]] = {
    "listings": lambda store: store.listings(),
    "listings from a place": lambda store: store.listings_from(0, ""),
    "live holds": lambda store: iter(store.live_holds()),
    "live holds on a listing": lambda store: iter(store.live_holds("TG-0")),
    "ended holds": lambda store: iter(store.ended_from(0, 100)),
    "a snapshot's live holds": lambda store: iter(store.snapshot().live.values()),
    "a snapshot's listings": lambda store: store.snapshot().each_listing(),
    "a snapshot's orders": lambda store: iter(store.snapshot().orders.items()),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_an_answer_does_not_move(ask: Callable[[MemoryStore], Any], make_store: StoreMaker) -> None:
    store = make_store(*(a_listing(f"TG-{number}", quantity=8) for number in range(LISTINGS)))
    pos = automator(store)
    for number in range(LISTINGS):
        held(store, f"kept-{number}", remote_id=f"TG-{number}")
        held(store, f"ended-{number}", remote_id=f"TG-{number}")
        pos.release(global_id=f"ended-{number}")
    pos.invoice(global_id="kept-9", order_id="o-9")

    expected = sorted(ask(store), key=repr)
    asked = ask(store)
    begun = [next(asked)]
    for number in range(LISTINGS):
        held(store, f"later-{number}", 2, remote_id=f"TG-{number}")
        if number != 9:
            pos.release(global_id=f"kept-{number}")
    pos.invoice(global_id="later-3", order_id="o-3")

    assert sorted(begun + list(asked), key=repr) == expected
