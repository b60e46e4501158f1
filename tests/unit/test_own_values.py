"""What is kept of a parsed file is no part of it: it would keep the parser's memory from being given back."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

import pytest

from mockpos.codecs.holds import read_hold, read_invoice
from mockpos.codecs.listings import read_listing, read_stock
from mockpos.store.world_tables import _read_tombstone

_LISTING = {
    "remote_id": "TG-" + "9" * 20,
    "section": "section of its own",
    "row": "row of its own",
    "quantity": 1000,
    "seat_from": 2001,
    "seat_thru": 3000,
    "split_type": "any",
    "format": "Eticket",
    "wholesale_price": "1217.01",
    "retail_price": "1309.02",
    "internal_notes": "a note",
    "broker_notes": "another note",
    "external_notes": "a third note",
    "superseded_by": "TG-another",
    "available": 700,
    "held": 300,
    "free_seats": ["2001-2700"],
}
_HOLD = {
    "global_id": "G-" + "8" * 20,
    "remote_id": "TG-" + "9" * 20,
    "quantity": 300,
    "status": "invoiced",
    "held_at": "2026-11-26T10:00:00.000Z",
    "expires_at": "2026-11-26T10:15:00.000Z",
    "unit_price": "1217.01",
    "available_after_hold": 700,
    "seats": ["2001-2300"],
    "first_seat": 2001,
    "released_at": "2026-11-26T10:01:00.000Z",
    "available_after_release": 701,
    "invoice_id": "INV-0001000",
}
_INVOICE = {
    "invoice_id": "INV-0001000",
    "order_id": "TEVO-ORDER-1",
    "global_id": "G-" + "8" * 20,
    "remote_id": "TG-" + "9" * 20,
    "quantity": 300,
    "total": "365103.00",
    "invoiced_at": "2026-11-26T10:02:00.000Z",
    "seats": ["2001-2300"],
    "first_seat": 2001,
}
_TOMBSTONE = {"global_id": "G-" + "7" * 20, "left_at": "2026-11-26T10:00:00.000Z"}


def _read_stock(document: dict[str, object]) -> object:
    return read_stock(document, read_listing(document, {}))


@pytest.mark.parametrize(
    ("read", "plain"),
    [
        pytest.param(lambda document: read_listing(document, {}), _LISTING, id="listing"),
        pytest.param(_read_stock, _LISTING, id="stock"),
        pytest.param(read_hold, _HOLD, id="hold"),
        pytest.param(read_invoice, _INVOICE, id="invoice"),
        pytest.param(_read_tombstone, _TOMBSTONE, id="tombstone"),
    ],
)
def test_nothing_kept_is_part_of_the_document(
    read: Callable[[dict[str, object]], object], plain: dict[str, object]
) -> None:
    document = {name: _made_anew(value) for name, value in plain.items()}
    parsed = {id(value): name for name, value in document.items()}

    entity = read(document)

    assert not [parsed[id(value)] for value in _within(entity) if id(value) in parsed]


def _made_anew(value: object) -> object:
    """Return an equal object that nobody else has, as a parser makes it."""
    if isinstance(value, list):
        return [_made_anew(each) for each in value]
    return int(str(value)) if isinstance(value, int) else (str(value) + " ")[:-1]


def _within(value: object) -> Iterator[object]:
    """Yield a value and everything it is made of."""
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from _within(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _within(each)
