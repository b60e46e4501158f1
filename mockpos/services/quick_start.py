"""A purchase that works now: a listing that the inventory has and sells, under ids that nobody has used.

The start's banner, the landing page, the documentation and the OpenAPI document show it, at every start.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from mockpos.domain.clock import Millis
from mockpos.domain.listing import Listing, Stock, allows, valid_quantities
from mockpos.services.ports import Store

_LOOKED_AT = 2_000
"""Listings among which the best is chosen. In a larger inventory the first one after them that sells will do."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a hold and its invoice may say."""

    remote_id: str
    quantity: int
    global_id: str
    order_id: str


class QuickStart:
    """Finds purchases for one store. ``run`` is text that no other run of the server uses, in digits.

    ``fallback`` is offered when the inventory sells nothing: a listing that stands beside it.
    """

    def __init__(self, store: Store, *, run: str, fallback: str) -> None:
        self._store = store
        self._run = run
        self._fallback = fallback
        self._offer: tuple[str, int] | None = None
        self._number = 1

    def purchase(self) -> Purchase:
        """Return a purchase. It is the same one until its Global ID is used or its listing no longer sells."""
        if self._offer is None or not self._still_sells(*self._offer):
            with self._store.transaction() as tx:
                now = tx.now
            self._offer = best_offer(self._store.listings(), now) or (self._fallback, 2)
        while self._store.peek(f"demo-{self._run}-{self._number}") is not None:
            self._number += 1
        return Purchase(*self._offer, f"demo-{self._run}-{self._number}", f"{self._run}-{473338 + self._number}")

    def those_there(self, remote_ids: Collection[str]) -> frozenset[str]:
        """Return which of these listings the inventory has."""
        with self._store.transaction() as tx:
            return frozenset(remote_id for remote_id in remote_ids if tx.listing(remote_id) is not None)

    def _still_sells(self, remote_id: str, quantity: int) -> bool:
        with self._store.transaction() as tx:
            listing = tx.listing(remote_id)
            return listing is not None and _quantity(listing, tx.stock(listing), tx.now, quantity) == quantity


def best_offer(listings: Iterable[tuple[Listing, Stock]], now: Millis) -> tuple[str, int] | None:
    """Return a Remote ID and a quantity that can be held now: two numbered seats of the latest event, if possible."""
    rest = iter(listings)
    offers = _offers(islice(rest, _LOOKED_AT), now)
    best = max(offers, default=None, key=_worth) or next(_offers(rest, now), None)
    return None if best is None else (best[0].remote_id, best[2])


def count_over(listings: Iterable[Listing], now: Millis) -> int:
    """Count the listings whose event is over."""
    return sum(listing.event is not None and listing.event.is_over(now) for listing in listings)


_Offer = tuple[Listing, Stock, int]


def _offers(listings: Iterable[tuple[Listing, Stock]], now: Millis) -> Iterator[_Offer]:
    for listing, stock in listings:
        quantity = _quantity(listing, stock, now)
        if quantity:
            yield listing, stock, quantity


def _quantity(listing: Listing, stock: Stock, now: Millis, wished: int = 2) -> int:
    """Return a quantity that can be held: the wished one, else the smallest there is, or 0 for none."""
    if listing.retired or not stock.available or listing.not_for_sale_because(now):
        return 0
    if wished <= stock.available and allows(listing.split_type, listing.custom_splits, wished, stock.available):
        return wished
    return next(iter(valid_quantities(listing.split_type, listing.custom_splits, stock.available)), 0)


def _worth(offer: _Offer) -> tuple[bool, bool, date, int]:
    listing, stock, quantity = offer
    day = listing.event.local_date if listing.event else date.min
    return quantity == 2, listing.numbering is not None, day, stock.available
