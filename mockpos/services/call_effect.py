"""What a call found and left behind, for whoever explains it later."""

from typing import Protocol

from mockpos.domain.calls import StateView
from mockpos.services.ports import Transaction


class CallEffect(Protocol):
    """Filled in by the automator while it carries a call out, inside the call's own transaction."""

    before: StateView | None
    after: StateView | None
    committed: bool


def state_of(tx: Transaction, remote_id: str | None, global_id: str) -> StateView:
    """Look at one listing and one Global ID; without a Remote ID, at the listing of the hold."""
    hold = tx.hold(global_id)
    if remote_id is None and hold is not None:
        remote_id = hold.remote_id
    listing = tx.listing(remote_id) if remote_id is not None else None
    status = hold.status if hold is not None else None
    if listing is None:
        return StateView(hold_status=status)
    stock = tx.stock(listing)
    return StateView(stock.available, stock.held, stock.sold, status)
