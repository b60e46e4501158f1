"""Contract rule 8 with real threads, on every store.

``MOCKPOS_ROUNDS`` sets how often the race for the one seat is run (300).
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mockpos.domain.hold import HoldStatus
from mockpos.domain.listing import Listing
from mockpos.services.automator import Automator
from mockpos.services.pos import sell
from mockpos.store.memory_store import MemoryStore
from tests.conftest import ManualClock, StoreMaker, a_listing
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, stock_of


@pytest.fixture(autouse=True)
def restless_threads() -> Iterator[None]:
    """Let Python turn from thread to thread as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work(0) ... work(count - 1) in as many threads, started together, and return what each returned."""
    start = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(number: int) -> None:
        start.wait()
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


ROUNDS = int(os.environ.get("MOCKPOS_ROUNDS", "300"))


def test_one_seat_has_one_winner_every_time(make_store: StoreMaker) -> None:
    """16 threads want the one seat, and all give the winner's hold back, round after round."""
    store = make_store(a_listing(quantity=1))
    pos, together = automator(store), threading.Barrier(16)
    winners: list[str] = []

    def race(caller: int) -> list[tuple[str, str]]:
        outcomes = []
        for turn in range(ROUNDS):
            together.wait(timeout=60)
            mine = f"g-{turn}-{caller}"
            held = code_of(pos.hold, remote_id="TG-1", quantity=1, global_id=mine)
            if held == "ok":
                winners.append(mine)
            together.wait(timeout=60)
            outcomes.append((held, code_of(pos.release, global_id=winners[turn])))
        return outcomes

    for outcomes in zip(*at_once(16, race), strict=True):
        assert Counter(held for held, _ in outcomes) == {"ok": 1, "held_by_another": 15}
        assert Counter(released for _, released in outcomes) == {"ok": 1, "replayed": 15}
    assert len(winners) == ROUNDS
    assert_adds_up(store)
    assert stock_of(store) == (1, 0, 0)


def test_few_seats_are_never_oversold_by_many_threads(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=10))
    pos = automator(store)
    stop = threading.Event()
    broken: list[AssertionError] = []

    def watch() -> None:
        while not stop.is_set():
            try:
                assert_adds_up(store)
            except AssertionError as error:
                broken.append(error)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        sold = at_once(16, lambda caller: _buy_until_sold_out(pos, caller))
    finally:
        stop.set()
        watcher.join()

    assert not broken
    assert sum(map(len, sold)) == 10
    assert sorted(seat for seats in sold for seat in seats) == sorted(str(seat) for seat in range(5, 15))
    assert stock_of(store) == (0, 0, 10)


def _buy_until_sold_out(pos: Automator, caller: int) -> list[str]:
    """Hold, release every second hold, invoice the others; return the seats bought."""
    bought: list[str] = []
    for attempt in range(10_000):
        global_id = f"g-{caller}-{attempt}"
        outcome = code_of(pos.hold, remote_id="TG-1", quantity=1, global_id=global_id)
        if outcome == "listing_sold_out":
            return bought
        if outcome == "ok" and attempt % 2:
            bought += pos.invoice(global_id=global_id, order_id=f"o-{global_id}").invoice.seat_labels()
        elif outcome == "ok":
            pos.release(global_id=global_id)
    raise AssertionError("never sold out")


def test_the_same_hold_from_many_threads_is_one_hold(make_store: StoreMaker) -> None:
    store = make_store(a_listing())
    pos = automator(store)

    answers = at_once(16, lambda _: pos.hold(remote_id="TG-1", quantity=2, global_id="g-1"))

    assert Counter(answer.replayed for answer in answers) == {False: 1, True: 15}
    assert len({answer.hold for answer in answers}) == 1
    assert stock_of(store) == (2, 2, 0)


def test_invoice_and_release_of_one_hold_have_one_winner(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=60))
    pos = automator(store)
    for number in range(60):
        held(store, f"g-{number}")

    def race(caller: int) -> list[str]:
        calls = []
        for number in range(60):
            if caller % 2:
                calls.append(code_of(pos.release, global_id=f"g-{number}"))
            else:
                calls.append(code_of(pos.invoice, global_id=f"g-{number}", order_id=f"o-{number}"))
        return calls

    sold = 0
    for outcomes in zip(*at_once(8, race), strict=True):
        seen = Counter(outcomes)
        if seen["hold_already_invoiced"]:
            sold += 1
            assert seen == {"ok": 1, "replayed": 3, "hold_already_invoiced": 4}
        else:
            assert seen == {"ok": 1, "replayed": 3, "hold_released": 4}
    assert stock_of(store) == (60 - sold, 0, sold)


def test_one_order_id_from_many_threads_invoices_one_hold(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=16))
    pos = automator(store)
    for number in range(16):
        held(store, f"g-{number}")

    outcomes = at_once(16, lambda number: code_of(pos.invoice, global_id=f"g-{number}", order_id="o-1"))

    assert Counter(outcomes) == {"ok": 1, "order_id_conflict": 15}
    assert stock_of(store) == (0, 15, 1)


def test_one_hold_is_invoiced_to_one_of_many_orders(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=40))
    pos = automator(store)
    for number in range(40):
        held(store, f"g-{number}")

    def race(caller: int) -> list[str]:
        return [code_of(pos.invoice, global_id=f"g-{number}", order_id=f"o-{number}-{caller}") for number in range(40)]

    for outcomes in zip(*at_once(16, race), strict=True):
        assert Counter(outcomes) == {"ok": 1, "order_id_conflict": 15}
    assert stock_of(store) == (0, 0, 40)


def test_holds_racing_the_expiry_of_others_take_each_seat_once(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(*(a_listing(f"TG-{number}", 1) for number in range(40)))
    pos = automator(store)
    for number in range(40):
        held(store, f"old-{number}", 1, f"TG-{number}")

    def race(caller: int) -> list[str]:
        if caller == 0:
            clock.advance(TTL)
            return [hold.global_id for hold in store.expire_due()]
        return [
            code_of(pos.hold, remote_id=f"TG-{number}", quantity=1, global_id=f"new-{number}-{caller}")
            for number in range(40)
        ]

    _, *races = at_once(16, race)

    late = [code_of(pos.hold, remote_id=f"TG-{number}", quantity=1, global_id=f"l-{number}") for number in range(40)]
    for outcomes in zip(*races, late, strict=True):
        assert Counter(outcomes) == {"ok": 1, "held_by_another": 15}
    assert {store.peek(f"old-{number}").status for number in range(40)} == {HoldStatus.EXPIRED}
    assert_adds_up(store)


def test_an_invoice_racing_the_expiry_of_its_hold_sells_it_or_not_and_every_caller_hears_the_same(
    make_store: StoreMaker, clock: ManualClock
) -> None:
    store = make_store(a_listing(quantity=40))
    pos = automator(store)
    for number in range(40):
        held(store, f"g-{number}")

    def race(caller: int) -> list[str]:
        if caller == 0:
            clock.advance(TTL)
            return [""] * 40
        return [code_of(pos.invoice, global_id=f"g-{number}", order_id=f"o-{number}") for number in range(40)]

    _, *races = at_once(8, race)

    sold = 0
    for outcomes in zip(*races, strict=True):
        seen = Counter(outcomes)
        assert seen in ({"ok": 1, "replayed": 6}, {"hold_expired": 7})
        sold += seen["ok"]
    assert stock_of(store) == (40 - sold, 0, sold)


def test_a_lapsed_hold_is_taken_again_or_its_seat_is_anothers(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(*(a_listing(f"TG-{number}", 1) for number in range(40)))
    pos = automator(store, reacquire=True)
    for number in range(40):
        held(store, f"old-{number}", 1, f"TG-{number}")
    clock.advance(TTL)

    def race(caller: int) -> list[str]:
        if caller % 2:
            return [
                code_of(pos.hold, remote_id=f"TG-{number}", quantity=1, global_id=f"new-{number}-{caller}")
                for number in range(40)
            ]
        return [code_of(pos.invoice, global_id=f"old-{number}", order_id=f"o-{number}") for number in range(40)]

    races = at_once(8, race)
    for invoiced, holds in zip(zip(*races[::2], strict=True), zip(*races[1::2], strict=True), strict=True):
        if "ok" in invoiced:
            assert Counter(invoiced) == {"ok": 1, "replayed": 3}
            assert Counter(holds) == {"listing_sold_out": 4}
        else:
            assert Counter(invoiced) == {"hold_expired": 4}
            assert Counter(holds) == {"ok": 1, "held_by_another": 3}
    assert_adds_up(store)


def test_holds_racing_sales_elsewhere_never_sell_a_seat_twice(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=60))
    pos = automator(store)

    def race(caller: int) -> int:
        if caller % 2:
            return sum(
                code_of(pos.hold, remote_id="TG-1", quantity=1, global_id=f"g-{caller}-{number}") == "ok"
                for number in range(20)
            )
        return sum(sell_elsewhere(store, "TG-1", 1) for _ in range(20))

    taken = at_once(8, race)

    assert sum(taken) == 60
    assert stock_of(store) == (0, sum(taken[1::2]), sum(taken[::2]))
    assert_adds_up(store)


def test_a_hold_racing_a_withdrawal_comes_before_it_or_is_refused(make_store: StoreMaker) -> None:
    store = make_store(*(a_listing(f"TG-{number}", 16) for number in range(40)))
    pos = automator(store)

    def race(caller: int) -> list[str]:
        if caller == 0:
            return ["retired" for number in range(40) if withdraw(store, f"TG-{number}")]
        return [
            code_of(pos.hold, remote_id=f"TG-{number}", quantity=1, global_id=f"g-{number}-{caller}")
            for number in range(40)
        ]

    _, *races = at_once(16, race)

    for number, outcomes in enumerate(zip(*races, strict=True)):
        seen = Counter(outcomes)
        assert seen.keys() <= {"ok", "listing_retired"}
        assert stock_of(store, f"TG-{number}") == (16 - seen["ok"], seen["ok"], 0)
        late = code_of(pos.hold, remote_id=f"TG-{number}", quantity=1, global_id=f"late-{number}")
        assert late == "listing_retired"


def sell_elsewhere(store: MemoryStore, remote_id: str, quantity: int) -> int:
    """Let the broker sell so many free tickets; return how many there were."""
    with store.transaction() as tx:
        listing = tx.listing(remote_id)
        assert listing is not None
        return sell(tx, listing, quantity)


def withdraw(store: MemoryStore, remote_id: str) -> bool:
    with store.transaction() as tx:
        listing = tx.listing(remote_id)
        assert listing is not None
        tx.put(replace(listing, retired=True))
        return True


def test_a_release_racing_its_own_hold_leaves_no_ticket_held_for_nobody(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=50))
    pos = automator(store)

    def race(caller: int) -> list[str]:
        if caller:
            return [code_of(pos.release, global_id=f"g-{number}") for number in range(50)]
        return [code_of(pos.hold, remote_id="TG-1", quantity=1, global_id=f"g-{number}") for number in range(50)]

    holds, releases = at_once(2, race)

    assert set(zip(holds, releases, strict=True)) <= {("ok", "ok"), ("global_id_closed", "hold_not_found")}
    assert stock_of(store) == (50, 0, 0)


def test_listings_are_one_consistent_moment(make_store: StoreMaker) -> None:
    store = make_store(*(a_listing(f"TG-{number}") for number in range(5)))
    walk = store.listings()
    next(walk)
    held(store, "g-1", 4, "TG-4")

    rest: list[Listing] = []
    for listing, stock in walk:
        rest.append(listing)
        assert stock.available == 4
    assert [listing.remote_id for listing in rest] == ["TG-1", "TG-2", "TG-3", "TG-4"]
