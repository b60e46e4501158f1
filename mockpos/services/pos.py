"""What happens in the broker's point of sale on its own: sales elsewhere, repricing, withdrawal, a hold that ends.

A scenario lets it happen in the same transaction as a call's commit; the broker may do it at any time.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.listing import Listing
from mockpos.domain.seats import give_back, runs_of, seat_set, take
from mockpos.scenario.outcomes import PlainAction, PosAction, Reprice, Retire, Sell
from mockpos.services.ports import Transaction
from mockpos.services.release_hold import return_tickets


def act(tx: Transaction, actions: Sequence[PosAction], hold: Hold) -> None:
    """Do what a scenario asks, one action after the other, to the listing and the hold of one call."""
    for action in actions:
        listing = tx.listing(hold.remote_id)
        current = tx.hold(hold.global_id) or hold
        if listing is not None:
            _act(tx, action, listing, current)


def _act(tx: Transaction, action: PosAction, listing: Listing, hold: Hold) -> None:
    match action:
        case PlainAction.SELL_REST:
            sell(tx, listing, tx.stock(listing).available)
        case Sell():
            sell(tx, listing, action.quantity)
        case PlainAction.STEAL:
            steal(tx, hold)
        case PlainAction.EXPIRE_HOLD:
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
        free = take(stock.free, sold)[1] if listing.numbering else 0
        left = stock.available - sold
        tx.put(stock._replace(available=left, sold=stock.sold + sold, free=free, last_sold_at=tx.now))
    return sold


def steal(tx: Transaction, hold: Hold) -> None:
    """Sell the tickets of a live hold to somebody else. Its caller learns it when the invoice is rejected."""
    listing = tx.listing(hold.remote_id)
    if hold.status is not HoldStatus.HELD or hold.stolen or listing is None:
        return
    stock = tx.stock(listing)
    tx.put(stock._replace(held=stock.held - hold.quantity, sold=stock.sold + hold.quantity, last_sold_at=tx.now))
    tx.put(hold._replace(stolen=True))


def sell_held(
    tx: Transaction, listing: Listing, quantity: int, between: Callable[[], None] = lambda: None
) -> list[Hold]:
    """Sell free tickets, then those of live holds, the newest first; return the holds that were broken.

    What a broken hold had beyond ``quantity`` is free again. There must be as many tickets free or held.
    ``between`` is called between two holds: see ``import_listings``.
    """
    wanted = quantity - sell(tx, listing, quantity)
    broken: list[Hold] = []
    held: list[tuple[Millis, str, Hold]] = []
    for hold in tx.live_holds(listing.remote_id):
        between()
        held.append((hold.held_at, hold.global_id, hold))
    held.sort(reverse=True)  # of one moment by Global ID, so that a start from the file changes nothing
    for _, _, hold in held:
        between()
        if not wanted:
            break
        steal(tx, hold)
        broken.append(hold)
        beyond = max(0, hold.quantity - wanted)
        wanted -= hold.quantity - beyond
        _free_again(tx, listing, hold, beyond)
    return broken


def _free_again(tx: Transaction, listing: Listing, hold: Hold, quantity: int) -> None:
    """Put some of a stolen hold's tickets back on sale: the buyer wanted fewer."""
    if not quantity:
        return
    stock = tx.stock(listing)
    seats = runs_of(take(seat_set(hold.seats), hold.quantity - quantity)[1]) if hold.seats else ()
    left = stock._replace(available=stock.available + quantity, sold=stock.sold - quantity)
    tx.put(left._replace(free=give_back(stock.free, seats)))


def expire(tx: Transaction, hold: Hold) -> None:
    """Let a live hold lapse now, whatever its TTL says."""
    if hold.status is not HoldStatus.HELD:
        return
    return_tickets(tx, hold)
    tx.put(hold._replace(status=HoldStatus.EXPIRED, expires_at=tx.now))
