"""Create an invoice: TEvo made the order, so the tickets are sold to it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mockpos.domain.clock import rfc3339
from mockpos.domain.errors import Refusal
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.domain.listing import Stock
from mockpos.domain.money import Money
from mockpos.domain.seats import remove
from mockpos.services.ports import Transaction
from mockpos.services.release_hold import hold_not_found


class LapsedHold(StrEnum):
    """What to do with an invoice whose hold has expired (contract rule 7)."""

    STRICT = "strict"
    REACQUIRE = "reacquire"


@dataclass(frozen=True, slots=True)
class InvoicePolicy:
    """The settings that change what an invoice may do."""

    lapsed_hold: LapsedHold = LapsedHold.STRICT
    orders_may_repeat: bool = False


class InvoiceAnswer(NamedTuple):
    """An invoice, and whether it was there before this call."""

    invoice: Invoice
    replayed: bool


def create_invoice(tx: Transaction, *, global_id: str, order_id: str, policy: InvoicePolicy) -> InvoiceAnswer:
    """Sell the tickets of a hold to TEvo under its order, exactly once (contract rule 6). Raises Refusal."""
    hold = tx.hold(global_id)
    if hold is None:
        raise hold_not_found(global_id)
    earlier = tx.invoice(global_id)
    if earlier is not None:
        return InvoiceAnswer(_same_order(earlier, order_id), replayed=True)
    if hold.status is HoldStatus.RELEASED:
        when = f" at {rfc3339(hold.released_at)}" if hold.released_at is not None else ""
        raise Refusal("hold_released", f"The hold of {global_id} was released{when}.")
    stock = _stock_with_tickets_held(tx, hold, policy.lapsed_hold)
    _check_order_is_free(tx, order_id, global_id, policy)
    if hold.stolen:
        raise Refusal(
            "invoice_rejected",
            f"The point of sale rejected the invoice: the tickets held for {global_id} were sold elsewhere.",
            reason="sold_elsewhere",
        )
    invoice = Invoice(
        invoice_id=tx.next_invoice_id(),
        order_id=order_id,
        global_id=hold.global_id,  # its very text, that memory keeps it once
        remote_id=hold.remote_id,
        quantity=hold.quantity,
        total=Money(hold.unit_price).times(hold.quantity),
        invoiced_at=tx.now,
        seats=hold.seats,
        numbering=hold.numbering,
        hold_reacquired=hold.status is HoldStatus.EXPIRED,
    )
    if stock is not None:
        tx.put(stock._replace(held=stock.held - hold.quantity, sold=stock.sold + hold.quantity, last_sold_at=tx.now))
    tx.put(hold._replace(status=HoldStatus.INVOICED, invoice_id=invoice.invoice_id))
    tx.put(invoice)
    return InvoiceAnswer(invoice, replayed=False)


def _same_order(invoice: Invoice, order_id: str) -> Invoice:
    if invoice.order_id != order_id:
        raise Refusal(
            "order_id_conflict",
            f"The hold of {invoice.global_id} is invoiced under order {invoice.order_id} already.",
        )
    return invoice


def _stock_with_tickets_held(tx: Transaction, hold: Hold, policy: LapsedHold) -> Stock | None:
    """Return the listing's stock with the hold's tickets counted as held, taking them again where that is allowed.

    None where the listing of a live hold is not there: see ``return_tickets``.
    """
    listing = tx.listing(hold.remote_id)
    if hold.status is HoldStatus.HELD:
        return tx.stock(listing) if listing is not None else None
    if policy is LapsedHold.REACQUIRE and listing is not None and not listing.retired:
        stock = tx.stock(listing)
        free = remove(stock.free, hold.seats)
        if free is not None and stock.available >= hold.quantity and hold.numbering == listing.numbering:
            return stock._replace(available=stock.available - hold.quantity, held=stock.held + hold.quantity, free=free)
    expired_at = rfc3339(hold.expires_at)
    raise Refusal("hold_expired", f"The hold of {hold.global_id} expired at {expired_at}.", expired_at=expired_at)


def _check_order_is_free(tx: Transaction, order_id: str, global_id: str, policy: InvoicePolicy) -> None:
    other = tx.order_holder(order_id)
    if other is not None and other != global_id and not policy.orders_may_repeat:
        raise Refusal("order_id_conflict", f"Order {order_id} belongs to the hold of {other} already.")
