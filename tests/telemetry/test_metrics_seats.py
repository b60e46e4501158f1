"""The running total of seats is what a count of the inventory gives, after whatever was committed."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mockpos.domain.clock import Millis
from mockpos.domain.listing import Stock
from mockpos.store.world import Change, DroppedListing, Limits, World
from mockpos.telemetry.metrics.seats import Seats, SeatTotals
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


def counted(world: World) -> Seats:
    stocks = [stock for _, stock in world.each_listing()]
    return Seats(sum(s.available for s in stocks), sum(s.held for s in stocks), sum(s.sold for s in stocks))


@settings(max_examples=300)
@given(st.lists(CHANGES, max_size=6))
def test_the_running_total_is_the_count(commits: list[list[Change]]) -> None:
    world, totals = World(Limits()), SeatTotals()
    for changes in commits:
        known = {listing.remote_id for listing, _ in world.each_listing()}
        known |= {change.remote_id for change in changes if not isinstance(change, Stock | DroppedListing)}  # type: ignore[union-attr]
        changes = [change for change in changes if not isinstance(change, Stock) or change.remote_id in known]
        broken = totals.commit(changes, world.listings, world.stock)
        world.apply(changes, Millis(NOON))
        assert totals.now == counted(world)
        touched = {change.remote_id for change in changes}  # type: ignore[union-attr]
        assert broken == sum(
            listing.quantity != stock.available + stock.held + stock.sold
            for listing, stock in world.each_listing()
            if listing.remote_id in touched
        )


def test_a_stock_that_does_not_add_up_is_counted() -> None:
    listings = {"TG-1": a_listing(quantity=4)}
    totals = SeatTotals(Seats(4, 0, 0))
    assert totals.commit([Stock("TG-1", 2, 2, 0)], listings, {}) == 0
    assert totals.commit([Stock("TG-1", 2, 2, 1)], listings, {"TG-1": Stock("TG-1", 2, 2, 0)}) == 1
    assert totals.commit([Stock("TG-1", 5, -1, 0)], listings, {"TG-1": Stock("TG-1", 2, 2, 1)}) == 1
    assert totals.now == Seats(5, -1, 0)
    assert totals.commit([replace(listings["TG-1"], quantity=6)], listings, {"TG-1": Stock("TG-1", 4)}) == 1
