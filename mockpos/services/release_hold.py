"""Release a hold: TEvo could not make the order after all."""

from typing import NamedTuple

from mockpos.domain.errors import Refusal
from mockpos.domain.hold import Hold, HoldStatus, Tombstone
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


class ReleaseAnswer(NamedTuple):
    """A released hold, or None with a tombstone for a Global ID that was never held."""

    hold: Hold | None
    replayed: bool


def release_hold(tx: Transaction, *, global_id: str) -> ReleaseAnswer:
    """Give the tickets of a Global ID back. Safe to repeat (contract rule 4).

    A hold that lapsed before is marked released, and the answer says so. An unknown Global ID is remembered
    (rule 3), so this must commit: it is answered with ``hold=None``, not raised. Raises Refusal when the hold is sold.
    """
    hold = tx.hold(global_id)
    if hold is None:
        if tx.tombstone(global_id) is None:
            tx.put(Tombstone(global_id, tx.now))
        return ReleaseAnswer(None, replayed=False)
    match hold.status:
        case HoldStatus.INVOICED:
            raise Refusal(
                "hold_already_invoiced",
                f"The Global ID {global_id} was invoiced as {hold.invoice_id}; a release does not undo a sale.",
                invoice_id=hold.invoice_id,
            )
        case HoldStatus.RELEASED:
            return ReleaseAnswer(hold, replayed=True)
        case HoldStatus.EXPIRED:
            available = available_now(tx, hold.remote_id)
        case HoldStatus.HELD:
            available = return_tickets(tx, hold)
    released = hold._replace(
        status=HoldStatus.RELEASED,
        released_at=tx.now,
        release_was_late=hold.status is HoldStatus.EXPIRED,
        available_after_release=available,
    )
    tx.put(released)
    return ReleaseAnswer(released, replayed=False)


def hold_not_found(global_id: str) -> Refusal:
    """Say that a Global ID never held anything: the answer to a release or an invoice of it."""
    return Refusal("hold_not_found", f"The Global ID {global_id} never held anything.")
