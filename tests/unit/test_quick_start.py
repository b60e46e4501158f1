"""A purchase to try: of a listing that sells now, under ids that nobody has used."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mockpos.domain.event import Event, Venue
from mockpos.domain.listing import Listing, SplitType, Stock
from mockpos.domain.seats import Numbering
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy
from mockpos.services.quick_start import QuickStart, best_offer, count_over
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import Limits, World
from tests.conftest import NOON, ManualClock


def listing(remote_id: str, day: date = date(2026, 12, 5), quantity: int = 4) -> Listing:
    return Listing(
        remote_id=remote_id, section="1", row="1", quantity=quantity, wholesale_price=Decimal("5.00"),
        event=Event(f"EV-{day}", "A Play", Venue("Old Mill Theatre"), day), numbering=Numbering(1),
    )  # fmt: skip


PLAIN = listing("PLAIN")
UNSELLABLE = [
    replace(PLAIN, remote_id="RETIRED", retired=True),
    replace(PLAIN, remote_id="UNMAPPED", mapped=False),
    replace(PLAIN, remote_id="HIDDEN", broadcast=False),
    listing("OVER", date(2026, 11, 1)),
]


def stocked(*listings: Listing) -> list[tuple[Listing, Stock]]:
    return [(each, Stock.untouched(each)) for each in listings]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (listing("LATER", date(2027, 2, 12)), PLAIN),
        (replace(PLAIN, remote_id="MORE", quantity=9), PLAIN),
        (PLAIN, replace(listing("STANDING", date(2027, 2, 12)), numbering=None)),
        (PLAIN, replace(listing("WHOLE", date(2027, 2, 12)), split_type=SplitType.ALL)),
        (PLAIN, listing("LONE", date(2027, 2, 12), 1)),
    ],
)
def test_two_numbered_seats_of_the_latest_event_are_offered(better: Listing, worse: Listing) -> None:
    for order in ([better, worse], [worse, better]):
        assert best_offer(stocked(*order), NOON) == (better.remote_id, 2)


def test_what_cannot_be_held_is_not_offered() -> None:
    sold_out = (listing("SOLD-OUT"), Stock("SOLD-OUT", 0, sold=4))
    assert best_offer([*stocked(*UNSELLABLE), sold_out], NOON) is None


def test_a_whole_listing_is_offered_where_nothing_else_sells() -> None:
    assert best_offer(stocked(replace(PLAIN, split_type=SplitType.ALL)), NOON) == ("PLAIN", 4)


def test_one_that_sells_is_found_behind_thousands_that_do_not() -> None:
    gone = [replace(PLAIN, remote_id=f"R-{number}", retired=True) for number in range(3000)]
    assert best_offer(stocked(*gone, PLAIN), NOON) == ("PLAIN", 2)


def test_each_purchase_works_until_the_inventory_is_sold_out() -> None:
    world = World(Limits())
    world.fill([PLAIN, *UNSELLABLE, listing("LATER", date(2027, 2, 12))])
    store = MemoryStore(world, ManualClock())
    automator = Automator(store, 60_000, InvoicePolicy())
    quick_start = QuickStart(store, run="123456", fallback="MOCK-OK")
    sold = []
    for _ in range(4):
        purchase = quick_start.purchase()
        assert quick_start.purchase() == purchase
        automator.hold(remote_id=purchase.remote_id, quantity=purchase.quantity, global_id=purchase.global_id)
        automator.invoice(global_id=purchase.global_id, order_id=purchase.order_id)
        sold.append(purchase.remote_id)
    assert sold == ["LATER", "LATER", "PLAIN", "PLAIN"]
    assert quick_start.purchase().remote_id == "MOCK-OK"


def test_listings_that_are_over_are_counted() -> None:
    assert count_over([PLAIN, *UNSELLABLE, replace(PLAIN, event=None)], NOON) == 1
