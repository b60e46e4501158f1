"""What each operation's success body says, by our own field names."""

from mockpos.domain.clock import rfc3339
from mockpos.domain.hold import BUYER
from mockpos.services.create_invoice import InvoiceAnswer
from mockpos.services.place_hold import HoldAnswer
from mockpos.services.release_hold import ReleaseAnswer


def hold_values(answer: HoldAnswer) -> dict[str, object]:
    """Say what was held: the same at every replay."""
    hold = answer.hold
    return {
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "status": "held",
        "seats": hold.seat_labels(),
        "held_at": rfc3339(hold.held_at),
        "expires_at": rfc3339(hold.expires_at),
        "available_quantity": hold.available_after_hold,
        "replayed": answer.replayed,
    }


def release_values(answer: ReleaseAnswer) -> dict[str, object]:
    """Say what was released, and whether it had lapsed before."""
    hold = answer.hold
    if hold is None or hold.released_at is None:
        raise ValueError("only a released hold has a release to tell of")
    return {
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "status": "released",
        "released_at": rfc3339(hold.released_at),
        "expired": hold.release_was_late,
        "available_quantity": hold.available_after_release,
        "replayed": answer.replayed,
    }


def invoice_values(answer: InvoiceAnswer) -> dict[str, object]:
    """Say what was sold, under which numbers, for how much."""
    invoice = answer.invoice
    return {
        "global_id": invoice.global_id,
        "order_id": invoice.order_id,
        "invoice_id": invoice.invoice_id,
        "remote_id": invoice.remote_id,
        "quantity": invoice.quantity,
        "status": "invoiced",
        "seats": invoice.seat_labels(),
        "buyer": BUYER,
        "total_amount": str(invoice.total),
        "total_currency": invoice.total.currency,
        "invoiced_at": rfc3339(invoice.invoiced_at),
        "hold_reacquired": invoice.hold_reacquired,
        "replayed": answer.replayed,
    }
