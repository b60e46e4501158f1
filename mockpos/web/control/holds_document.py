"""Holds and invoices as control calls show them."""

from typing import Any

from mockpos.codecs.holds import hold_document, invoice_document
from mockpos.domain.hold import Hold
from mockpos.domain.invoice import Invoice

_UNNUMBERED: dict[str, object] = {"seats": [], "first_seat": None, "seat_step": None}
_PLAIN: dict[str, object] = {
    **_UNNUMBERED,
    "stolen": False,
    "invoice_id": None,
    "released_at": None,
    "release_was_late": False,
    "available_after_release": None,
}
"""What a file leaves out when it is so."""


def shown_hold(hold: Hold) -> dict[str, Any]:
    """Show a hold. ``stolen`` tells that the broker sold its tickets elsewhere."""
    return {**_PLAIN, **hold_document(hold)}


def shown_invoice(invoice: Invoice) -> dict[str, Any]:
    """Show an invoice."""
    return {**_UNNUMBERED, **invoice_document(invoice)}
