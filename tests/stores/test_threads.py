"""Contract rule 8 with real threads, on every store."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from mockpos.domain.listing import Listing
from mockpos.services.automator import Automator
from tests.conftest import StoreMaker, a_listing
from tests.stores.actors import assert_adds_up, automator, code_of, held, stock_of


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


def test_one_seat_has_one_winner_every_time(make_store: StoreMaker) -> None:
    listings = [a_listing(f"TG-{number}", 1) for number in range(40)]
    store = make_store(*listings)
    pos = automator(store)

    def race(caller: int) -> list[str]:
        return [
            code_of(pos.hold, remote_id=listing.remote_id, quantity=1, global_id=f"{listing.remote_id}-{caller}")
            for listing in listings
        ]

    for outcomes in zip(*at_once(16, race), strict=True):
        assert Counter(outcomes) == {"ok": 1, "held_by_another": 15}
    assert_adds_up(store)


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
