"""Seats are labels with an order: listings, holds, answers, files and exports carry A5 as they carry 5."""

from typing import Any

import pytest

from mockpos.domain.seats import numbering_between, numbering_of_labels
from tests.conftest import BedMaker, TestBed, a_listing

ROWS = {
    "A5 to A8": (numbering_between(4, "A5", "A8"), ["A5", "A6", "A7", "A8"]),
    "5A to 5D": (numbering_between(4, "5A", "5D"), ["5A", "5B", "5C", "5D"]),
    "a list": (numbering_of_labels(["A1", "C7", "B2", "D"]), ["A1", "C7", "B2", "D"]),
}


@pytest.fixture(params=ROWS)
def row(request: pytest.FixtureRequest, make_bed: BedMaker) -> tuple[TestBed, list[str]]:
    numbering, labels = ROWS[request.param]
    return make_bed(a_listing(numbering=numbering)), labels


def test_a_purchase_names_the_seats_by_their_labels(row: tuple[TestBed, list[str]]) -> None:
    bed, labels = row
    held = bed.hold("TG-1", 2, "g-1").json
    assert held["seats"] == labels[:2]
    assert bed.hold("TG-1", 2, "g-1").json["seats"] == labels[:2]
    assert bed.hold("TG-1", 1, "g-2").json["seats"] == labels[2:3]
    assert bed.invoice("g-1").json["seats"] == labels[:2]
    bed.release("g-2")
    assert bed.hold("TG-1", 2, "g-3").json["seats"] == labels[2:]


def test_the_control_plane_shows_them(row: tuple[TestBed, list[str]]) -> None:
    bed, labels = row
    bed.hold("TG-1", 1, "g-1")
    shown = bed.call("GET", "/_mock/listings/TG-1").json
    assert (shown["seat_from"], shown["seat_thru"]) == (labels[0], labels[3])
    assert shown["free_seats"] == [f"{labels[1]}-{labels[3]}"]
    [hold] = bed.call("GET", "/_mock/holds").json["holds"]
    assert hold["seats"] == labels[:1]


def test_an_export_can_be_imported_again(row: tuple[TestBed, list[str]]) -> None:
    bed, _ = row
    for kind, content_type in (("json", "application/json"), ("csv", "text/csv")):
        exported = bed.call("GET", f"/_mock/listings/export?format={kind}").data
        query = "?mode=update&default=Event=Owls;Venue=Larch Hall;EventDate=12/13/2026"
        answer = bed.client.post(f"/_mock/listings/import{query}", data=exported, content_type=content_type)
        assert (answer.json["added"], len(answer.json["conflicts"])) == (0, 0)
    assert bed.hold("TG-1", 1).json["seats"] == ROWS_FIRST[bed.call("GET", "/_mock/listings/TG-1").json["seat_from"]]


ROWS_FIRST = {labels[0]: labels[:1] for _, labels in ROWS.values()}


@pytest.mark.parametrize(
    ("body", "first", "last"),
    [
        ({"seat_from": "A5"}, "A5", "A8"),
        ({"seat_from": "A5", "seat_thru": "A11"}, "A5", "A11"),
        ({"seat_from": "5A", "seat_thru": "5D"}, "5A", "5D"),
        ({"seat_from": 5, "seat_thru": 8}, 5, 8),
        ({"seat_from": "5"}, 5, 8),
        ({"seat_labels": ["A1", "C7", "B2", "D"]}, "A1", "D"),
    ],
)
def test_a_listing_can_be_added_and_grow(bed: TestBed, body: dict[str, Any], first: object, last: object) -> None:
    new = {"remote_id": "N", "section": "1", "quantity": 4, "wholesale_price": "5", **body}
    added = bed.call("POST", "/_mock/listings", new)
    assert added.status_code == 201
    assert (added.json["seat_from"], added.json["seat_thru"]) == (first, last)
    if "seat_labels" in body:
        return
    grown = bed.call("PATCH", "/_mock/listings/N", {"quantity": 5, "seat_from": "B1"})
    assert (grown.json["seat_from"], grown.json["seat_thru"]) == ("B1", "B5")


@pytest.mark.parametrize(
    "body",
    [
        {"seat_from": "A5", "seat_thru": "A9"},
        {"seat_from": "A-5"},
        {"seat_from": "A,5"},
        {"seat_from": -1},
        {"seat_from": True},
        {"seat_labels": ["A1", "A1", "B", "C"]},
        {"seat_labels": ["A1"]},
        {"seat_labels": []},
        {"seat_thru": "A8"},
    ],
)
def test_seats_that_make_no_row_are_refused(bed: TestBed, body: dict[str, Any]) -> None:
    new = {"remote_id": "N", "section": "1", "quantity": 4, "wholesale_price": "5", **body}
    assert bed.call("POST", "/_mock/listings", new).status_code == 422
