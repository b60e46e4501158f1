"""What has to be true of a world: of its live holds, as every start asks, and of its invoices, as fsck does."""

from collections.abc import Iterable, Iterator

from mockpos.domain.counted import are, counted
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.domain.identifiers import BUILT_IN_PREFIX
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import Run, SeatSet, give_back, runs_of
from mockpos.store.faults import Complain, Fault, FaultKind, Unread, refuse
from mockpos.store.world import World

_Taken = tuple[Run, str, str]
"""Seats, how they are taken, and for which Global ID."""

_OVERLAPS = {
    frozenset(("sold",)): FaultKind.SOLD_TWICE,
    frozenset(("sold", "free")): FaultKind.SOLD_AND_FREE,
    frozenset(("sold", "held")): FaultKind.SOLD_AND_HELD,
}
"""What it is called when a seat is both; free and held is what a start looks for."""

_WORDS = {"sold": "to", "held": "for", "free": ""}


class Validation:
    """Complains of what is not true of a world. ``name`` is the file's.

    ``unread`` is what the world lacks: nothing is said about what follows from that.
    """

    def __init__(self, world: World, name: str, complain: Complain = refuse, unread: Unread | None = None) -> None:
        self._world = world
        self._name = name
        self._complain = complain
        self._unread = unread or Unread()

    def check_live_holds(self) -> None:
        """Look where what a listing says is held is not what live holds hold, and for a seat that is taken twice."""
        world, unread = self._world, self._unread
        for remote_id, on_it in self._holds_by_listing().items():
            is_unread = unread.may_be("stock", remote_id) and remote_id not in world.stock
            if is_unread or unread.may_be("holds on", remote_id):
                continue
            listing = world.listings[remote_id]
            stock, held = world.stock_of(listing), sum(hold.quantity for hold in on_it)
            if stock.held != held:
                what = f"listing {remote_id} says {stock.held} held, but its live holds have {held}"
                message = f"{self._name}: {what}. Correct one of the two"
                self._say(FaultKind.HELD_DIFFERS, what, remote_id, message=message)
            self._check_seats(listing, stock.free, on_it)

    def check_counts(self) -> None:
        """Look for a listing whose tickets are not all free, held or sold, or whose free seats are not as many."""
        for stock in self._world.stock.values():
            listing = self._world.listings.get(stock.remote_id)
            miscount = _miscount(listing, stock) if listing is not None else ""
            if miscount:
                self._say(FaultKind.COUNTS_DIFFER, f"listing {stock.remote_id}: {miscount}", stock.remote_id)

    def check_invoices(self) -> None:
        """Look for invoices that do not go with their holds, their listings or each other."""
        by_listing: dict[str, list[Invoice]] = {}
        ids: set[str] = set()
        for hold, invoice in self._world.each_closed():
            if (hold.status is HoldStatus.INVOICED) != (invoice is not None):
                missing = "invoice of it" if invoice is None else "invoiced hold"
                what = f"{hold.global_id}: there is no {missing}"
                self._say(FaultKind.UNPAIRED, what, hold.remote_id, hold.global_id)
            if invoice is not None:
                if invoice.invoice_id in ids:
                    what = f"{invoice.invoice_id} is the number of two invoices, one of them {invoice.global_id}'s"
                    self._say(FaultKind.INVOICE_ID_TWICE, what, invoice.remote_id, invoice.global_id)
                ids.add(invoice.invoice_id)
                by_listing.setdefault(invoice.remote_id, []).append(invoice)
        for remote_id, invoices in by_listing.items():
            listing = self._world.listings.get(remote_id)
            if listing is not None:
                self._check_sold(listing, invoices)

    def _holds_by_listing(self) -> dict[str, list[Hold]]:
        """Return the live holds on each listing that has some, or says so. A stolen hold has no seats any more."""
        listings = self._world.listings
        holds: dict[str, list[Hold]] = {
            stock.remote_id: [] for stock in self._world.stock.values() if stock.held and stock.remote_id in listings
        }
        for hold in self._world.each_live():
            if hold.remote_id in listings:
                if not hold.stolen:
                    holds.setdefault(hold.remote_id, []).append(hold)
            elif not hold.remote_id.startswith(BUILT_IN_PREFIX) and not self._unread.may_be("listings", hold.remote_id):
                # the listing of a built-in prefix stands beside every inventory
                what = f"hold {hold.global_id} is on {hold.remote_id}, which is not among the listings"
                self._say(FaultKind.UNKNOWN_LISTING, what, hold.remote_id, hold.global_id, table="holds")
        return holds

    def _check_seats(self, listing: Listing, free: SeatSet, holds: list[Hold]) -> None:
        sound = True
        for hold in holds:
            beyond = hold.seats and hold.seats[-1][1] > listing.quantity
            if hold.numbering != listing.numbering or beyond:
                sound = False
                what = f"hold {hold.global_id} has seats that {listing.remote_id} does not have"
                self._say(FaultKind.SEATS_DIFFER, what, hold.remote_id, hold.global_id, table="holds")
        try:
            for hold in holds if sound else ():
                free = give_back(free, hold.seats)
        except ValueError:
            what = f"listing {listing.remote_id}: a seat of a live hold is free too, or held twice"
            self._say(FaultKind.SEATS_DIFFER, what, listing.remote_id)

    def _check_sold(self, listing: Listing, invoices: list[Invoice]) -> None:
        """Look for more sold than the listing says, and for seats that were sold twice, or sold and free or held."""
        remote_id, numbering, stock = listing.remote_id, listing.numbering, self._world.stock_of(listing)
        invoiced = sum(invoice.quantity for invoice in invoices)
        may_be_another = remote_id.startswith(BUILT_IN_PREFIX)  # sold before the inventory had one of that name
        if invoiced > stock.sold and not may_be_another:
            what = f"listing {remote_id} says {stock.sold} sold, but its invoices have {invoiced}"
            self._say(FaultKind.SOLD_DIFFERS, what, remote_id)
        if numbering is None:
            return
        held = self._world.on_listings.on(remote_id, self._world.live)
        taken = [*_taken("sold", invoices, listing), *_taken("held", held, listing)]
        taken += ((run, "free", "") for run in runs_of(stock.free))
        for position, first, second in _overlaps(sorted(taken)):
            kind = _OVERLAPS.get(frozenset((first[1], second[1])))
            if kind is not None:
                ways = " and ".join(f"{way} {_WORDS[way]} {owner}".rstrip() for _, way, owner in (first, second))
                what = f"listing {remote_id}: seat {numbering.label(position)} is {ways}"
                self._say(kind, what, remote_id, second[2] or first[2], table="invoices")

    def _say(
        self, kind: FaultKind, what: str, remote_id: str, global_id: str | None = None,
        *, table: str = "listings", message: str = "",
    ) -> None:  # fmt: skip
        fault = Fault(
            kind=kind, file=self._name, what=what, message=message, table=table, remote_id=remote_id,
            global_id=global_id,
        )  # fmt: skip
        self._complain(fault)


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


def _taken(way: str, owners: Iterable[Hold | Invoice], listing: Listing) -> Iterator[_Taken]:
    """Return the seats that are taken, of those that can be compared: other seat numbers cannot."""
    return ((run, way, each.global_id) for each in owners if each.numbering == listing.numbering for run in each.seats)


def _overlaps(taken: list[_Taken]) -> Iterator[tuple[int, _Taken, _Taken]]:
    """Find neighbours that overlap, each with its first common position; one that reaches far is met by all."""
    reach: _Taken | None = None
    for each in taken:
        if reach is not None and each[0][0] < reach[0][1]:
            yield each[0][0], reach, each
        if reach is None or each[0][1] > reach[0][1]:
            reach = each
