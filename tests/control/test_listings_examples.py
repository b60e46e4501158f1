"""The documented examples of listings, POS, holds and scenarios have exactly the members of real answers."""

from typing import Any

import pytest

from tests.conftest import BedMaker, TestBed, a_listing
from tests.control.examples import differences, example_of

EVENT = {"event_id": "e-1", "name": "A", "occurs_at_local": "2026-12-13T18:05", "venue": {"name": "V"}}
NEW = {"remote_id": "TG-2", "section": "1", "quantity": 3, "wholesale_price": "10", "seat_from": 1, "event": EVENT}


@pytest.fixture
def used(make_bed: BedMaker) -> TestBed:
    """An inventory with an event, a live hold and an invoice."""
    bed = make_bed(a_listing(quantity=9))
    bed.call("PATCH", "/_mock/listings/TG-1", {"event": EVENT})
    bed.hold("TG-1", 1, "te-sold")
    bed.invoice("te-sold")
    bed.hold("TG-1", 1, "te-live")
    return bed


@pytest.mark.parametrize(
    ("method", "path", "where", "body"),
    [
        ("GET", "/listings", "/listings", None),
        ("POST", "/listings", "/listings", NEW),
        ("GET", "/listings/{remote_id}", "/listings/TG-1", None),
        ("PATCH", "/listings/{remote_id}", "/listings/TG-1", {"row": "1"}),
        ("GET", "/listings/export", "/listings/export", None),
        ("POST", "/pos/sell", "/pos/sell", {"remote_id": "TG-1", "quantity": 1}),
        ("POST", "/pos/retire", "/pos/retire", {"remote_id": "TG-1"}),
        ("POST", "/pos/reprice", "/pos/reprice", {"remote_id": "TG-1", "wholesale_price": "1"}),
        ("POST", "/pos/expire-hold", "/pos/expire-hold", {"global_id": "te-live"}),
        ("GET", "/holds", "/holds", None),
        ("GET", "/holds/{global_id}", "/holds/te-sold", None),
        ("GET", "/invoices", "/invoices", None),
        ("GET", "/scenarios", "/scenarios", None),
        ("GET", "/magic", "/magic", None),
        ("PUT", "/scenario", "/scenario", {"name": "brownout"}),
        ("DELETE", "/scenario", "/scenario", None),
        ("POST", "/scenario/check", "/scenario/check", {"yaml": "a"}),
    ],
)
def test_an_example_has_the_members_of_a_real_answer(
    used: TestBed, method: str, path: str, where: str, body: Any
) -> None:
    answer = used.call(method, f"/_mock{where}", body)
    assert answer.status_code in (200, 201), answer.json
    example, real = example_of(method, path), answer.get_json(force=True)
    if path == "/listings/export":
        assert set(example) == set(real)
    else:
        assert differences(example, real) == []


def test_the_example_of_an_import_is_real(used: TestBed) -> None:
    header = "TicketID,Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost\n"
    row = "A,Phish,MSG,12/13/2026,6:05PM,2,1,A,,,10\n"
    answer = used.client.post("/_mock/listings/import", data=(header + row).encode(), content_type="text/csv")
    assert differences(example_of("POST", "/listings/import"), answer.json) == []


def test_an_example_of_the_active_scenario_is_real(used: TestBed) -> None:
    used.call("PUT", "/_mock/scenario", {"name": "brownout"})
    assert differences(example_of("GET", "/scenario"), used.call("GET", "/_mock/scenario").json) == []


def test_an_example_of_deleting_is_real(used: TestBed) -> None:
    used.call("POST", "/_mock/listings", NEW)
    answer = used.call("DELETE", "/_mock/listings/TG-2").json
    assert differences(example_of("DELETE", "/listings/{remote_id}"), answer) == []
