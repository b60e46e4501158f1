"""Contract rules 6 and 7, transactions and bounded memory (rule 9), on every store."""

import tracemalloc
from collections.abc import Callable
from decimal import Decimal

import pytest

from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.hold import Tombstone
from mockpos.services.place_hold import place_hold
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import Limits
from tests.conftest import NOON, ManualClock, StoreMaker, a_listing
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, refusal_of, state_of, stock_of

# Rules 6 and 7: invoice


def test_an_invoice_sells_once_and_repeats_its_answer(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing())
    pos = automator(store)
    held(store, "g-1", 3)
    clock.advance(7)
    first = pos.invoice(global_id="g-1", order_id="o-1").invoice
    clock.advance(TTL)

    again = pos.invoice(global_id="g-1", order_id="o-1")

    assert (again.invoice, again.replayed) == (first, True)
    assert (first.invoiced_at, str(first.total), first.seat_labels()) == (NOON + 7, "360.00", ["5", "6", "7"])
    assert stock_of(store) == (1, 0, 3)
    assert code_of(pos.invoice, global_id="g-1", order_id="o-2") == "order_id_conflict"
    assert refusal_of(pos.release, global_id="g-1").details == {"invoice_id": first.invoice_id}


def test_the_total_is_the_price_at_the_moment_of_the_hold(make_store: StoreMaker) -> None:
    store = make_store(a_listing(wholesale_price=Decimal("9999999.99"), quantity=1000))
    held(store, "g-1", 1000)
    with store.transaction() as tx:
        tx.put(a_listing(wholesale_price=Decimal("5.00"), quantity=1000))

    assert str(automator(store).invoice(global_id="g-1", order_id="o").invoice.total) == "9999999990.00"


def test_an_order_id_belongs_to_one_hold_unless_orders_may_repeat(make_store: StoreMaker) -> None:
    store = make_store(a_listing())
    strict, lenient = automator(store), automator(store, orders_may_repeat=True)
    held(store, "g-1")
    held(store, "g-2")
    strict.invoice(global_id="g-1", order_id="o-1")

    assert code_of(strict.invoice, global_id="g-2", order_id="o-1") == "order_id_conflict"
    assert stock_of(store) == (2, 1, 1)
    second = lenient.invoice(global_id="g-2", order_id="o-1").invoice
    assert second.invoice_id != strict.invoice(global_id="g-1", order_id="o-1").invoice.invoice_id
    assert code_of(lenient.invoice, global_id="g-2", order_id="o-1") == "replayed"


def test_reacquiring_takes_exactly_the_same_seats_at_the_same_price(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing(quantity=6))
    for number in range(6):
        held(store, f"g-{number}")
    for number in (1, 3):
        automator(store).release(global_id=f"g-{number}")
    scattered = held(store, "pair", 2)
    clock.advance(TTL)
    with store.transaction() as tx:
        tx.put(a_listing(quantity=6, wholesale_price=Decimal("500.00"), broadcast=False))

    sold = automator(store, reacquire=True).invoice(global_id="pair", order_id="o-1").invoice

    assert (sold.seats, sold.hold_reacquired, str(sold.total)) == (scattered.seats, True, "240.00")
    assert stock_of(store) == (4, 0, 2)
    assert_adds_up(store)


def _seats_taken(store: MemoryStore) -> None:
    held(store, "other", 1)


def _retired(store: MemoryStore) -> None:
    with store.transaction() as tx:
        tx.put(a_listing(retired=True))


def _renumbered(store: MemoryStore) -> None:
    with store.transaction() as tx:
        tx.put(a_listing(numbering=None))


def _gone(store: MemoryStore) -> None:
    with store.transaction() as tx:
        tx.drop_listing("TG-1")


@pytest.mark.parametrize("meanwhile", [_seats_taken, _retired, _renumbered, _gone])
def test_reacquiring_is_refused_when_the_seats_are_not_there(
    make_store: StoreMaker, clock: ManualClock, meanwhile: Callable[[MemoryStore], None]
) -> None:
    store = make_store(a_listing(), a_listing("TG-2"))
    pos = automator(store, reacquire=True)
    held(store, "g-1", 2)
    clock.advance(TTL)
    meanwhile(store)

    refusal = refusal_of(pos.invoice, global_id="g-1", order_id="o-1")

    assert (refusal.code, refusal.details) == ("hold_expired", {"expired_at": rfc3339(Millis(NOON + TTL))})
    assert code_of(pos.release, global_id="g-1") == "ok"


def test_an_unnumbered_hold_is_reacquired_when_enough_is_left(make_store: StoreMaker, clock: ManualClock) -> None:
    store = make_store(a_listing(numbering=None))
    pos = automator(store, reacquire=True)
    held(store, "g-1", 3)
    clock.advance(TTL)
    held(store, "g-2", 2)
    assert code_of(pos.invoice, global_id="g-1", order_id="o-1") == "hold_expired"

    pos.release(global_id="g-2")
    held(store, "g-3", 1)

    assert code_of(pos.invoice, global_id="g-1", order_id="o-1") == "ok"
    assert stock_of(store) == (0, 1, 3)


# Transactions


def test_a_transaction_that_raises_changes_nothing(make_store: StoreMaker) -> None:
    store = make_store(a_listing())
    before = state_of(store)

    with pytest.raises(RuntimeError, match="midway"), store.transaction() as tx:  # noqa: PT012  # that is what is tested
        place_hold(tx, remote_id="TG-1", quantity=2, global_id="g-1", ttl_ms=TTL)
        tx.put(a_listing("TG-2"))
        tx.put(Tombstone("g-9", tx.now))
        tx.drop_listing("TG-1")
        raise RuntimeError("midway")

    assert state_of(store) == before
    assert code_of(automator(store).hold, remote_id="TG-1", quantity=4, global_id="g-1") == "ok"


def test_what_was_put_is_seen_by_later_reads_of_the_same_transaction(make_store: StoreMaker) -> None:
    store = make_store(a_listing())
    held(store, "g-1")
    sold = automator(store).invoice(global_id="g-1", order_id="o-1").invoice

    with store.transaction() as tx:
        place_hold(tx, remote_id="TG-1", quantity=2, global_id="g-2", ttl_ms=TTL)
        tx.put(Tombstone("g-3", tx.now))
        tx.put(sold._replace(global_id="g-2", order_id="o-2", invoice_id=tx.next_invoice_id()))
        listing = tx.listing("TG-1")
        assert listing is not None
        assert tx.stock(listing).available == 1
        hold, tombstone, invoice = tx.hold("g-2"), tx.tombstone("g-3"), tx.invoice("g-2")
        assert hold is not None
        assert hold.quantity == 2
        assert tombstone is not None
        assert invoice is not None
        assert invoice.order_id == "o-2"
        assert (tx.order_holder("o-1"), tx.order_holder("o-2"), tx.order_holder("o-3")) == ("g-1", "g-2", None)


# Rule 9: bounded memory


def test_closed_holds_and_their_orders_are_forgotten_oldest_first_and_counted(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=20), limits=Limits(closed_holds=3, tombstones=2))
    pos = automator(store)
    for number in range(5):
        held(store, f"g-{number}")
        pos.invoice(global_id=f"g-{number}", order_id=f"o-{number}")
    held(store, "live")

    assert store.hold_counts() == (1, 3)
    assert store.world.closed.forgotten == 2
    assert dict(store.world.orders.items()) == {f"o-{number}": f"g-{number}" for number in (2, 3, 4)}
    assert code_of(pos.invoice, global_id="g-0", order_id="o-0") == "hold_not_found"
    assert code_of(pos.invoice, global_id="g-2", order_id="o-2") == "replayed"
    assert code_of(pos.invoice, global_id="live", order_id="o-1") == "ok", "a forgotten order ID is free again"
    ids = {invoice.invoice_id for _, invoice in store.world.each_closed() if invoice}
    assert len(ids) == 3
    assert store.world.invoices_made == 6
    assert stock_of(store) == (14, 0, 6)


def test_an_order_stays_taken_while_the_last_who_took_it_is_remembered(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=20), limits=Limits(closed_holds=2))
    strict, lenient = automator(store), automator(store, orders_may_repeat=True)
    for global_id in ("g-1", "g-2", "g-3"):
        held(store, global_id)
    lenient.invoice(global_id="g-1", order_id="o")
    lenient.invoice(global_id="g-2", order_id="o")
    strict.invoice(global_id="g-3", order_id="another")  # g-1 is forgotten, and the order free again
    held(store, "g-4")
    lenient.invoice(global_id="g-4", order_id="o")  # g-2 is forgotten: it was not this one's
    held(store, "g-5")
    assert code_of(strict.invoice, global_id="g-5", order_id="o") == "order_id_conflict"


def test_what_ended_is_remembered_in_few_bytes(make_store: StoreMaker) -> None:
    store = make_store(a_listing(quantity=1000))
    pos = automator(store)

    def buy(numbers: range) -> None:
        for number in numbers:
            held(store, f"checkout-{number}", 1)
            pos.invoice(global_id=f"checkout-{number}", order_id=f"199401-{number}")

    buy(range(100))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        buy(range(100, 900))
        taken = (tracemalloc.get_traced_memory()[0] - before) / 800
    finally:
        tracemalloc.stop()
    assert taken < 850, "200,000 of them are remembered: each 100 bytes are 20 MB"


def test_tombstones_are_forgotten_oldest_first_and_counted(make_store: StoreMaker) -> None:
    store = make_store(a_listing(), limits=Limits(tombstones=2))
    pos = automator(store)
    for global_id in ("g-1", "g-2", "g-1", "g-3"):
        code_of(pos.release, global_id=global_id)

    assert store.world.tombstones.forgotten == 1
    assert code_of(pos.hold, remote_id="TG-1", quantity=1, global_id="g-1") == "ok"
    assert code_of(pos.hold, remote_id="TG-1", quantity=1, global_id="g-2") == "global_id_closed"
