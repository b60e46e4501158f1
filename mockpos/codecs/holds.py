"""Holds and invoices as documents, for the inventory file and whoever looks at it."""

from mockpos.codecs.fields import (
    BadDocument,
    Document,
    choice,
    moment,
    optional_moment,
    optional_text,
    price,
    runs_from_text,
    runs_to_text,
    text,
    truth,
    whole,
)
from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.counted import counted
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.domain.money import Money, parse_total
from mockpos.domain.seats import Numbering, Runs, numbered, size


def hold_document(hold: Hold) -> dict[str, object]:
    """Write a hold down."""
    document: dict[str, object] = {
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "status": str(hold.status),
        "held_at": rfc3339(hold.held_at),
        "expires_at": rfc3339(hold.expires_at),
        "unit_price": f"{hold.unit_price:.2f}",
        "available_after_hold": hold.available_after_hold,
    }
    _add_seats(document, hold.numbering, hold.seats)
    if hold.released_at is not None:
        document["released_at"] = rfc3339(hold.released_at)
        document["release_was_late"] = hold.release_was_late
        document["available_after_release"] = hold.available_after_release
    if hold.invoice_id is not None:
        document["invoice_id"] = hold.invoice_id
    if hold.stolen:
        document["stolen"] = True
    return document


def read_hold(document: Document) -> Hold:
    """Read a hold. Raises BadDocument."""
    numbering = _read_numbering(document)
    return Hold(
        global_id=text(document, "global_id"),
        remote_id=text(document, "remote_id"),
        quantity=whole(document, "quantity", least=1),
        status=choice(document, "status", HoldStatus, HoldStatus.HELD),
        held_at=moment(document, "held_at"),
        expires_at=moment(document, "expires_at"),
        unit_price=price(document, "unit_price"),
        seats=_read_seats(document, numbering),
        numbering=numbering,
        available_after_hold=whole(document, "available_after_hold"),
        released_at=optional_moment(document, "released_at"),
        release_was_late=truth(document, "release_was_late", False),
        available_after_release=whole(document, "available_after_release", 0),
        invoice_id=optional_text(document, "invoice_id"),
        stolen=truth(document, "stolen", False),
    )


def invoice_document(invoice: Invoice) -> dict[str, object]:
    """Write an invoice down."""
    document: dict[str, object] = {
        "invoice_id": invoice.invoice_id,
        "order_id": invoice.order_id,
        "global_id": invoice.global_id,
        "remote_id": invoice.remote_id,
        "quantity": invoice.quantity,
        "total": str(invoice.total),
        "invoiced_at": rfc3339(invoice.invoiced_at),
        "hold_reacquired": invoice.hold_reacquired,
    }
    _add_seats(document, invoice.numbering, invoice.seats)
    return document


def read_invoice(document: Document) -> Invoice:
    """Read an invoice. Raises BadDocument."""
    numbering = _read_numbering(document)
    return Invoice(
        invoice_id=text(document, "invoice_id"),
        order_id=text(document, "order_id"),
        global_id=text(document, "global_id"),
        remote_id=text(document, "remote_id"),
        quantity=whole(document, "quantity", least=1),
        total=Money(price(document, "total", parse_total)),
        invoiced_at=Millis(moment(document, "invoiced_at")),
        seats=_read_seats(document, numbering),
        numbering=numbering,
        hold_reacquired=truth(document, "hold_reacquired", False),
    )


def _add_seats(document: dict[str, object], numbering: Numbering | None, seats: Runs) -> None:
    """Write seats by their printed numbers, with what is needed to find their positions again."""
    if numbering is not None:
        document["seats"] = runs_to_text(numbering, seats)
        document["first_seat"] = numbering.low
        document["seat_step"] = numbering.step
        if numbering.form:
            document["seat_form"] = numbering.form


def _read_numbering(document: Document) -> Numbering | None:
    if document.get("first_seat") is None:
        return None
    return numbered(
        whole(document, "first_seat"), whole(document, "seat_step", 1, least=1), text(document, "seat_form", "")
    )


def _read_seats(document: Document, numbering: Numbering | None) -> Runs:
    if numbering is None:
        return ()
    seats = runs_from_text(numbering, document, "seats")
    if size(seats) != document["quantity"]:
        raise BadDocument(f"seats has {counted(size(seats), 'seat')}, but quantity is {document['quantity']}")
    return seats
