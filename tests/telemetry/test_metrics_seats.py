"""The running totals of seats are what a count of the inventory gives; a commit that breaks rule 1 is noticed."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mockpos.domain.clock import Millis
from mockpos.domain.listing import Stock
from mockpos.services.ports import Change, DroppedListing
from mockpos.store.world import Limits, World
from mockpos.telemetry.metrics import violations
from tests.conftest import NOON, a_listing

IDS = st.sampled_from(["A", "B", "C"])
CHANGES = st.lists(
    st.one_of(
        st.builds(lambda remote_id, quantity: a_listing(remote_id, quantity), IDS, st.integers(1, 9)),
        st.builds(Stock, IDS, st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)),
        st.builds(DroppedListing, IDS),
    ),
    max_size=5,
)


@settings(max_examples=300)
@given(st.lists(CHANGES, max_size=6))
def test_the_running_totals_are_the_count(commits: list[list[Change]]) -> None:
    world = World(Limits())
    for changes in commits:
        known = {listing.remote_id for listing, _ in world.each_listing()}
        known |= {change.remote_id for change in changes if not isinstance(change, Stock | DroppedListing)}  # type: ignore[union-attr]
        changes = [change for change in changes if not isinstance(change, Stock) or change.remote_id in known]
        broken = violations(changes, world.listings, world.stock)
        world.apply(changes, Millis(NOON))
        counted = list(world.each_listing())
        assert world.tickets == sum(listing.quantity for listing, _ in counted)
        assert world.held == sum(stock.held for _, stock in counted)
        assert world.sold == sum(stock.sold for _, stock in counted)
        touched = {change.remote_id for change in changes}  # type: ignore[union-attr]
        assert broken == sum(
            listing.quantity != stock.available + stock.held + stock.sold
            for listing, stock in counted
            if listing.remote_id in touched
        )


def test_a_stock_that_does_not_add_up_is_counted() -> None:
    listings = {"TG-1": a_listing(quantity=4)}
    assert violations([Stock("TG-1", 2, 2, 0)], listings, {}) == 0
    assert violations([Stock("TG-1", 2, 2, 1)], listings, {"TG-1": Stock("TG-1", 2, 2, 0)}) == 1
    assert violations([Stock("TG-1", 5, -1, 0)], listings, {"TG-1": Stock("TG-1", 2, 2, 1)}) == 1
    assert violations([replace(listings["TG-1"], quantity=6)], listings, {"TG-1": Stock("TG-1", 4)}) == 1


def test_fewer_than_no_tickets_break_the_rule_though_the_sum_is_right() -> None:
    for stock in (Stock("A", -1, 3, 2), Stock("A", 3, -1, 2), Stock("A", 3, 2, -1)):
        assert violations([a_listing("A", 4), stock], {}, {}) == 1
