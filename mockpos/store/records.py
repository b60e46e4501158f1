"""Holds and invoices as the memory of a world has them: msgpack arrays of their fields, in order.

A live hold is some 100 bytes that the garbage collector need not look through, where the entity takes 500. One that
ended has its invoice in the same record, of which only that is written which the hold does not say.
"""

from decimal import Decimal
from typing import NamedTuple

from msgspec.msgpack import Decoder, Encoder

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, Invoice
from mockpos.domain.money import Money

RECORD_FORMAT = 4
"""Stands in the commit log's header, which has the same fields as JSON: a change of them cannot go unseen."""

_encode = Encoder().encode

write = _encode
"""Write a live hold."""

read_hold = Decoder(Hold).decode
"""Read a live hold. Raises msgspec's DecodeError."""


class _Sale(NamedTuple):
    """What an invoice says beside its hold."""

    order_id: str
    amount: Decimal
    invoiced_at: Millis
    hold_reacquired: bool


class _Ended(NamedTuple):
    """A hold that ended. ``invoice`` is there in place of ``sale`` where a file says otherwise than the hold."""

    hold: Hold
    sale: _Sale | None = None
    invoice: Invoice | None = None


_read_ended = Decoder(_Ended).decode


def write_ended(hold: Hold, invoice: Invoice | None = None) -> bytes:
    """Write a hold that ended, and its invoice."""
    if invoice is None:
        return _encode(_Ended(hold))
    sale = _Sale(invoice.order_id, invoice.total.amount, invoice.invoiced_at, invoice.hold_reacquired)
    is_usual = _invoice(hold, sale) == invoice
    return _encode(_Ended(hold, sale) if is_usual else _Ended(hold, invoice=invoice))


_NO_INVOICE = b"\xc0\xc0"  # neither of the last two fields says anything


def has_invoice(record: bytes) -> bool:
    """Tell whether a hold that ended was invoiced, without reading its record."""
    return not record.endswith(_NO_INVOICE)


def read_ended_hold(record: bytes) -> Hold:
    """Read the hold alone. Raises msgspec's DecodeError."""
    return _read_ended(record).hold


def read_ended(record: bytes) -> tuple[Hold, Invoice | None]:
    """Read what ``write_ended`` wrote. Raises msgspec's DecodeError."""
    hold, sale, invoice = _read_ended(record)
    return hold, invoice if sale is None else _invoice(hold, sale)


def _invoice(hold: Hold, sale: _Sale) -> Invoice:
    return Invoice(
        invoice_id=hold.invoice_id or "",
        order_id=sale.order_id,
        global_id=hold.global_id,
        remote_id=hold.remote_id,
        quantity=hold.quantity,
        total=Money(sale.amount),
        invoiced_at=sale.invoiced_at,
        seats=hold.seats,
        numbering=hold.numbering,
        hold_reacquired=sale.hold_reacquired,
    )
