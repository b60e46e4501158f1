"""A listing's numbers are set right only where its holds, its invoices and itself leave one answer."""

from decimal import Decimal
from typing import Any

import pytest

from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.money import Money
from mockpos.domain.seats import Runs, size
from mockpos.fsck.stock_derivation import Said, derive_stock
from tests.conftest import NOON, a_listing

NUMBERED = a_listing(quantity=9)
COUNTED = a_listing(quantity=9, numbering=None)


def hold(listing: Listing, seats: Runs, name: str = "h", quantity: int = 0) -> Hold:
    return Hold(
        global_id=name, remote_id="TG-1", quantity=quantity or size(seats), status=HoldStatus.HELD, held_at=NOON,
        expires_at=NOON, unit_price=Decimal(1), seats=seats, numbering=listing.numbering, available_after_hold=0,
    )  # fmt: skip


def invoice(listing: Listing, seats: Runs, quantity: int = 0) -> Invoice:
    return Invoice(
        invoice_id="INV-1", order_id="o", global_id="i", remote_id="TG-1", quantity=quantity or size(seats),
        total=Money(Decimal(1)), invoiced_at=NOON, seats=seats, numbering=listing.numbering,
    )  # fmt: skip


HELD = [hold(NUMBERED, ((0, 1),))]
SOLD = [invoice(NUMBERED, ((1, 4),))]

NUMBERED_CASES: dict[str, tuple[Said, list[Hold], list[Invoice], tuple[int, int, int, Runs] | None]] = {
    "all agree": (Said(5, 1, 3, ((4, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "sold is too small": (Said(5, 1, 2, ((4, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "sold is too large": (Said(5, 1, 7, ((4, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "sold is illegible": (Said(5, 1, None, ((4, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "available is wrong": (Said(6, 1, 3, ((4, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "available is illegible": (Said(None, 1, 3, ((4, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "held is wrong": (Said(5, 4, 3, ((4, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "free seats are illegible": (Said(5, 1, 3, None), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "free seats name a held one": (Said(5, 1, 3, ((0, 1), (5, 9))), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "a sold seat is free": (Said(6, 1, 2, ((3, 9),)), HELD, SOLD, (5, 1, 3, ((4, 9),))),
    "a hold is missing": (Said(5, 1, 3, ((4, 9),)), [], SOLD, (6, 0, 3, ((0, 1), (4, 9)))),
    "a hold was not counted": (Said(9, 0, 0, ((0, 9),)), HELD, [], (8, 1, 0, ((1, 9),))),
    "a sale was not counted": (Said(9, 0, 0, ((0, 9),)), [], SOLD, (6, 0, 3, ((0, 1), (4, 9)))),
    "some were sold elsewhere": (Said(4, 2, 4, ((5, 9),)), HELD, SOLD, (4, 1, 4, ((5, 9),))),
    "sold elsewhere, and a hold is missing": (Said(4, 1, 4, ((5, 9),)), [], SOLD, None),
    "sold elsewhere or free": (Said(4, 1, 3, ((5, 9),)), HELD, SOLD, None),
    "sold elsewhere, free seats illegible": (Said(4, 1, 4, None), HELD, SOLD, None),
    "nothing is legible": (Said(None, None, None, None), HELD, SOLD, None),
    "a seat is held and sold": (Said(5, 1, 3, ((4, 9),)), [hold(NUMBERED, ((1, 2),))], SOLD, None),
    "a seat that is not there": (Said(5, 1, 3, ((4, 9),)), [hold(NUMBERED, ((8, 10),))], [], None),
    "seats of another row": (Said(5, 1, 3, ((4, 9),)), [hold(COUNTED, (), quantity=1)], [], None),
}  # fmt: skip


@pytest.mark.parametrize("case", NUMBERED_CASES)
def test_numbered_seats(case: str) -> None:
    said, holds, invoices, expected = NUMBERED_CASES[case]
    check(NUMBERED, derive_stock(NUMBERED, said, holds, invoices), expected)


COUNTED_HELD = [hold(COUNTED, (), quantity=2)]
COUNTED_SOLD = [invoice(COUNTED, (), quantity=3)]

COUNTED_CASES: dict[str, tuple[Said, list[Hold], list[Invoice], tuple[int, int, int, Runs] | None]] = {
    "all agree": (Said(4, 2, 3, ()), COUNTED_HELD, COUNTED_SOLD, (4, 2, 3, ())),
    "sold is too small": (Said(4, 2, 1, ()), COUNTED_HELD, COUNTED_SOLD, (4, 2, 3, ())),
    "available is wrong": (Said(8, 2, 3, ()), COUNTED_HELD, COUNTED_SOLD, (4, 2, 3, ())),
    "held is wrong": (Said(4, 7, 3, ()), COUNTED_HELD, COUNTED_SOLD, (4, 2, 3, ())),
    "a hold is missing": (Said(4, 2, 3, ()), [], COUNTED_SOLD, (6, 0, 3, ())),
    "some were sold elsewhere": (Said(3, 2, 4, ()), COUNTED_HELD, COUNTED_SOLD, (3, 2, 4, ())),
    "sold elsewhere or free": (Said(4, 2, 4, ()), COUNTED_HELD, COUNTED_SOLD, None),
    "too many": (Said(4, 2, 3, ()), [hold(COUNTED, (), quantity=7)], COUNTED_SOLD, None),
    "more sold than there are left": (Said(1, 2, 8, ()), COUNTED_HELD, COUNTED_SOLD, None),
    "nothing is legible": (Said(None, None, None, None), COUNTED_HELD, COUNTED_SOLD, None),
    "its seat numbers are gone": (Said(4, 2, 3, ()), [hold(NUMBERED, ((0, 2),))], COUNTED_SOLD, None),
}


@pytest.mark.parametrize("case", COUNTED_CASES)
def test_unnumbered_tickets(case: str) -> None:
    said, holds, invoices, expected = COUNTED_CASES[case]
    check(COUNTED, derive_stock(COUNTED, said, holds, invoices), expected)


def check(listing: Listing, found: Stock | str, expected: tuple[int, int, int, Runs] | None) -> None:
    if expected is None:
        assert isinstance(found, str), found
        return
    assert isinstance(found, Stock), found
    assert (found.available, found.held, found.sold, found.free) == expected
    assert found.available + found.held + found.sold == listing.quantity


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, Said(9, 0, 0, ((0, 9),))),
        ({"available": 5, "held": 1, "sold": 3, "free_seats": ["9-13"]}, Said(5, 1, 3, ((4, 9),))),
        ({"available": "5", "held": True, "sold": -3, "free_seats": ["9-99"]}, Said(None, None, None, None)),
        ({"available": 5, "sold": 4, "free_seats": "9", "last_sold_at": "soon"}, Said(5, 0, 4, None)),
    ],
)
def test_what_a_document_says_is_read_as_far_as_it_is_legible(document: dict[str, Any], expected: Said) -> None:
    assert Said.in_document(document, NUMBERED) == expected
