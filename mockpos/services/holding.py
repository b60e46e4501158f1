"""Shared between the use cases: what giving back does to a hold's listing."""

from mockpos.domain.hold import Hold
from mockpos.domain.seats import give_back
from mockpos.services.ports import Transaction


def return_tickets(tx: Transaction, hold: Hold) -> int:
    """Give a live hold's tickets back to its listing and return how many are free then.

    Tickets that were sold elsewhere meanwhile do not come back. Nor do those of a listing
    that is not there: a built-in one, held before they were turned off.
    """
    listing = tx.listing(hold.remote_id)
    if listing is None:
        return 0
    stock = tx.stock(listing)
    if hold.stolen:
        return stock.available
    freed = stock._replace(
        available=stock.available + hold.quantity,
        held=stock.held - hold.quantity,
        free=give_back(stock.free, hold.seats),
    )
    tx.put(freed)
    return tx.stock(listing).available


def available_now(tx: Transaction, remote_id: str) -> int:
    """Return how many tickets of a listing are free; 0 when it left the inventory."""
    listing = tx.listing(remote_id)
    return tx.stock(listing).available if listing else 0
