"""Listings from JSON: an inventory file, a plain document, or a list."""

import json
from datetime import time
from decimal import Decimal

import pytest
import tinydb

from mockpos.broker.json_listings import read_json_bytes, read_json_listings
from mockpos.codecs.documents import event_document, listing_document
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import Stock

EVENT = {"event_id": "e1", "name": "WFC 112", "occurs_at_local": "2027-01-09T19:30:00", "venue": {"name": "Arena"}}
LISTING = {"remote_id": "1", "event_id": "e1", "section": "A", "row": "1", "quantity": 2, "wholesale_price": "10.00"}


def read(document: object):
    return read_json_bytes(json.dumps(document).encode(), "stock.json")


def refusal(raw: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        read_json_bytes(raw, "stock.json")
    assert str(caught.value).startswith("stock.json")
    return str(caught.value)


def test_an_inventory_file_a_plain_document_and_a_list_give_the_same_listings():
    other = {**LISTING, "remote_id": 605696419}
    tables = {"meta": {"1": {}}, "events": {"1": EVENT}, "listings": {"1": LISTING, "2": other}, "holds": {}}
    from_inventory = read(tables)
    assert [listing.remote_id for listing in from_inventory.listings] == ["1", "605696419"]
    assert from_inventory.listings[0].event is from_inventory.listings[1].event
    assert from_inventory.listings[0].event.local_time == time(19, 30)
    assert (from_inventory.warnings, from_inventory.bad_rows) == ([], [])
    assert read({"events": [EVENT], "listings": [LISTING, other]}) == from_inventory
    assert read([{**LISTING, "event": EVENT}, {**other, "event": EVENT}]) == from_inventory


def test_what_tinydb_writes_is_read(tmp_path):
    path = tmp_path / "inventory.json"
    with tinydb.TinyDB(path) as database:
        database.table("events").insert(EVENT)
        database.table("listings").insert(LISTING)
    assert len(read_json_listings(path).listings) == 1


def test_a_broker_file_as_json_is_the_same_inventory(read):
    from_csv = read({"SeatFrom": "1", "SeatThru": "7", "RetailPrice": "9.99", "EventTime": "TBA"}, {"Broadcast": "N"})
    events = {listing.event.event_id: event_document(listing.event) for listing in from_csv.listings}
    documents = [listing_document(listing, Stock.untouched(listing)) for listing in from_csv.listings]
    raw = json.dumps({"events": list(events.values()), "listings": documents}).encode()
    assert read_json_bytes(raw, "stock.json").listings == from_csv.listings


def test_prices_may_be_numbers_and_stay_exact():
    [listing] = read_json_bytes(
        json.dumps([{**LISTING, "event_id": None, "wholesale_price": 10.10, "retail_price": 12}]).encode(), "x.json"
    ).listings
    assert listing.wholesale_price == Decimal("10.10")
    assert listing.retail_price == Decimal("12.00")


def test_what_is_held_and_sold_is_not_taken_over_and_a_warning_says_so():
    touched = {**LISTING, "available": 1, "sold": 1}
    found = read({"events": [EVENT], "listings": [touched], "holds": {"1": {}}, "invoices": {"1": {}, "2": {}}})
    assert found.warnings == [
        "Imported into an inventory that is there already, this file leaves behind: "
        "1 hold, 2 invoices, what is held or sold of 1 listing."
    ]


def test_an_empty_inventory_is_a_warning():
    assert read({"events": [], "listings": {}}).warnings == ["The file has no listing."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": True}, "listings[1].quantity must be a whole number from 1, not True"),
        ({"quantity": 2.5}, "listings[1].quantity must be a whole number from 1, not Decimal('2.5')"),
        ({"quantity": 0}, "listings[1].quantity must be a whole number from 1, not 0"),
        ({"remote_id": ""}, "listings[1].remote_id: Must have 1 to 128 characters."),
        ({"remote_id": "1"}, "listings[1].remote_id '1' is that of listings[0] already"),
        ({"wholesale_price": None}, 'listings[1].wholesale_price must be a price such as "122.00", not nothing'),
        ({"event_id": "e2"}, "listings[1].event_id 'e2' is not among the events"),
        ({"event": "e1"}, "listings[1].event must be an object"),
        ({"event": {**EVENT, "name": 7}}, "listings[1].event.name must be a string, not 7"),
        ({"event": {**EVENT, "name": "x"}}, "listings[1].event.event_id 'e1' is that of another event already"),
        ({"seat_from": 1, "seat_thru": 9}, "listings[1]: 2 seats cannot run from 1 to 9"),
        ({"sold": 3, "available": 2}, "listings[1].quantity 2 is not available 2 + held 0 + sold 3"),
    ],
)
def test_a_bad_field_is_named_by_its_place(change, said):
    bad = {**LISTING, "remote_id": "2", **change}
    assert said in refusal(json.dumps({"events": [EVENT], "listings": [LISTING, bad]}).encode())


def test_places_in_an_inventory_file_are_its_document_numbers():
    assert "listings[17].section must be" in refusal(
        json.dumps({"events": {"4": EVENT}, "listings": {"17": {**LISTING, "section": 1}}}).encode()
    )
    assert "events[4].venue must be an object" in refusal(
        json.dumps({"events": {"4": {**EVENT, "venue": "x"}}, "listings": {}}).encode()
    )


def test_the_first_ten_faults_are_shown_and_the_rest_counted():
    said = refusal(json.dumps([{**LISTING, "remote_id": number} for number in range(14)]).encode())
    assert said.count("event_id 'e1' is not among the events") == 10
    assert said.endswith("and 4 more")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file is empty"),
        (b"[1,\n2,,]", "line 2, column 3: not JSON"),
        (b'{"listings": []', "not JSON"),
        (b'"listings"', "this is no inventory"),
        (b"{}", "this is no inventory"),
        (b'{"listings": 7}', "listings must be a list or an object of documents"),
        (b"[7]", "listings[0] must be an object"),
        (b'[{"remote_id": "9", "row": "1", "row": "2"}]', "the key 'row' is given twice in one object (remote_id '9')"),
        (b'{"listings": [], "listings": []}', "the key 'listings' is given twice"),
        (b'[{"quantity": NaN}]', "NaN is not a number in JSON"),
        (b'[{"quantity": -Infinity}]', "-Infinity is not a number in JSON"),
        (b'[{"quantity": ' + b"9" * 5000 + b"}]", "is too large"),
        (b'[{"section": "\\ud800"}]', "half a surrogate pair"),
        (b"[" * 100_000, "nested too deeply"),
        (b'[{"section": "\xe9"}]', "byte 0xE9 is not UTF-8"),
        (b'[{"section": "\0"}]', "NUL byte"),
        (b"\xff\xfe[\0]\0", "UTF-16"),
    ],
)
def test_whole_file_faults_are_refused(raw, said):
    assert said in refusal(raw)


def test_whole_surrogate_pairs_are_characters():
    raw = json.dumps([{**LISTING, "event_id": None, "section": "🎫"}]).encode()
    assert b"\\ud83c" in raw
    assert read_json_bytes(raw, "x.json").listings[0].section == "🎫"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadInput, match="there is no such file"):
        read_json_listings(tmp_path / "no.json")
