"""What the broker does in the POS on its own, seen from both sides."""

import pytest

from tests.conftest import BedMaker, TestBed, a_listing


def test_a_sale_elsewhere_takes_free_tickets_only(bed: TestBed) -> None:
    bed.hold("TG-1", 2)
    refused = bed.call("POST", "/_mock/pos/sell", {"remote_id": "TG-1", "quantity": 3})
    assert (refused.status_code, refused.json["code"]) == (409, "mock_pos_refused")
    sold = bed.call("POST", "/_mock/pos/sell", {"remote_id": "TG-1", "quantity": 2}).json
    assert (sold["listing"]["available"], sold["listing"]["held"], sold["listing"]["sold"]) == (0, 2, 2)
    assert bed.hold("TG-1", 1).json["code"] == "held_by_another"


def test_a_stolen_hold_is_the_newest_and_its_invoice_is_rejected(bed: TestBed) -> None:
    bed.hold("TG-1", 2, "g-old")
    bed.clock.advance(1)
    bed.hold("TG-1", 2, "g-new")
    sold = bed.call("POST", "/_mock/pos/sell", {"remote_id": "TG-1", "quantity": 1, "steal_held": True}).json
    assert sold["broken_holds"] == ["g-new"]
    assert (sold["listing"]["available"], sold["listing"]["held"], sold["listing"]["sold"]) == (1, 2, 1)
    rejected = bed.invoice("g-new").json
    assert (rejected["code"], rejected["reason"]) == ("invoice_rejected", "sold_elsewhere")
    assert bed.invoice("g-old", "o-2").status_code == 200
    assert bed.hold("TG-1", 1).json["seats"] == ["8"]


def test_as_many_holds_are_broken_as_it_takes(bed: TestBed) -> None:
    for number in range(3):
        bed.hold("TG-1", 1, f"te-{number}")
        bed.clock.advance(1)
    sold = bed.call("POST", "/_mock/pos/sell", {"remote_id": "TG-1", "quantity": 3, "steal_held": True}).json
    assert sold["broken_holds"] == ["te-2", "te-1"]
    too_many = bed.call("POST", "/_mock/pos/sell", {"remote_id": "TG-1", "quantity": 2, "steal_held": True})
    assert too_many.status_code == 409
    assert bed.release("te-2").status_code == 200
    assert bed.call("GET", "/_mock/listings/TG-1").json["sold"] == 3


def test_unnumbered_tickets_can_be_stolen_too(make_bed: BedMaker) -> None:
    bed = make_bed(a_listing(numbering=None))
    bed.hold("TG-1", 4)
    sold = bed.call("POST", "/_mock/pos/sell", {"remote_id": "TG-1", "quantity": 1, "steal_held": True}).json
    assert (sold["listing"]["available"], sold["listing"]["sold"]) == (3, 1)


def test_a_retired_listing_takes_no_new_hold_and_its_live_ones_can_be_invoiced(bed: TestBed) -> None:
    bed.hold("TG-1", 2, "te-1")
    retired = bed.call("POST", "/_mock/pos/retire", {"remote_id": "TG-1", "superseded_by": "TG-9"}).json
    assert (retired["retired"], retired["superseded_by"]) == (True, "TG-9")
    refused = bed.hold("TG-1", 1).json
    assert (refused["code"], refused["superseded_by"]) == ("listing_retired", "TG-9")
    assert bed.invoice("te-1").status_code == 200
    back = bed.call("PATCH", "/_mock/listings/TG-1", {"retired": False}).json
    assert (back["retired"], back["superseded_by"]) == (False, None)


def test_a_new_price_is_for_later_holds(bed: TestBed) -> None:
    bed.hold("TG-1", 1, "te-1")
    bed.call("POST", "/_mock/pos/reprice", {"remote_id": "TG-1", "wholesale_price": "200"})
    bed.hold("TG-1", 1, "te-2")
    assert [bed.call("GET", f"/_mock/holds/{each}").json["unit_price"] for each in ("te-1", "te-2")] == [
        "120.00",
        "200.00",
    ]


def test_a_hold_is_ended_before_its_time_and_only_once(bed: TestBed) -> None:
    bed.hold("TG-1", 4, "te-1")
    assert bed.call("POST", "/_mock/pos/expire-hold", {"global_id": "te-1"}).json["status"] == "expired"
    assert bed.invoice("te-1").json["code"] == "hold_expired"
    assert bed.hold("TG-1", 4).status_code == 200
    assert bed.call("POST", "/_mock/pos/expire-hold", {"global_id": "te-1"}).status_code == 409
    assert bed.call("POST", "/_mock/pos/expire-hold", {"global_id": "g-x"}).status_code == 404


@pytest.mark.parametrize("path", ["sell", "retire", "reprice", "expire-hold"])
@pytest.mark.parametrize(
    "body",
    [
        {}, {"remote_id": None}, {"remote_id": "\ud800", "quantity": 1}, {"remote_id": "TG-1", "quantity": 10**300},
        {"remote_id": "TG-1", "quantity": 0}, {"remote_id": "TG-1", "wholesale_price": "x"}, {"global_id": "a" * 200},
        {"remote_id": "TG-1", "superseded_by": "TG-1"}, {"remote_id": "TG-1", "superseded_by": 5},
        {"remote_id": "TG-1", "quantity": 1, "steal_held": "yes"}, {"global_id": "\ud800"},
    ],
)  # fmt: skip
def test_a_bad_body_is_refused(bed: TestBed, path: str, body: object) -> None:
    before = bed.call("GET", "/_mock/listings/TG-1").json
    answer = bed.call("POST", f"/_mock/pos/{path}", body)
    assert (answer.status_code, answer.json["code"]) == (422, "mock_bad_input"), answer.json
    assert bed.call("GET", "/_mock/listings/TG-1").json == before


def test_what_is_no_json_object_is_refused(bed: TestBed) -> None:
    sent = [(b"", 400), (b"[]", 400), (b'{"a":1,"a":2}', 400), (b"[" * 50_000, 400), (b"{" * 70_000, 413)]
    for body, status in sent:
        answer = bed.client.post("/_mock/pos/sell", data=body, content_type="application/json")
        assert answer.status_code == status
    assert bed.client.post("/_mock/pos/sell", data=b"{}", content_type="text/plain").status_code == 415
