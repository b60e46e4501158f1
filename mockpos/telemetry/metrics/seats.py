"""The seats of one sandbox, and whether a commit keeps contract rule 1: quantity = available + held + sold."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from mockpos.domain.hold import Hold, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.telemetry.events.state import Change, dropped_ids

_ABOUT_HOLDS = (Hold, Invoice, Tombstone)


class Seats(NamedTuple):
    """Seats of one sandbox at a moment."""

    available: int = 0
    held: int = 0
    sold: int = 0

    def plus(self, other: "Seats") -> "Seats":
        """Return the seats of two sandboxes together."""
        return Seats(self.available + other.available, self.held + other.held, self.sold + other.sold)


class Listings(Protocol):
    """The listings of an inventory."""

    def get(self, remote_id: str, /) -> Listing | None:
        """Return one, or None where it is unknown."""
        ...


class Stocks(Protocol):
    """The stocks of the listings that somebody touched."""

    def get(self, remote_id: str, /) -> Stock | None:
        """Return the stock of one; None where nobody did."""
        ...


def violations(changes: Sequence[Change], listings: Listings, stocks: Stocks) -> int:
    """Return how many listings a commit leaves with a stock that breaks rule 1. The maps are those from before it."""
    stock_after: dict[str, Stock] = {}
    listing_after: dict[str, Listing] = {}
    is_plain = True
    for change in changes:
        if type(change) is Stock:
            stock_after[change.remote_id] = change
        elif type(change) not in _ABOUT_HOLDS:
            is_plain = False
            if type(change) is Listing:
                listing_after[change.remote_id] = change
    if is_plain:
        return sum(_breaks_rule_1(listings.get(stock.remote_id), stock) for stock in stock_after.values())
    dropped = dropped_ids(changes)  # a store drops last, whatever else the commit did to a listing
    return sum(
        _breaks_rule_1(listing_after.get(each) or listings.get(each), stock_after.get(each) or stocks.get(each))
        for each in {*stock_after, *listing_after} - dropped
    )


def _breaks_rule_1(listing: Listing | None, stock: Stock | None) -> bool:
    """Tell whether a stock does not add up, or one of its counts is below 0."""
    if listing is None or stock is None:
        return False
    _, available, held, sold, _, _ = stock
    return available + held + sold != listing.quantity or available < 0 or held < 0 or sold < 0
