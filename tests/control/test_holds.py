"""Holds and invoices over the control plane."""

import pytest

from mockpos.web.control import holds as holds_page
from tests.conftest import BedMaker, TestBed, a_listing


@pytest.fixture
def busy(make_bed: BedMaker) -> TestBed:
    """Eight holds: g-0 to g-3 alive, g-4 and g-5 released, g-6 and g-7 invoiced."""
    bed = make_bed(a_listing(quantity=20), a_listing("TG-2"))
    for number in range(8):
        bed.hold("TG-1", 1, f"g-{number}")
        bed.clock.advance(1)
    for number in (4, 5):
        bed.release(f"g-{number}")
    for number in (6, 7):
        bed.invoice(f"g-{number}", f"o-{number}")
    return bed


def paged(bed: TestBed, path: str, what: str, query: str) -> list[list[str]]:
    found, cursor = [], ""
    while True:
        page = bed.call("GET", f"/_mock/{path}?{query}{cursor}").json
        found.append([each["global_id"] for each in page[what]])
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_live_holds_come_first_then_the_ended_ones(busy: TestBed) -> None:
    assert paged(busy, "holds", "holds", "limit=3") == [["g-0", "g-1", "g-2"], ["g-3", "g-4", "g-5"], ["g-6", "g-7"]]


def test_a_page_that_ends_with_the_live_holds_has_a_next(busy: TestBed) -> None:
    assert paged(busy, "holds", "holds", "limit=4") == [["g-0", "g-1", "g-2", "g-3"], ["g-4", "g-5", "g-6", "g-7"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=held", ["g-0", "g-1", "g-2", "g-3"]),
        ("status=released", ["g-4", "g-5"]),
        ("status=invoiced", ["g-6", "g-7"]),
        ("status=expired", []),
        ("remote_id=TG-2", []),
        ("remote_id=TG-1&status=held", ["g-0", "g-1", "g-2", "g-3"]),
    ],
)
def test_a_filter_shows_what_it_says(busy: TestBed, query: str, expected: list[str]) -> None:
    assert [each["global_id"] for each in busy.call("GET", f"/_mock/holds?{query}").json["holds"]] == expected


def test_a_page_looks_at_a_bounded_number_of_ended_holds(busy: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds_page, "MOST_LOOKED_AT", 1)
    pages = paged(busy, "holds", "holds", "status=invoiced")
    assert pages == [[], [], ["g-6"], ["g-7"]]


def test_a_hold_that_lapsed_is_shown_as_expired(busy: TestBed) -> None:
    busy.clock.advance(3_600_000)
    answer = busy.call("GET", "/_mock/holds?status=expired").json
    assert ([each["global_id"] for each in answer["holds"]], answer["live"]) == (["g-0", "g-1", "g-2", "g-3"], 0)


def test_a_hold_is_shown_with_its_invoice(busy: TestBed) -> None:
    assert busy.call("GET", "/_mock/holds/g-0").json["invoice"] is None
    sold = busy.call("GET", "/_mock/holds/g-6").json
    assert (sold["status"], sold["invoice"]["order_id"], sold["invoice"]["total"]) == ("invoiced", "o-6", "120.00")


def test_an_unknown_hold_is_not_found(busy: TestBed) -> None:
    busy.release("g-early")
    assert "before it was ever held" in busy.call("GET", "/_mock/holds/g-early").json["detail"]
    assert busy.call("GET", "/_mock/holds/g-none").json["code"] == "mock_unknown_hold"


def test_invoices_are_listed_and_found_by_their_order(busy: TestBed) -> None:
    assert paged(busy, "invoices", "invoices", "limit=1") == [["g-6"], ["g-7"]]
    assert [each["global_id"] for each in busy.call("GET", "/_mock/invoices?order_id=o-7").json["invoices"]] == ["g-7"]


def test_pages_go_on_while_old_holds_are_forgotten(make_bed: BedMaker) -> None:
    bed = make_bed(a_listing(quantity=20), remember_holds=4)
    for number in range(4):
        bed.hold("TG-1", 1, f"g-{number}")
        bed.release(f"g-{number}")
    cursor = bed.call("GET", "/_mock/holds?limit=2").json["next_cursor"]
    bed.hold("TG-1", 1, "g-4")
    bed.release("g-4")
    rest = bed.call("GET", f"/_mock/holds?cursor={cursor}").json["holds"]
    assert [each["global_id"] for each in rest] == ["g-2", "g-3", "g-4"]
