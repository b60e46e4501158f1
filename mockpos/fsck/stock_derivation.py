"""What of a listing must be free, held and sold, where what it says of itself cannot be.

Live holds and invoices are believed. A number is only set right where they, and what else the listing says,
leave a single answer; else the answer is why not. So nothing is sold or freed by a guess.
"""

from dataclasses import dataclass
from typing import Any

from mockpos.codecs.fields import BadDocument
from mockpos.codecs.seat_runs import runs_from_text
from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.hold import Hold
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import Runs, give_back, remove, size


@dataclass(frozen=True, slots=True)
class Said:
    """What a listing says of itself; None where that is no sensible value."""

    available: int | None
    held: int | None
    sold: int | None
    free: Runs | None
    last_sold_at: Millis | None = None

    @classmethod
    def in_document(cls, document: dict[str, Any], listing: Listing) -> "Said":
        """Read what is legible of a document."""
        is_untouched = not any(name in document for name in ("available", "held", "sold", "free_seats"))
        if is_untouched:
            return cls.of(Stock.untouched(listing))
        free: Runs | None = ()
        if listing.numbering is not None:
            try:
                free = runs_from_text(listing.numbering, document, "free_seats")
            except BadDocument:
                free = None
            if free and free[-1][1] > listing.quantity:
                free = None
        return cls(
            _count(document.get("available")), _count(document.get("held", 0)), _count(document.get("sold", 0)),
            free, _moment(document.get("last_sold_at")),
        )  # fmt: skip

    @classmethod
    def of(cls, stock: Stock) -> "Said":
        """Take over what a stock says."""
        return cls(stock.available, stock.held, stock.sold, stock.free, stock.last_sold_at)


def derive_stock(listing: Listing, said: Said, holds: list[Hold], invoices: list[Invoice]) -> Stock | str:
    """Return the only stock that agrees with the holds and invoices of a listing, or say why there is none.

    ``holds`` are its live ones, without stolen ones, whose tickets the broker sold elsewhere.
    """
    held, invoiced = sum(hold.quantity for hold in holds), sum(invoice.quantity for invoice in invoices)
    owners: list[Hold | Invoice] = [*holds, *invoices]
    if held + invoiced > listing.quantity:
        return f"its live holds and invoices have {held + invoiced} tickets, but its quantity is {listing.quantity}"
    if any(owner.numbering != listing.numbering for owner in owners):
        return "a live hold or an invoice has other seat numbers than it"
    if listing.numbering is None:
        found = _by_counts(listing.quantity, said, held, invoiced)
    else:
        found = _by_seats(listing, said, holds, invoices)
    if isinstance(found, str):
        return found
    available, free = found
    stock = Stock(listing.remote_id, available, held, listing.quantity - available - held, free, said.last_sold_at)
    return stock if stock.sold else stock._replace(last_sold_at=None)


_AMBIGUOUS = "how many were sold elsewhere cannot be told from what is free"


def _by_counts(quantity: int, said: Said, held: int, invoiced: int) -> tuple[int, Runs] | str:
    """Work out what is available: the one number that is wrong is known when the two others are confirmed."""
    if said.sold is not None and said.sold >= invoiced:
        available = quantity - held - said.sold
        counted = None if said.available is None or said.held is None else said.available + said.held + said.sold
        is_confirmed = counted == quantity or said.available == available or said.sold == invoiced
        if available >= 0 and is_confirmed:
            return available, ()
    elif said.available is not None and said.held == held and quantity - held - said.available >= invoiced:
        return said.available, ()
    return _AMBIGUOUS


def _by_seats(listing: Listing, said: Said, holds: list[Hold], invoices: list[Invoice]) -> tuple[int, Runs] | str:
    unclaimed = _unclaimed(listing, [*holds, *invoices])
    if isinstance(unclaimed, str):
        return unclaimed
    held, invoiced = sum(hold.quantity for hold in holds), sum(invoice.quantity for invoice in invoices)
    elsewhere = said.sold - invoiced if said.sold is not None and said.sold >= invoiced else None
    free = _free(said, unclaimed, held, elsewhere)
    return (size(free), free) if free is not None else _AMBIGUOUS


def _unclaimed(listing: Listing, owners: list[Hold | Invoice]) -> Runs | str:
    """Return the seats that neither a live hold nor an invoice has, or say why those cannot be right."""
    try:
        taken = give_back((), tuple(run for owner in owners for run in owner.seats))
    except ValueError:
        return "a seat of it is held or sold twice"
    unclaimed = remove(((0, listing.quantity),), taken)
    return "a live hold or an invoice has seats that it does not have" if unclaimed is None else unclaimed


def _free(said: Said, unclaimed: Runs, held: int, elsewhere: int | None) -> Runs | None:
    """Return which of the unclaimed seats are free; the others were sold elsewhere. None when it cannot be told."""
    counts_agree = elsewhere == 0 and said.available == size(unclaimed)
    if said.free is None or counts_agree:
        return unclaimed if elsewhere == 0 else None
    free = _in_both(said.free, unclaimed)
    nobodys = size(unclaimed) - size(free)
    if nobodys == elsewhere:
        return free
    if elsewhere == 0 and said.held == held + nobodys:
        return unclaimed  # what the listing says is held has no hold any more
    is_sold_wrong = said.available == size(said.free) and (elsewhere is None or nobodys < elsewhere)
    return free if is_sold_wrong else None  # the free seats and their number agree


def _in_both(runs: Runs, others: Runs) -> Runs:
    found = ((max(a, c), min(b, d)) for a, b in runs for c, d in others if a < d and c < b)
    return give_back((), tuple(found))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _moment(value: object) -> Millis | None:
    try:
        return parse_rfc3339(value) if isinstance(value, str) else None
    except ValueError:
        return None
