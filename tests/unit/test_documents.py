"""Entities as documents of the file and as records of the log: what was written reads as it was."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import decode, encode

from mockpos.codecs.documents import (
    event_document,
    hold_document,
    invoice_document,
    listing_document,
    read_event,
    read_hold,
    read_invoice,
    read_listing,
    read_stock,
)
from mockpos.codecs.fields import BadDocument, runs_from_text, runs_to_text
from mockpos.domain.event import Event
from mockpos.domain.hold import Hold, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.money import Money
from mockpos.domain.seats import Numbering
from mockpos.services.ports import Change, DroppedListing
from mockpos.store import records
from mockpos.store.log_entries import changes_in, entry_of
from mockpos.store.world import Limits, World
from tests.conftest import NOON, a_listing
from tests.unit.worlds import events, holds, invoices, listings, stocks


def through_json(document: object) -> Any:
    return decode(encode(document))


@given(events())
def test_an_event_reads_as_it_was_written(event: Event) -> None:
    assert read_event(through_json(event_document(event))) == event


@given(listings(), st.data())
def test_a_listing_and_its_stock_read_as_they_were_written(listing: Listing, data: st.DataObject) -> None:
    stock = data.draw(stocks(listing))
    document = through_json(listing_document(listing, stock))
    known = {listing.event.event_id: listing.event} if listing.event else {}

    assert read_listing(document, known) == listing
    assert read_stock(document, listing) == (stock if stock.held or stock.sold else None)


@given(holds())
def test_a_hold_reads_as_it_was_written(hold: Hold) -> None:
    assert read_hold(through_json(hold_document(hold))) == hold
    assert records.read_hold(records.write(hold)) == hold
    ended = records.write_ended(hold)
    assert records.read_ended(ended) == (hold, None)
    assert not records.has_invoice(ended)


@given(invoices())
def test_an_invoice_reads_as_it_was_written(invoice: Invoice) -> None:
    assert read_invoice(through_json(invoice_document(invoice))) == invoice


@given(holds(), invoices())
def test_a_hold_has_the_invoice_that_was_written_with_it_whatever_that_says(hold: Hold, invoice: Invoice) -> None:
    usual = invoice._replace(
        invoice_id=hold.invoice_id or "", global_id=hold.global_id, remote_id=hold.remote_id, quantity=hold.quantity,
        seats=hold.seats, numbering=hold.numbering,
    )  # fmt: skip
    assert len(records.write_ended(hold, usual)) < len(records.write_ended(hold, invoice))
    for said in (usual, invoice):
        record = records.write_ended(hold, said)
        assert records.has_invoice(record)
        assert records.read_ended(record) == (hold, said)
        assert records.read_ended_hold(record) == hold


@given(listings(), holds(), invoices(), st.data())
def test_a_commit_reads_as_it_was_written(listing: Listing, hold: Hold, invoice: Invoice, data: st.DataObject) -> None:
    stock = data.draw(stocks(listing))
    changes: list[Change] = [listing, stock, hold, invoice, Tombstone("g", NOON), DroppedListing("TG-1")]
    world = World(Limits())
    assert changes_in(decode(entry_of(changes, NOON, world)), world) == (changes, NOON)


@given(listings(), st.data())
def test_stocks_read_as_they_were_written_one_after_another(listing: Listing, data: st.DataObject) -> None:
    world = World(Limits())
    world.fill([listing])
    world.apply([data.draw(stocks(listing))], NOON)
    changes: list[Change] = [data.draw(stocks(listing)) for _ in range(3)]
    assert changes_in(decode(entry_of(changes, NOON, world)), world) == (changes, NOON)


def test_the_largest_total_survives_the_file() -> None:
    invoice = Invoice(invoice_id="INV-000001", order_id="o", global_id="g", remote_id="TG-1", quantity=1000,
                      total=Money(Decimal("9999999.99")).times(1000), invoiced_at=NOON)  # fmt: skip
    assert read_invoice(through_json(invoice_document(invoice))) == invoice


@given(listings())
def test_seats_are_written_by_their_printed_numbers(listing: Listing) -> None:
    if listing.numbering is None:
        return
    runs = ((0, 1),) if listing.quantity < 3 else ((0, 1), (2, 3))
    written = runs_to_text(listing.numbering, runs)
    assert written[0] == listing.numbering.label(0)
    assert runs_from_text(listing.numbering, {"seats": json.loads(json.dumps(written))}, "seats") == runs


@pytest.mark.parametrize(
    "seats",
    [["4"], ["x"], [""], ["-5"], ["7-6"], ["5", "5"], ["5", "6"], ["9", "5"], [5], "5", ["5-6-7"], ["6.0"]],
)
def test_seats_that_make_no_sense_are_refused_by_field(seats: Any) -> None:
    with pytest.raises(BadDocument, match=r"^seats"):
        runs_from_text(Numbering(5), {"seats": seats}, "seats")


def test_odd_seats_have_no_even_numbers() -> None:
    assert runs_from_text(Numbering(1, 2), {"seats": ["3-5"]}, "seats") == ((1, 3),)
    with pytest.raises(BadDocument, match="'4-6' are not seats"):
        runs_from_text(Numbering(1, 2), {"seats": ["4-6"]}, "seats")


LISTING = through_json(listing_document(a_listing(), Stock.untouched(a_listing())))
FAULTS = [
    ("remote_id", None), ("remote_id", ""), ("remote_id", 1.5), ("remote_id", True), ("remote_id", "a\nb"),
    ("section", None), ("section", 7), ("section", " "), ("row", 7), ("quantity", 0), ("quantity", -1),
    ("quantity", "4"),
    ("quantity", 4.0), ("quantity", True), ("quantity", None), ("seat_from", "5!"), ("seat_from", -1),
    ("split_type", "thirds"), ("split_type", None), ("split_type", 1), ("custom_splits", "2,4"),
    ("custom_splits", [2, "4"]), ("custom_splits", [True]), ("custom_splits", [0]), ("format", "Papyrus"),
    ("wholesale_price", None), ("wholesale_price", "free"), ("wholesale_price", -1), ("wholesale_price", True),
    ("retail_price", "1.234"), ("in_hand", "yes"), ("in_hand_on", "12/05/2026"), ("internal_notes", 5),
    ("type", "boat"),
    ("view_type", "None"), ("broadcast", 1), ("mapped", "true"), ("retired", 0), ("superseded_by", 5),
    ("event_id", "E"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), FAULTS)
def test_a_listing_edited_wrongly_is_refused_by_field(field: str, value: Any) -> None:
    with pytest.raises(BadDocument, match=field):
        read_listing({**LISTING, field: value}, {})


HOLD = {"global_id": "g", "remote_id": "TG-1", "quantity": 2, "status": "held", "held_at": "2026-11-23T12:00:00Z",
        "expires_at": "2026-11-23T12:15:00Z", "unit_price": "1.00", "available_after_hold": 2, "first_seat": 5,
        "seats": ["5-6"]}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [("global_id", None), ("quantity", 0), ("quantity", 3), ("status", "kept"), ("held_at", "noon"), ("expires_at", 5),
     ("unit_price", "x"), ("seats", ["5"]), ("seats", ["4-5"]), ("seat_step", 0), ("first_seat", "5"),
     ("available_after_hold", -1), ("released_at", "2026"), ("release_was_late", 1), ("invoice_id", 5)],
)  # fmt: skip
def test_a_hold_edited_wrongly_is_refused_by_field(field: str, value: Any) -> None:
    read_hold(HOLD)
    with pytest.raises(BadDocument, match=field):
        read_hold({**HOLD, field: value})


@pytest.mark.parametrize("value", [None, "", 7, "tomorrow"])
def test_an_event_without_a_time_is_refused_by_field(value: Any) -> None:
    document = {"event_id": "E", "name": "N", "venue": {"name": "V"}, "occurs_at_local": value}
    with pytest.raises(BadDocument, match="occurs_at_local"):
        read_event(document)
    with pytest.raises(BadDocument, match="venue"):
        read_event({**document, "occurs_at_local": "2026-12-05T19:30:00", "venue": "Hall"})
