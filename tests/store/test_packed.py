"""What a world remembers as bytes comes back as it was."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.invoice import Invoice
from mockpos.domain.money import Money
from mockpos.domain.seats import Numbering
from mockpos.store import packed
from mockpos.store.packed import PackedHolds, pack, unpack_hold, unpack_invoice
from tests.conftest import NOON, a_live_hold

moments = st.integers(NOON - 10**12, NOON + 10**12).map(Millis)
prices = st.integers(0, 10**13).map(lambda cents: Decimal(cents).scaleb(-2))
numberings = st.none() | st.builds(Numbering, st.integers(0, 10_000), st.sampled_from([1, 2]))
seats = st.lists(st.integers(0, 1000), max_size=3, unique=True).map(
    lambda at: tuple((n * 3, n * 3 + 2) for n in sorted(at))
)
quantities = st.just(2) | st.integers(1, 1000)  # two, as the runs of seats have, so that a hold may have just its seats
texts = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=128)
holds = st.builds(
    Hold,
    global_id=st.just("g-1"),
    remote_id=texts,
    quantity=quantities,
    status=st.sampled_from(HoldStatus),
    held_at=moments,
    expires_at=moments,
    unit_price=prices,
    seats=seats,
    numbering=numberings,
    available_after_hold=st.integers(0, 10**9),
    released_at=st.none() | moments,
    release_was_late=st.booleans(),
    available_after_release=st.integers(0, 10**9),
    invoice_id=st.none() | texts,
    stolen=st.booleans(),
)
invoices = st.builds(
    Invoice,
    invoice_id=texts,
    order_id=texts,
    global_id=st.just("g-1"),
    remote_id=texts,
    quantity=quantities,
    total=prices.map(Money),
    invoiced_at=moments,
    seats=seats,
    numbering=numberings,
    hold_reacquired=st.booleans(),
)


@given(holds)
def test_a_hold_comes_back(hold: Hold) -> None:
    packed = pack(hold)
    assert (unpack_hold("g-1", packed), unpack_invoice("g-1", packed)) == (hold, None)


@given(holds, invoices)
def test_a_hold_comes_back_with_its_invoice(hold: Hold, invoice: Invoice) -> None:
    packed = pack(hold, invoice)
    assert (unpack_hold("g-1", packed), unpack_invoice("g-1", packed)) == (hold, invoice)


@given(holds)
def test_what_an_invoice_shares_with_its_hold_is_written_once(hold: Hold) -> None:
    invoice = Invoice(
        invoice_id="INV-000001", order_id="o-1", global_id="g-1", remote_id=hold.remote_id, quantity=hold.quantity,
        total=Money(hold.unit_price), invoiced_at=hold.held_at, seats=hold.seats, numbering=hold.numbering,
    )  # fmt: skip
    packed = pack(hold, invoice)
    assert unpack_invoice("g-1", packed) == invoice
    assert len(packed) < len(pack(hold, replace(invoice, quantity=hold.quantity + 1)))


@given(st.lists(holds, max_size=5))
def test_a_copy_of_packed_holds_never_moves(some: list[Hold]) -> None:
    kept, versions = PackedHolds(), []
    for hold in some:
        kept.put(hold)
        versions.append(kept.copy())
    if some:
        kept.remove("g-1")
    assert dict(kept) == {}
    assert [dict(version) for version in versions] == [{"g-1": hold} for hold in some]


def test_holds_of_one_second_are_put_in_order_a_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """All at once, 70,000 holds under a clock that stands still kept every call waiting for 90 ms."""
    kept = PackedHolds()
    for number in range(1000):
        kept.put(a_live_hold(f"g-{number * 7 % 1000:04}", held_at=Millis(NOON + number % 3)))
    looked_at, most = [0], 0
    real = packed._held_at

    def counted(what: bytes) -> int:
        looked_at[0] += 1
        return real(what)

    monkeypatch.setattr(packed, "_RUN", 64)
    monkeypatch.setattr(packed, "_held_at", counted)
    found = []
    for hold in kept.in_order():
        most, looked_at[0] = max(most, looked_at[0]), 0
        if hold is not None:
            found.append((hold.held_at, hold.global_id))

    assert len(found) == 1000
    assert found == sorted(found)
    assert 0 < most <= 64 + 8
