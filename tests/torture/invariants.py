"""Rules 1 and 8 of the contract, for whatever world: it adds up, and no seat is sold or held twice.

Pure. It needs to know nothing about what was called.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.torture.findings import Finding
from tests.torture.observed import Hold, Invoice, Listing, ObservedWorld


def add_up(sight: ObservedWorld) -> Iterator[Finding]:
    """Yield whatever does not add up."""
    for key in sight.twice:
        yield Finding("stands there twice", key)
    live: defaultdict[str, list[Hold]] = defaultdict(list)
    sold: defaultdict[str, list[Invoice]] = defaultdict(list)
    for hold in sight.holds.values():
        if hold.status == "held":
            live[hold.remote_id].append(hold)
    for invoice in sight.invoices.values():
        sold[invoice.remote_id].append(invoice)
    for remote_id in (live.keys() | sold.keys()) - sight.listings.keys():
        yield Finding("no listing", f"{remote_id} has holds or invoices, but there is no such listing")
    for listing in sight.listings.values():
        yield from _listing_adds_up(listing, live[listing.remote_id], sold[listing.remote_id])
    yield from _unique("invoice id given twice", (invoice.invoice_id for invoice in sight.invoices.values()))
    yield from _unique("order invoiced twice", (invoice.order_id for invoice in sight.invoices.values()))


def _listing_adds_up(listing: Listing, live: list[Hold], sold: list[Invoice]) -> Iterator[Finding]:
    name = listing.remote_id
    if listing.quantity != listing.available + listing.held + listing.sold or listing.available < 0:
        yield Finding("quantity = available + held + sold", str(listing))
    in_holds, in_invoices = sum(hold.quantity for hold in live), sum(invoice.quantity for invoice in sold)
    for what, said, found in (("held", listing.held, in_holds), ("sold", listing.sold, in_invoices)):
        if said != found:
            yield Finding(f"{what} does not add up", f"{name} says {said} {what}, its holds or invoices say {found}")
    if not listing.numbered:
        return
    seats = Counter(listing.free)
    for taken in [each.seats for each in live] + [each.seats for each in sold]:
        seats.update(taken)
    twice = sorted(seat for seat, times in seats.items() if times > 1)
    if twice:
        yield Finding("seat taken twice", f"{name}: seats {twice} are free, held or sold more than once")
    if len(seats) != listing.quantity:
        yield Finding("seat lost", f"{name} has {listing.quantity} seats, but {len(seats)} are free, held or sold")


def _unique(kind: str, keys: Iterable[str]) -> Iterator[Finding]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield Finding(kind, f"{key}: {times} times")
