"""What has to be true of every world that is about to be used: its live holds and its listings agree, and add up."""

from mockpos.domain.hold import Hold
from mockpos.domain.identifiers import BUILT_IN_PREFIX
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import SeatSet, give_back
from mockpos.store.replay_faults import Complain, Fault, FaultKind, refuse
from mockpos.store.table_reader import Unread
from mockpos.store.world import World


def check_live_holds(world: World, name: str, complain: Complain = refuse, unread: Unread | None = None) -> None:
    """Complain where what a listing says is held is not what live holds hold, and of a seat that is taken twice.

    ``unread`` is what the world lacks: nothing is said about what follows from that.
    """
    unread = unread or Unread()
    for remote_id, on_it in _holds_by_listing(world, name, complain, unread).items():
        if unread.may_be("holds on", remote_id) or (unread.may_be("stock", remote_id) and remote_id not in world.stock):
            continue
        listing = world.listings[remote_id]
        stock, held = world.stock_of(listing), sum(hold.quantity for hold in on_it)
        if stock.held != held:
            what = f"listing {remote_id} says {stock.held} held, but its live holds have {held}"
            told = f"{name}: {what}. Correct one of the two"
            kind = FaultKind.HELD_DIFFERS
            complain(Fault(kind=kind, file=name, table="listings", remote_id=remote_id, what=what, message=told))
        _check_seats(listing, stock.free, on_it, name, complain)


def _holds_by_listing(world: World, name: str, complain: Complain, unread: Unread) -> dict[str, list[Hold]]:
    """Return the live holds on each listing that has some, or says so. A stolen hold has no seats any more."""
    holds: dict[str, list[Hold]] = {
        stock.remote_id: [] for stock in world.stock.values() if stock.held and stock.remote_id in world.listings
    }
    for hold in world.each_live():
        if hold.remote_id in world.listings:
            if not hold.stolen:
                holds.setdefault(hold.remote_id, []).append(hold)
        elif not hold.remote_id.startswith(BUILT_IN_PREFIX) and not unread.may_be("listings", hold.remote_id):
            # the listing of a built-in prefix stands beside every inventory
            what = f"is on {hold.remote_id}, which is not among the listings"
            complain(_of_hold(FaultKind.UNKNOWN_LISTING, name, hold, what))
    return holds


def _check_seats(listing: Listing, free: SeatSet, holds: list[Hold], name: str, complain: Complain) -> None:
    sound = True
    for hold in holds:
        beyond = hold.seats and hold.seats[-1][1] > listing.quantity
        if hold.numbering != listing.numbering or beyond:
            sound = False
            what = f"has seats that {listing.remote_id} does not have"
            complain(_of_hold(FaultKind.SEATS_DIFFER, name, hold, what))
    try:
        for hold in holds if sound else ():
            free = give_back(free, hold.seats)
    except ValueError:
        complain(_of_listing(FaultKind.SEATS_DIFFER, name, listing, "a seat of a live hold is free too, or held twice"))


def _of_hold(kind: FaultKind, name: str, hold: Hold, what: str) -> Fault:
    return Fault(
        kind=kind, file=name, table="holds", global_id=hold.global_id, remote_id=hold.remote_id,
        what=f"hold {hold.global_id} {what}",
    )  # fmt: skip


def _of_listing(kind: FaultKind, name: str, listing: Listing, what: str) -> Fault:
    told = f"listing {listing.remote_id}: {what}"
    return Fault(kind=kind, file=name, table="listings", remote_id=listing.remote_id, what=told)


def check_counts(world: World, name: str, complain: Complain = refuse) -> None:
    """Complain of a listing whose tickets are not all free, held or sold, or whose free seats are not as many."""
    for stock in world.stock.values():
        listing = world.listings.get(stock.remote_id)
        if listing is None:
            continue
        what = _miscount(listing, stock)
        if what:
            complain(_of_listing(FaultKind.COUNTS_DIFFER, name, listing, what))


def _miscount(listing: Listing, stock: Stock) -> str:
    total = stock.available + stock.held + stock.sold
    if total != listing.quantity or min(stock.available, stock.held, stock.sold) < 0:
        return f"quantity {listing.quantity} is not available {stock.available} + held {stock.held} + sold {stock.sold}"
    if listing.numbering and stock.free.bit_count() != stock.available:
        return f"{stock.free.bit_count()} seats are free, but available is {stock.available}"
    if stock.free.bit_length() > listing.quantity:
        return "seats are free that it does not have"
    return ""
