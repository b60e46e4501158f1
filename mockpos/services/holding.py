"""Shared between the use cases: what expiry and giving back do to a hold and its listing."""

from dataclasses import replace

from mockpos.domain.hold import Hold
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import give_back
from mockpos.services.ports import Transaction


def return_tickets(tx: Transaction, hold: Hold) -> Stock:
    """Give a live hold's tickets back to its listing and return the listing's new stock."""
    listing = held_listing(tx, hold)
    stock = tx.stock(listing)
    freed = replace(
        stock,
        available=stock.available + hold.quantity,
        held=stock.held - hold.quantity,
        free=give_back(stock.free, hold.seats),
    )
    tx.put(freed)
    return freed


def held_listing(tx: Transaction, hold: Hold) -> Listing:
    """Return the listing of a live hold. It exists: a listing under a live hold is never dropped."""
    listing = tx.listing(hold.remote_id)
    if listing is None:
        raise LookupError(f"listing {hold.remote_id} of hold {hold.global_id} is gone")
    return listing


def available_now(tx: Transaction, remote_id: str) -> int:
    """Return how many tickets of a listing are free; 0 when it left the inventory."""
    listing = tx.listing(remote_id)
    return tx.stock(listing).available if listing else 0
