"""What has to be true of a world: of its live holds, as every start asks, and of its invoices, as fsck does."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockpos.domain.counted import are, counted
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.domain.identifiers import BUILT_IN_PREFIX
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import Run, SeatSet, give_back, runs_of
from mockpos.store.faults import Complain, Fault, FaultKind, Unread, refuse
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
            complain(replace(_fault(FaultKind.HELD_DIFFERS, name, what, remote_id), message=told))
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
            what = f"hold {hold.global_id} is on {hold.remote_id}, which is not among the listings"
            complain(_fault(FaultKind.UNKNOWN_LISTING, name, what, hold.remote_id, hold.global_id, "holds"))
    return holds


def _check_seats(listing: Listing, free: SeatSet, holds: list[Hold], name: str, complain: Complain) -> None:
    sound = True
    for hold in holds:
        beyond = hold.seats and hold.seats[-1][1] > listing.quantity
        if hold.numbering != listing.numbering or beyond:
            sound = False
            what = f"hold {hold.global_id} has seats that {listing.remote_id} does not have"
            complain(_fault(FaultKind.SEATS_DIFFER, name, what, hold.remote_id, hold.global_id, "holds"))
    try:
        for hold in holds if sound else ():
            free = give_back(free, hold.seats)
    except ValueError:
        what = f"listing {listing.remote_id}: a seat of a live hold is free too, or held twice"
        complain(_fault(FaultKind.SEATS_DIFFER, name, what, listing.remote_id))


def check_counts(world: World, name: str, complain: Complain = refuse) -> None:
    """Complain of a listing whose tickets are not all free, held or sold, or whose free seats are not as many."""
    for stock in world.stock.values():
        listing = world.listings.get(stock.remote_id)
        if listing is None:
            continue
        what = _miscount(listing, stock)
        if what:
            told = f"listing {listing.remote_id}: {what}"
            complain(_fault(FaultKind.COUNTS_DIFFER, name, told, listing.remote_id))


def _miscount(listing: Listing, stock: Stock) -> str:
    total = stock.available + stock.held + stock.sold
    if total != listing.quantity or min(stock.available, stock.held, stock.sold) < 0:
        return f"quantity {listing.quantity} is not available {stock.available} + held {stock.held} + sold {stock.sold}"
    free = stock.free.bit_count()
    if listing.numbering and free != stock.available:
        return f"{counted(free, 'seat')} {are(free)} free, but available is {stock.available}"
    if stock.free.bit_length() > listing.quantity:
        return "seats are free that it does not have"
    return ""


_Taken = tuple[Run, str, str]
"""Seats, how they are taken, and for which Global ID."""


def check_invoices(world: World, name: str, complain: Complain) -> None:
    """Complain of invoices that do not go with their holds, their listings or each other."""
    by_listing: dict[str, list[Invoice]] = {}
    ids: set[str] = set()
    for hold, invoice in world.each_closed():
        if (hold.status is HoldStatus.INVOICED) != (invoice is not None):
            missing = "invoice of it" if invoice is None else "invoiced hold"
            what = f"{hold.global_id}: there is no {missing}"
            complain(_fault(FaultKind.UNPAIRED, name, what, hold.remote_id, hold.global_id))
        if invoice is not None:
            if invoice.invoice_id in ids:
                what = f"{invoice.invoice_id} is the number of two invoices, one of them {invoice.global_id}'s"
                complain(_fault(FaultKind.INVOICE_ID_TWICE, name, what, invoice.remote_id, invoice.global_id))
            ids.add(invoice.invoice_id)
            by_listing.setdefault(invoice.remote_id, []).append(invoice)
    for remote_id, invoices in by_listing.items():
        listing = world.listings.get(remote_id)
        if listing is not None:
            stock = world.stock_of(listing)
            _check_sold(stock, listing, invoices, name, complain)
            held = world.on_listings.on(remote_id, world.live)
            taken = [*_taken("sold", invoices, listing), *_taken("held", held, listing)]
            free = ((run, "free", "") for run in runs_of(stock.free))
            _check_sold_seats([*taken, *free], listing, name, complain)


def _check_sold(stock: Stock, listing: Listing, invoices: list[Invoice], name: str, complain: Complain) -> None:
    invoiced = sum(invoice.quantity for invoice in invoices)
    may_be_another = listing.remote_id.startswith(BUILT_IN_PREFIX)  # sold before the inventory had one of that name
    if invoiced > stock.sold and not may_be_another:
        what = f"listing {listing.remote_id} says {stock.sold} sold, but its invoices have {invoiced}"
        complain(_fault(FaultKind.SOLD_DIFFERS, name, what, listing.remote_id))


def _taken(way: str, owners: Iterable[Hold | Invoice], listing: Listing) -> Iterator[_Taken]:
    """Return the seats that are taken, of those that can be compared: other seat numbers cannot."""
    of_it = (owner for owner in owners if listing.numbering and owner.numbering == listing.numbering)
    return ((run, way, owner.global_id) for owner in of_it for run in owner.seats)


def _check_sold_seats(taken: list[_Taken], listing: Listing, name: str, complain: Complain) -> None:
    """Look for seats that were sold twice, or sold and free or held."""
    numbering = listing.numbering
    if numbering is None:
        return
    for position, first, second in _overlaps(sorted(taken)):
        kind = _OVERLAPS.get(frozenset((first[1], second[1])))
        if kind is not None:
            ways = " and ".join(f"{way} {_WORDS[way]} {owner}".rstrip() for _, way, owner in (first, second))
            what = f"listing {listing.remote_id}: seat {numbering.label(position)} is {ways}"
            owner = second[2] or first[2]
            complain(_fault(kind, name, what, listing.remote_id, owner, table="invoices"))


def _overlaps(taken: list[_Taken]) -> Iterator[tuple[int, _Taken, _Taken]]:
    """Find neighbours that overlap, each with its first common position; one that reaches far is met by all."""
    reach: _Taken | None = None
    for each in taken:
        if reach is not None and each[0][0] < reach[0][1]:
            yield each[0][0], reach, each
        if reach is None or each[0][1] > reach[0][1]:
            reach = each


_OVERLAPS = {
    frozenset(("sold",)): FaultKind.SOLD_TWICE,
    frozenset(("sold", "free")): FaultKind.SOLD_AND_FREE,
    frozenset(("sold", "held")): FaultKind.SOLD_AND_HELD,
}
"""What it is called when a seat is both; free and held is what a start looks for."""

_WORDS = {"sold": "to", "held": "for", "free": ""}


def _fault(
    kind: FaultKind, name: str, what: str, remote_id: str, global_id: str | None = None, table: str = "listings"
) -> Fault:
    return Fault(kind=kind, file=name, what=what, table=table, remote_id=remote_id, global_id=global_id)
