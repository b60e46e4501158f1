"""An import into an inventory in which tickets are held and sold."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mockpos.domain.clock import Millis
from mockpos.domain.event import Event, Venue
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import Numbering
from mockpos.services.import_listings import Conflict, ImportMode, import_listings
from mockpos.services.ports import Entity

EVENT = Event("e1", "WFC 112", Venue("Arena"), date(2027, 1, 9))


class Inventory:
    """As much of a transaction as an import needs."""

    now = Millis(0)

    def __init__(self, *stocked: tuple[Listing, Stock]) -> None:
        self.listings = {listing.remote_id: listing for listing, _ in stocked}
        self.stocks = {stock.remote_id: stock for _, stock in stocked}
        self.writes = 0

    def listing(self, remote_id: str) -> Listing | None:
        return self.listings.get(remote_id)

    def stock(self, listing: Listing) -> Stock:
        return self.stocks.get(listing.remote_id) or Stock.untouched(listing)

    def put(self, entity: Entity) -> None:
        self.writes += 1
        if isinstance(entity, Listing):
            self.listings[entity.remote_id] = entity
        else:
            assert isinstance(entity, Stock)
            self.stocks[entity.remote_id] = entity

    def drop_listing(self, remote_id: str) -> None:
        self.writes += 1
        del self.listings[remote_id]
        self.stocks.pop(remote_id, None)

    def receive(self, *listings: Listing, mode: ImportMode = ImportMode.UPDATE, **options):
        return import_listings(self, listings, mode=mode, current=list(self.listings.values()), **options)


def listing(remote_id: str, quantity: int = 4, **fields) -> Listing:
    plain = {"section": "A", "row": "1", "wholesale_price": Decimal("10.00"), "event": EVENT, "numbering": Numbering(1)}
    return Listing(remote_id=remote_id, quantity=quantity, **{**plain, **fields})


FREE, HELD, SOLD = listing("free"), listing("held"), listing("sold")
HELD_STOCK = Stock("held", 2, held=2, free=((2, 4),))
SOLD_STOCK = Stock("sold", 1, sold=3, free=((3, 4),))


@pytest.fixture
def inventory() -> Inventory:
    return Inventory((FREE, Stock.untouched(FREE)), (HELD, HELD_STOCK), (SOLD, SOLD_STOCK))


def figures(report) -> tuple[int, ...]:
    return report.added, report.updated, report.unchanged, report.dropped, report.retired


@pytest.mark.parametrize("mode", ImportMode)
def test_an_empty_inventory_takes_everything_in_order(mode):
    empty = Inventory()
    report = empty.receive(listing("b"), listing("a"), mode=mode)
    assert report.applied
    assert figures(report) == (2, 0, 0, 0, 0)
    assert list(empty.listings) == ["b", "a"]


@pytest.mark.parametrize("mode", [ImportMode.UPDATE, ImportMode.REPLACE])
def test_the_same_again_changes_nothing(inventory, mode):
    assert figures(inventory.receive(FREE, HELD, SOLD, mode=mode)) == (0, 0, 3, 0, 0)
    assert inventory.writes == 0


def test_new_listings_refuse_what_is_there_and_nothing_is_half_applied(inventory):
    report = inventory.receive(listing("new"), FREE, mode=ImportMode.NEW)
    assert not report.applied
    assert report.conflicts == (Conflict("free", "It is in the inventory already."),)
    assert inventory.writes == 0


def test_conflicts_may_be_skipped_and_then_the_rest_is_applied(inventory):
    cheaper = replace(FREE, wholesale_price=Decimal("1.00"))
    report = inventory.receive(listing("new"), cheaper, mode=ImportMode.NEW, skip_conflicts=True)
    assert report.applied
    assert len(report.conflicts) == 1
    assert inventory.listings["new"] == listing("new")
    assert inventory.listings["free"] == FREE


def test_a_replacement_drops_what_is_absent_and_retires_what_is_held_or_sold(inventory):
    report = inventory.receive(listing("new"), mode=ImportMode.REPLACE)
    assert figures(report) == (1, 0, 0, 1, 2)
    assert set(inventory.listings) == {"held", "sold", "new"}
    assert inventory.listings["held"] == replace(HELD, retired=True)
    assert (inventory.stocks["held"], inventory.stocks["sold"]) == (HELD_STOCK, SOLD_STOCK)
    again = inventory.receive(listing("new"), mode=ImportMode.REPLACE)
    assert figures(again) == (0, 0, 1, 0, 0)


def test_an_update_leaves_what_is_absent_alone(inventory):
    assert figures(inventory.receive(listing("new"))) == (1, 0, 0, 0, 0)
    assert inventory.listings["free"] == FREE


def test_an_update_leaves_a_retired_listing_off_sale_though_its_event_moves(inventory):
    inventory.receive(FREE, SOLD, mode=ImportMode.REPLACE)
    moved = replace(EVENT, venue=Venue("Arena", "Phoenix"))
    assert figures(inventory.receive(replace(FREE, event=moved))) == (0, 3, 0, 0, 0)
    assert inventory.listings["held"] == replace(HELD, event=moved, retired=True)


def test_a_replacement_keeps_what_it_is_told_to_keep(inventory):
    report = inventory.receive(SOLD, mode=ImportMode.REPLACE, keep={"free", "held"})
    assert figures(report) == (0, 0, 1, 0, 0)
    assert inventory.writes == 0


def test_prices_and_notes_change_freely_and_the_stock_stays(inventory):
    changed = replace(SOLD, wholesale_price=Decimal("99.00"), external_notes="new", section="B", row="2")
    assert figures(inventory.receive(changed)) == (0, 1, 0, 0, 0)
    assert inventory.listings["sold"] == changed
    assert inventory.stocks["sold"] == SOLD_STOCK


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (replace(HELD, quantity=6), "It would change its quantity from 4 to 6, with 2 held."),
        (replace(SOLD, numbering=Numbering(5)), "It would change its seats from 1-4 to 5-8, with 3 sold."),
        (
            replace(SOLD, numbering=None, quantity=2),
            "It would change its quantity from 4 to 2 and its seats from 1-4 to unnumbered, with 3 sold.",
        ),
    ],
)
def test_other_tickets_under_a_listing_with_holds_or_sales_are_a_conflict(inventory, changed, reason):
    report = inventory.receive(changed, listing("new"))
    assert report.conflicts == (Conflict(changed.remote_id, reason),)
    assert not report.applied
    assert inventory.writes == 0


def test_a_skipped_conflict_is_neither_dropped_nor_retired_by_a_replacement(inventory):
    report = inventory.receive(replace(HELD, quantity=6), FREE, SOLD, mode=ImportMode.REPLACE, skip_conflicts=True)
    assert figures(report) == (0, 0, 2, 0, 0)
    assert inventory.listings["held"] == HELD


def test_other_tickets_under_an_untouched_listing_are_all_free(inventory):
    changed = replace(FREE, quantity=6, numbering=None)
    inventory.receive(changed)
    assert inventory.stocks["free"] == Stock("free", 6)


def test_a_retired_listing_that_is_sent_again_comes_back_with_its_stock(inventory):
    inventory.receive(FREE, mode=ImportMode.REPLACE)
    assert inventory.listings["sold"].retired
    assert figures(inventory.receive(FREE, SOLD, HELD, mode=ImportMode.REPLACE)) == (0, 2, 1, 0, 0)
    assert inventory.listings["sold"] == SOLD
    assert inventory.stocks["sold"] == SOLD_STOCK


def test_an_event_that_changed_changes_for_all_its_listings(inventory):
    moved = replace(EVENT, venue=Venue("Arena", "Phoenix"))
    report = inventory.receive(replace(FREE, event=moved))
    assert figures(report) == (0, 3, 0, 0, 0)
    assert {present.event for present in inventory.listings.values()} == {moved}


def test_what_is_sent_twice_is_a_conflict(inventory):
    report = inventory.receive(listing("new"), listing("new"))
    assert report.conflicts == (Conflict("new", "It is sent twice."),)
    assert inventory.writes == 0


def test_a_single_seat_is_the_same_one_whether_its_row_counts_by_one_or_two():
    one = listing("one", 1, numbering=Numbering(7, 2))
    single = Inventory((one, Stock("one", 0, held=1)))
    report = single.receive(replace(one, numbering=Numbering(7)))
    assert figures(report) == (0, 0, 1, 0, 0)
