"""What happens in the broker's point of sale on its own: sales elsewhere, repricing, withdrawal, a hold that ends.

A scenario lets it happen in the same transaction as a call's commit; the broker may do it at any time.
"""

from collections.abc import Sequence
from dataclasses import replace

from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.listing import Listing
from mockpos.domain.seats import take
from mockpos.scenario.outcomes import ExpireHold, PosAction, Reprice, Retire, Sell, SellRest, Steal
from mockpos.services.holding import return_tickets
from mockpos.services.ports import Transaction


def act(tx: Transaction, actions: Sequence[PosAction], hold: Hold) -> None:
    """Do what a scenario asks, one action after the other, to the listing and the hold of one call."""
    for action in actions:
        listing = tx.listing(hold.remote_id)
        current = tx.hold(hold.global_id) or hold
        if listing is not None:
            _act(tx, action, listing, current)


def _act(tx: Transaction, action: PosAction, listing: Listing, hold: Hold) -> None:
    match action:
        case SellRest():
            sell(tx, listing, tx.stock(listing).available)
        case Sell():
            sell(tx, listing, action.quantity)
        case Steal():
            steal(tx, hold)
        case ExpireHold():
            expire(tx, hold)
        case Retire():
            tx.put(replace(listing, retired=True, superseded_by=action.superseded_by))
        case Reprice():
            tx.put(replace(listing, wholesale_price=action.price))


def sell(tx: Transaction, listing: Listing, quantity: int) -> int:
    """Sell free tickets to somebody else, as many as there are up to ``quantity``; return how many."""
    stock = tx.stock(listing)
    sold = min(quantity, stock.available)
    if sold:
        free = take(stock.free, sold)[1] if listing.numbering else ()
        left = stock.available - sold
        tx.put(replace(stock, available=left, sold=stock.sold + sold, free=free, last_sold_at=tx.now))
    return sold


def steal(tx: Transaction, hold: Hold) -> None:
    """Sell the tickets of a live hold to somebody else. Its caller learns it when the invoice is rejected."""
    listing = tx.listing(hold.remote_id)
    if hold.status is not HoldStatus.HELD or hold.stolen or listing is None:
        return
    stock = tx.stock(listing)
    tx.put(replace(stock, held=stock.held - hold.quantity, sold=stock.sold + hold.quantity, last_sold_at=tx.now))
    tx.put(replace(hold, stolen=True))


def expire(tx: Transaction, hold: Hold) -> None:
    """Let a live hold lapse now, whatever its TTL says."""
    if hold.status is not HoldStatus.HELD:
        return
    return_tickets(tx, hold)
    tx.put(replace(hold, status=HoldStatus.EXPIRED, expires_at=tx.now))
