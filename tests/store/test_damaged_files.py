"""Inventory files that make no sense: refused by name and place, and left alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockpos.domain.errors import BadInput
from tests.conftest import a_listing
from tests.store.actors import assert_adds_up, automator, code_of, stock_of
from tests.store.disk import Opener, files

GOOD_LISTING = {"remote_id": "TG-1", "section": "1", "quantity": 4, "wholesale_price": "1.00", "seat_from": 5}
GOOD_HOLD = {
    "global_id": "g-1", "remote_id": "TG-1", "quantity": 2, "status": "held", "held_at": "2026-11-23T12:00:00.000Z",
    "expires_at": "2026-11-23T12:15:00.000Z", "unit_price": "1.00", "available_after_hold": 2,
    "first_seat": 5, "seats": ["5-6"],
}  # fmt: skip
UNDER_HOLD = {**GOOD_LISTING, "available": 2, "held": 2, "sold": 0, "free_seats": ["7-8"]}
GOOD_INVOICE = {
    "invoice_id": "INV-000001", "order_id": "o-1", "global_id": "g-1", "remote_id": "TG-1", "quantity": 2,
    "total": "2.00", "invoiced_at": "2026-11-23T12:00:00.000Z", "first_seat": 5, "seats": ["5-6"],
}  # fmt: skip


def tables(**documents: list[dict[str, Any]]) -> str:
    return json.dumps({name: dict(enumerate(rows, start=1)) for name, rows in documents.items()})


DAMAGED: dict[str, tuple[str, str]] = {
    "cut off": (tables(listings=[GOOD_LISTING])[:-9], r":1:\d+: not JSON"),
    "not JSON": ("remote_id,quantity\nTG-1,4\n", ":1:1: not JSON"),
    "not UTF-8": ("\udcff\udcfe{}", "not JSON"),
    "a list": ("[]", "expected an object of tables"),
    "a table is a list": ('{"listings": []}', "expected an object of tables"),
    "a document is a string": ('{"listings": {"1": "TG-1"}}', "expected an object of tables"),
    "deep": ("[" * 100_000, "not JSON"),
    "one number for two documents": (
        tables(listings=[GOOD_LISTING, GOOD_LISTING | {"remote_id": "B"}]).replace('"2": ', '"1": '),
        "'1' is given twice",
    ),
    "one name for two tables": ('{"listings": {}, "holds": {}, "listings": {}}', "'listings' is given twice"),
    "a format of the future": (tables(meta=[{"format": 2}]), "meta 1: format is 2; this mockpos reads format 1"),
    "a wrong moment of the last commit": (tables(meta=[{"committed_at": "soon"}]), "meta 1: committed_at: "),
    "a generation that is a word": (tables(meta=[{"generation": "one"}]), "meta 1: generation must be a whole number"),
    "quantity as a string": (tables(listings=[{**GOOD_LISTING, "quantity": "4"}]), r"listings 1 \(TG-1\): quantity"),
    "quantity zero": (tables(listings=[GOOD_LISTING | {"quantity": 0}]), r"\(TG-1\): quantity must be .* from 1"),
    "quantity true": (tables(listings=[GOOD_LISTING | {"quantity": True}]), r"\(TG-1\): quantity"),
    "no section": (tables(listings=[{k: v for k, v in GOOD_LISTING.items() if k != "section"}]), "section"),
    "a price that is none": (tables(listings=[GOOD_LISTING | {"wholesale_price": "1e2"}]), "wholesale_price: '1e2'"),
    "a listing's id of spaces": (tables(listings=[GOOD_LISTING | {"remote_id": "  "}]), "remote_id: Must have 1"),
    "an unknown split type": (tables(listings=[GOOD_LISTING | {"split_type": "thirds"}]), "split_type must be one of"),
    "seats that do not fit": (tables(listings=[GOOD_LISTING | {"seat_thru": 10}]), "4 seats cannot run from 5 to 10"),
    "an unknown event": (tables(listings=[GOOD_LISTING | {"event_id": "E"}]), "event_id 'E' is not among the events"),
    "an event without a date": (
        tables(events=[{"event_id": "E", "name": "N", "venue": {"name": "V"}, "occurs_at_local": "soon"}]),
        r"events 1 \(E\): occurs_at_local",
    ),
    "an event twice": (
        tables(events=[{"event_id": "E", "name": n, "venue": {"name": "V"}, "occurs_at_local": "2030-01-01T20:00"}
                       for n in ("one", "two")]),
        "events: E stands there twice",
    ),
    "a Remote ID twice": (tables(listings=[GOOD_LISTING, GOOD_LISTING | {"row": "2"}]), "TG-1 stands there twice"),
    "a Global ID twice": (tables(listings=[UNDER_HOLD], holds=[GOOD_HOLD, GOOD_HOLD]), "holds: g-1 stands there twice"),
    "counts that do not add up": (
        tables(listings=[UNDER_HOLD | {"available": 3}]), r"quantity 4 is not available 3 \+ held 2 \+ sold 0"),
    "more free seats than available": (
        tables(listings=[UNDER_HOLD | {"free_seats": ["6-8"]}], holds=[GOOD_HOLD]), "free_seats has 3 seats"),
    "free seats that the listing lacks": (
        tables(listings=[UNDER_HOLD | {"free_seats": ["98-99"]}], holds=[GOOD_HOLD]), "does not have"),
    "free seats out of order": (
        tables(listings=[UNDER_HOLD | {"free_seats": ["8", "7"]}], holds=[GOOD_HOLD]), "'7' is out of order"),
    "free seats that touch": (
        tables(listings=[UNDER_HOLD | {"free_seats": ["7", "8"]}], holds=[GOOD_HOLD]), "'8' is out of order"),
    "held by nobody": (tables(listings=[UNDER_HOLD]), "listing TG-1 says 2 held, but its live holds have 0"),
    "held, and free": (tables(listings=[GOOD_LISTING], holds=[GOOD_HOLD]), "says 0 held, but its live holds have 2"),
    "a seat held and free": (
        tables(listings=[UNDER_HOLD | {"free_seats": ["6-7"]}], holds=[GOOD_HOLD]), "of a live hold is free too"),
    "a seat held twice": (
        tables(listings=[UNDER_HOLD | {"available": 0, "held": 4, "free_seats": []}],
               holds=[GOOD_HOLD, GOOD_HOLD | {"global_id": "g-2"}]), "held twice"),
    "a hold of fewer seats than tickets": (
        tables(listings=[UNDER_HOLD], holds=[GOOD_HOLD | {"seats": ["5"]}]), r"holds 1 \(g-1\): seats has 1 seat,"),
    "a hold on seats beyond the listing": (
        tables(listings=[UNDER_HOLD], holds=[GOOD_HOLD | {"seats": ["8-9"]}]), "seats that TG-1 does not have"),
    "a hold without seats on numbered ones": (
        tables(listings=[UNDER_HOLD], holds=[{k: v for k, v in GOOD_HOLD.items() if k not in ("seats", "first_seat")}]),
        "seats that TG-1 does not have"),
    "a hold on an unknown listing": (tables(holds=[GOOD_HOLD]), "hold g-1 is on TG-1, which is not among the listings"),
    "a hold without a time": (
        tables(listings=[UNDER_HOLD], holds=[GOOD_HOLD | {"expires_at": "2026-11-23T12:15:00"}]), "has no time zone"),
    "an unknown status": (tables(listings=[UNDER_HOLD], holds=[GOOD_HOLD | {"status": "kept"}]), "status must be one"),
    "an invoice without its hold": (
        tables(listings=[GOOD_LISTING], invoices=[GOOD_INVOICE]), "invoices: g-1: there is no invoiced hold"),
    "an invoiced hold without its invoice": (
        tables(listings=[GOOD_LISTING], holds=[GOOD_HOLD | {"status": "invoiced"}]), "holds: g-1: there is no invoice"),
    "two invoices of one hold": (
        tables(listings=[GOOD_LISTING], holds=[GOOD_HOLD | {"status": "invoiced"}],
               invoices=[GOOD_INVOICE, GOOD_INVOICE | {"order_id": "o-2"}]), "invoices: g-1 stands there twice"),
    "a tombstone without a time": (tables(tombstones=[{"global_id": "g"}]), r"tombstones 1 \(g\): left_at"),
}  # fmt: skip


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_file_is_refused_by_name_and_place_and_left_alone(open_store: Opener, path: Path, fault: str) -> None:
    content, message = DAMAGED[fault]
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    before = files(path.parent)

    with pytest.raises(BadInput, match=message) as caught:
        open_store()

    assert str(path) in str(caught.value)
    assert files(path.parent) == before


def test_a_file_made_by_hand_may_leave_out_everything_usual(open_store: Opener, path: Path) -> None:
    path.write_text(tables(listings=[GOOD_LISTING, {**UNDER_HOLD, "remote_id": 473339}],
                           holds=[{**GOOD_HOLD, "remote_id": "473339"}]))  # fmt: skip
    store = open_store()

    assert stock_of(store, "473339") == (2, 2, 0)
    assert code_of(automator(store).hold, remote_id="TG-1", quantity=4, global_id="g-2") == "ok"
    assert_adds_up(store)


def test_a_brace_in_a_note_does_not_make_a_file_suspect(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing(internal_notes='{"a": {', event=None)).close()
    assert next(open_store().listings())[0].internal_notes == '{"a": {'


def test_a_folder_in_the_place_of_a_file_is_refused(open_store: Opener, path: Path) -> None:
    path.mkdir()
    with pytest.raises(BadInput, match=r"inventory\.json: is a directory"):
        open_store()
    path.rmdir()
    path.with_name("inventory.json.log").mkdir()
    with pytest.raises(BadInput, match=r"inventory\.json\.log: cannot be read"):
        open_store()
    with pytest.raises(BadInput, match="there is no folder"):
        open_store(path.parent / "no such folder" / "inventory.json")
