"""Entities as documents, for files that people read and edit, and for whoever looks at them.

Fields that have their usual value are left out. A listing names its event by id.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, time
from enum import StrEnum
from functools import partial
from operator import attrgetter
from sys import intern
from typing import Any

from mockpos.codecs.fields import (
    BadDocument,
    Document,
    choice,
    day,
    list_of,
    moment,
    optional,
    price,
    runs_from_text,
    runs_to_text,
    text,
    truth,
    whole,
)
from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.counted import counted
from mockpos.domain.event import Event, EventState, Venue
from mockpos.domain.hold import Hold, HoldStatus, Invoice
from mockpos.domain.identifiers import opaque_id
from mockpos.domain.listing import Listing, ListingType, SplitType, Stock, TicketFormat, ViewType, valid_quantities
from mockpos.domain.money import Money, parse_total
from mockpos.domain.seats import (
    MOST_NUMBERED,
    Numbering,
    Runs,
    SeatSet,
    numbered,
    numbering_between,
    numbering_of_labels,
    runs_of,
    seat_set,
    size,
)


def event_document(event: Event) -> dict[str, object]:
    """Write an event down."""
    document: dict[str, object] = {
        "event_id": event.event_id,
        "name": event.name,
        "occurs_at_local": datetime.combine(event.local_date, event.local_time).isoformat(),
        "venue": {"name": event.venue.name, "city": event.venue.city, "time_zone": event.venue.time_zone},
        "performers": list(event.performers),
        "state": event.state.value,
        "category": event.category,
    }
    if event.time_tba:
        document["time_tba"] = True
    if event.fixed_date:
        document["fixed_date"] = True
    return document


def read_event(document: Document) -> Event:
    """Read an event. Raises BadDocument."""
    venue = document.get("venue")
    if not isinstance(venue, Mapping):
        raise BadDocument("venue must be an object with a name")
    try:
        occurs_at = datetime.fromisoformat(text(document, "occurs_at_local"))
    except ValueError as error:
        raise BadDocument(f"occurs_at_local: {error}") from None
    tba = truth(document, "time_tba")
    return Event(
        event_id=text(document, "event_id"),
        name=text(document, "name"),
        venue=Venue(text(venue, "name"), text(venue, "city", ""), optional(text, venue, "time_zone")),
        local_date=occurs_at.date(),
        local_time=time(0, 0) if tba else occurs_at.time().replace(tzinfo=None),
        time_tba=tba,
        performers=tuple(list_of(document, "performers", str)),
        state=choice(document, "state", EventState, EventState.SHOWN),
        category=text(document, "category", ""),
        fixed_date=truth(document, "fixed_date"),
    )


def listing_document(listing: Listing, stock: Stock) -> dict[str, object]:
    """Write a listing down, with what is free, held and sold of it."""
    numbering = listing.numbering
    document: dict[str, object] = {
        "remote_id": listing.remote_id,
        "event_id": listing.event.event_id if listing.event else None,
        "section": listing.section,
        "row": listing.row,
        "quantity": listing.quantity,
    }
    if numbering is not None:
        document.update(_seats(numbering, listing.quantity))
    document["split_type"] = str(listing.split_type)
    if listing.custom_splits:
        document["custom_splits"] = list(listing.custom_splits)
    document["format"] = str(listing.ticket_format)
    document["wholesale_price"] = f"{listing.wholesale_price:.2f}"
    if listing.retail_price is not None:
        document["retail_price"] = f"{listing.retail_price:.2f}"
    document.update(_what_is_unusual(listing))
    if stock.held or stock.sold:
        document.update(available=stock.available, held=stock.held, sold=stock.sold)
        if numbering is not None:
            document["free_seats"] = runs_to_text(numbering, runs_of(stock.free))
        if stock.last_sold_at is not None:
            document["last_sold_at"] = rfc3339(stock.last_sold_at)
    return document


def _what_is_unusual(listing: Listing) -> dict[str, object]:
    """Return the fields that differ from what a plain listing has."""
    found = _what_may_be_unusual(listing)
    if found == _USUALLY:
        return {}
    return {name: _plain(value) for name, value in zip(USUAL, found, strict=True) if value != USUAL[name]}


def _plain(value: object) -> object:
    """Return a value as a document has it."""
    if isinstance(value, StrEnum):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def splits_now(listing: Listing, stock: Stock) -> list[int]:
    """Return the valid quantities for what is left: TEvo's ``splits``."""
    return valid_quantities(listing.split_type, listing.custom_splits, stock.available)


def read_listing(document: Document, events: Mapping[str, Event]) -> Listing:
    """Read a listing whose event is among those given. Raises BadDocument."""
    event_id = optional(text, document, "event_id")
    if event_id is not None and event_id not in events:
        raise BadDocument(f"event_id {event_id!r} is not among the events")
    quantity = whole(document, "quantity", least=1)
    said: dict[str, Any] = {}
    for name in document:  # only what is there: most fields of most listings have their usual value
        field = _OPTIONAL.get(name)
        if field is not None:
            said[field[0]] = field[1](document, name)
    if said.get("split_type") is SplitType.CUSTOM and not said.get("custom_splits"):
        raise BadDocument("custom_splits must have some numbers for the split_type custom")
    if said.get("superseded_by") is not None:
        said.setdefault("retired", True)
    return Listing(
        remote_id=read_remote_id(document),
        event=events[event_id] if event_id is not None else None,
        section=_section(document),
        row=intern(text(document, "row", "")),
        quantity=quantity,
        numbering=_numbering(document, quantity),
        wholesale_price=price(document, "wholesale_price"),
        **said,
    )


def _custom_splits(document: Document, name: str) -> tuple[int, ...]:
    splits = list_of(document, name, int)
    if any(split < 1 for split in splits):
        raise BadDocument(f"{name} must be whole numbers from 1")
    return tuple(sorted(set(splits)))


_OPTIONAL: dict[str, tuple[str, Callable[[Document, str], object]]] = {
    "split_type": ("split_type", lambda document, name: choice(document, name, SplitType, SplitType.ANY)),
    "custom_splits": ("custom_splits", _custom_splits),
    "format": ("ticket_format", lambda document, name: choice(document, name, TicketFormat, TicketFormat.ETICKET)),
    "in_hand": ("in_hand", truth),
    "in_hand_on": ("in_hand_on", partial(optional, day)),
    "retail_price": ("retail_price", partial(optional, price)),
    "internal_notes": ("internal_notes", text),
    "broker_notes": ("broker_notes", text),
    "external_notes": ("external_notes", text),
    "type": ("listing_type", lambda document, name: choice(document, name, ListingType, ListingType.EVENT)),
    "view_type": ("view_type", lambda document, name: choice(document, name, ViewType, ViewType.FULL)),
    "broadcast": ("broadcast", truth),
    "mapped": ("mapped", truth),
    "retired": ("retired", truth),
    "superseded_by": ("superseded_by", partial(optional, text)),
}
"""Fields that may be left out: the listing's attribute, and how it is read."""

_DEFAULTS = {field.name: field.default for field in fields(Listing)}
USUAL: dict[str, object] = {
    name: _plain(_DEFAULTS[attribute])
    for name, (attribute, _) in _OPTIONAL.items()
    if name not in ("split_type", "custom_splits", "format", "retail_price")
}
"""What a file leaves out when it is so: as a listing is that nothing else is said of."""

_what_may_be_unusual = attrgetter(*(_OPTIONAL[name][0] for name in USUAL))
_USUALLY = tuple(USUAL.values())


def read_remote_id(document: Document) -> str:
    """Read the Remote ID, which a file may write as a string or as a whole number."""
    value = document.get("remote_id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise BadDocument("remote_id must be a string or a whole number")
    try:
        return opaque_id(value)
    except ValueError as error:
        raise BadDocument(f"remote_id: {error}") from None


def _section(document: Document) -> str:
    section = text(document, "section").strip()
    if not section:
        raise BadDocument("section must not be empty")
    return intern(section)


def read_stock(document: Document, listing: Listing) -> Stock | None:
    """Read what is free, held and sold, or None when nobody has touched the listing. Raises BadDocument."""
    held, sold = whole(document, "held", 0), whole(document, "sold", 0)
    if not held and not sold:
        return None
    available = whole(document, "available")
    if available + held + sold != listing.quantity:
        raise BadDocument(f"quantity {listing.quantity} is not available {available} + held {held} + sold {sold}")
    free = _free_seats(document, listing.numbering, listing.quantity) if listing.numbering else 0
    if listing.numbering and free.bit_count() != available:
        raise BadDocument(f"free_seats has {counted(free.bit_count(), 'seat')}, but available is {available}")
    return Stock(listing.remote_id, available, held, sold, free, optional(moment, document, "last_sold_at"))


def _free_seats(document: Document, numbering: Numbering, quantity: int) -> SeatSet:
    runs = runs_from_text(numbering, document, "free_seats")
    if runs and runs[-1][1] > quantity:
        raise BadDocument("free_seats has seats that this listing does not have")
    return seat_set(runs)


def _numbering(document: Document, quantity: int) -> Numbering | None:
    if document.get("seat_from") is None:
        return None
    if quantity > MOST_NUMBERED:
        raise BadDocument(f"quantity is {quantity}; a listing with numbered seats has {MOST_NUMBERED:,} at most")
    if isinstance(document["seat_from"], str) or "seat_labels" in document:
        return _lettered(document, quantity)
    low = whole(document, "seat_from")
    thru = whole(document, "seat_thru", low + quantity - 1)
    for step in (1, 2):
        if thru == low + (quantity - 1) * step:
            return numbered(low, step)
    raise BadDocument(f"{counted(quantity, 'seat')} cannot run from {low} to {thru}, neither one by one nor by twos")


def _lettered(document: Document, quantity: int) -> Numbering:
    """Read seats with letters: all their labels, or the first and the last."""
    labels = list_of(document, "seat_labels", str)
    if labels and len(labels) != quantity:
        raise BadDocument(f"seat_labels names {counted(len(labels), 'seat')}, but quantity is {quantity}")
    try:
        if labels:
            return numbering_of_labels(labels)
        last = document.get("seat_thru")
        return numbering_between(quantity, text(document, "seat_from"), "" if last is None else str(last))
    except ValueError as error:
        raise BadDocument(f"seat_from: {error}") from None


def _seats(numbering: Numbering, quantity: int) -> dict[str, object]:
    """Write the first seat and the last; every label where those do not say what is between them."""
    if not numbering.form:
        return {"seat_from": numbering.low, "seat_thru": numbering.low + (quantity - 1) * numbering.step}
    first, last = numbering.label(0), numbering.label(quantity - 1)
    ends: dict[str, object] = {"seat_from": first, "seat_thru": last}
    try:
        is_said = numbering_between(quantity, first, last) == numbering
    except ValueError:
        is_said = False
    return ends if is_said else {**ends, "seat_labels": numbering.labels(((0, quantity),))}


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
    numbering = _numbering_of_hold(document)
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
        released_at=optional(moment, document, "released_at"),
        release_was_late=truth(document, "release_was_late"),
        available_after_release=whole(document, "available_after_release", 0),
        invoice_id=optional(text, document, "invoice_id"),
        stolen=truth(document, "stolen"),
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
    numbering = _numbering_of_hold(document)
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
        hold_reacquired=truth(document, "hold_reacquired"),
    )


def _add_seats(document: dict[str, object], numbering: Numbering | None, seats: Runs) -> None:
    """Write seats by their printed numbers, with what is needed to find their positions again."""
    if numbering is not None:
        document["seats"] = runs_to_text(numbering, seats)
        document["first_seat"] = numbering.low
        document["seat_step"] = numbering.step
        if numbering.form:
            document["seat_form"] = numbering.form


def _numbering_of_hold(document: Document) -> Numbering | None:
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
