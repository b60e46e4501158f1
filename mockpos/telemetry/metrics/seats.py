"""How many seats of one sandbox are free, held and sold: a running total, told of every commit.

No scrape looks at the listings. Each commit is checked against contract rule 1 on its way in.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from mockpos.domain.hold import Hold
from mockpos.domain.listing import Listing, Stock
from mockpos.telemetry.events.state import Change, dropped_ids


class Seats(NamedTuple):
    """Seats of one sandbox at a moment."""

    available: int = 0
    held: int = 0
    sold: int = 0

    def plus(self, other: "Seats") -> "Seats":
        """Return the seats of two sandboxes together."""
        return Seats(self.available + other.available, self.held + other.held, self.sold + other.sold)


class Stocks(Protocol):
    """The stocks of the listings that somebody touched."""

    def get(self, remote_id: str, /) -> Stock | None:
        """Return the stock of one; None where nobody did."""
        ...


class SeatTotals:
    """The seats of one sandbox. Written under its store's lock, read from anywhere: ``now`` is always consistent."""

    __slots__ = ("now",)

    def __init__(self, now: Seats | None = None) -> None:
        self.now = now or Seats()

    def commit(self, changes: Sequence[Change], listings: Mapping[str, Listing], stocks: Stocks) -> int:
        """Take in one commit; return how many of its stocks break rule 1. The maps are those from before it."""
        if len(changes) == 2 and type(changes[0]) is Stock and type(changes[1]) is Hold:
            return self._commit_one(changes[0], listings, stocks)
        available, held, sold = self.now
        broken = 0
        for remote_id, (listing_now, stock_now) in _after(changes, listings).items():
            listing, stock = listings.get(remote_id), stocks.get(remote_id)
            if listing is not None and stock is not None:
                available, held, sold = available - stock.available, held - stock.held, sold - stock.sold
            elif listing is not None:
                available -= listing.quantity
            if listing_now is None:
                continue
            now = stock_now or stock
            if now is None:
                available += listing_now.quantity
            else:
                available, held, sold = available + now.available, held + now.held, sold + now.sold
                broken += breaks_rule_1(listing_now, now)
        self.now = Seats(available, held, sold)
        return broken

    def _commit_one(self, now: Stock, listings: Mapping[str, Listing], stocks: Stocks) -> int:
        """Do as ``commit`` for what nearly every commit is: one stock and one hold."""
        listing = listings[now.remote_id]
        before = stocks.get(now.remote_id)
        available, held, sold = self.now
        if before is not None:
            available, held, sold = available - before.available, held - before.held, sold - before.sold
        else:
            available -= listing.quantity
        self.now = Seats(available + now.available, held + now.held, sold + now.sold)
        return breaks_rule_1(listing, now)


def _after(
    changes: Sequence[Change], listings: Mapping[str, Listing]
) -> dict[str, tuple[Listing | None, Stock | None]]:
    """Return what each listing that a commit touches is afterwards, and its stock where that was put."""
    after: dict[str, tuple[Listing | None, Stock | None]] = {}
    for change in changes:
        if isinstance(change, Stock):
            known = after.get(change.remote_id)
            after[change.remote_id] = known[0] if known else listings.get(change.remote_id), change
        elif isinstance(change, Listing):
            known = after.get(change.remote_id)
            after[change.remote_id] = change, known[1] if known else None
    for remote_id in dropped_ids(changes):  # a store drops last, whatever else the commit did to a listing
        after[remote_id] = None, None
    return after


def breaks_rule_1(listing: Listing, stock: Stock) -> bool:
    """Tell whether a stock does not add up: quantity = available + held + sold, and none of them below 0."""
    available, held, sold = stock.available, stock.held, stock.sold
    return available + held + sold != listing.quantity or available < 0 or held < 0 or sold < 0
