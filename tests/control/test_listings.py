"""Listings over the control plane: pages, filters, changes, and what holds and sales forbid."""

import pytest

from tests.conftest import BedMaker, TestBed, a_listing

EVENT = {
    "event_id": "e-1",
    "name": "Hawks at Saints",
    "occurs_at_local": "2026-12-13T18:05",
    "venue": {"name": "Superdome", "time_zone": "America/Chicago"},
    "performers": ["Saints", "Hawks"],
}


def listed(bed: TestBed, query: str = "") -> list[str]:
    answer = bed.call("GET", f"/_mock/listings{query}")
    assert answer.status_code == 200, answer.json
    return [listing["remote_id"] for listing in answer.json["listings"]]


@pytest.fixture
def shelf(make_bed: BedMaker) -> TestBed:
    return make_bed(*(a_listing(f"TG-{number}", number) for number in range(1, 8)))


def test_pages_show_every_listing_once_in_order(shelf: TestBed) -> None:
    found, cursor = [], ""
    while True:
        page = shelf.call("GET", f"/_mock/listings?limit=3{cursor}").json
        found.append([listing["remote_id"] for listing in page["listings"]])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == [["TG-1", "TG-2", "TG-3"], ["TG-4", "TG-5", "TG-6"], ["TG-7"]]


def test_a_page_goes_on_where_it_was_when_listings_before_it_are_gone(shelf: TestBed) -> None:
    cursor = shelf.call("GET", "/_mock/listings?limit=3").json["next_cursor"]
    shelf.call("DELETE", "/_mock/listings/TG-1")
    shelf.call("DELETE", "/_mock/listings/TG-4")
    assert listed(shelf, f"?limit=3&cursor={cursor}")[-2:] == ["TG-6", "TG-7"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?remote_id=TG-3", ["TG-3"]),
        ("?remote_id=TG-[12]", ["TG-1", "TG-2"]),
        ("?available_min=6", ["TG-6", "TG-7"]),
        ("?available_max=1", ["TG-1"]),
        ("?section=109&row=22&available_min=7", ["TG-7"]),
        ("?section=nowhere", []),
        ("?held=true", ["TG-5"]),
        ("?retired=true", ["TG-2"]),
        ("?split_type=pairs", []),
        ("?event=saints", ["TG-3"]),
        ("?event=e-1", ["TG-3"]),
        ("?venue=dome", ["TG-3"]),
    ],
)
def test_a_filter_shows_what_it_says(shelf: TestBed, query: str, expected: list[str]) -> None:
    shelf.hold("TG-5", 1)
    shelf.call("POST", "/_mock/pos/retire", {"remote_id": "TG-2"})
    shelf.call("PATCH", "/_mock/listings/TG-3", {"event": EVENT})
    assert listed(shelf, query) == expected


def test_a_listing_is_shown_with_what_is_left_of_it_and_its_event(bed: TestBed) -> None:
    bed.call("PATCH", "/_mock/listings/TG-1", {"event": EVENT, "split_type": "never_leave_one"})
    bed.hold("TG-1", 1)
    shown = bed.call("GET", "/_mock/listings/TG-1").json
    assert (shown["available"], shown["held"], shown["sold"], shown["splits"]) == (3, 1, 0, [1, 3])
    assert shown["free_seats"] == ["6-8"]
    assert shown["event"]["name"] == "Hawks at Saints"


def test_an_expired_hold_is_free_again_in_the_list(bed: TestBed) -> None:
    bed.hold("TG-1", 4)
    bed.clock.advance(20 * 60_000)
    assert bed.call("GET", "/_mock/listings").json["listings"][0]["available"] == 4


def test_a_new_listing_can_be_held(bed: TestBed) -> None:
    new = {"remote_id": "A 1", "section": "1", "quantity": 3, "wholesale_price": "10", "seat_from": 1, "seat_thru": 5}
    made = bed.call("POST", "/_mock/listings", {**new, "event": EVENT})
    assert made.status_code == 201, made.json
    assert bed.hold("A 1", 2).json["seats"] == ["1", "3"]
    again = bed.call("POST", "/_mock/listings", new)
    assert (again.status_code, again.json["code"]) == (409, "mock_listing_conflict")


def test_a_change_of_an_event_reaches_all_its_listings(shelf: TestBed) -> None:
    for remote_id in ("TG-1", "TG-2"):
        shelf.call("PATCH", f"/_mock/listings/{remote_id}", {"event": EVENT})
    assert shelf.call("PATCH", "/_mock/listings/TG-3", {"event_id": "e-1"}).json["event"]["name"] == "Hawks at Saints"
    shelf.call("PATCH", "/_mock/listings/TG-3", {"event": {"state": "postponed"}})
    shown = shelf.call("GET", "/_mock/listings/TG-1").json
    assert (shown["event"]["state"], shown["not_for_sale_because"]) == ("postponed", "event postponed")
    assert shelf.hold("TG-2", 1).json["code"] == "listing_not_for_sale"
    assert shelf.call("PATCH", "/_mock/listings/TG-2", {"event": None}).json["event"] is None


def test_seats_follow_the_quantity_until_something_is_held(bed: TestBed) -> None:
    shown = bed.call("PATCH", "/_mock/listings/TG-1", {"quantity": 6}).json
    assert (shown["seat_from"], shown["seat_thru"], shown["available"]) == (5, 10, 6)
    assert bed.call("PATCH", "/_mock/listings/TG-1", {"seat_thru": 15}).json["free_seats"] == ["5-15"]
    bed.hold("TG-1", 2)
    for change in ({"quantity": 7}, {"seat_from": 1}, {"seat_from": None}):
        refused = bed.call("PATCH", "/_mock/listings/TG-1", change)
        assert (refused.status_code, refused.json["code"]) == (409, "mock_listing_conflict")
    assert bed.call("PATCH", "/_mock/listings/TG-1", {"external_notes": "Aisle"}).json["held"] == 2


def test_a_listing_with_holds_or_sales_is_not_deleted(bed: TestBed) -> None:
    bed.hold("TG-1", 1, "g-1")
    assert bed.call("DELETE", "/_mock/listings/TG-1").status_code == 409
    bed.release("g-1")
    assert bed.call("DELETE", "/_mock/listings/TG-1").status_code == 200
    assert bed.call("GET", "/_mock/listings/TG-1").json["code"] == "mock_unknown_listing"


def test_built_in_listings_are_shown_and_never_change(bed: TestBed) -> None:
    assert bed.call("GET", "/_mock/listings/MOCK-OK").json["section"] == "General Admission"
    new = {"remote_id": "MOCK-OK", "section": "1", "quantity": 3, "wholesale_price": "10"}
    answers = [
        bed.call("PATCH", "/_mock/listings/MOCK-OK", {"section": "2"}),
        bed.call("DELETE", "/_mock/listings/MOCK-OK"),
        bed.call("POST", "/_mock/listings", new),
        bed.call("POST", "/_mock/pos/sell", {"remote_id": "MOCK-OK", "quantity": 1}),
    ]
    assert {answer.status_code for answer in answers} == {409}


def test_nothing_leaks_from_one_sandbox_to_another(bed: TestBed) -> None:
    bed.call("POST", "/_mock/sandboxes", {"name": "side", "api_key": "side-key"})
    bed.call("PATCH", "/s/side/_mock/listings/TG-1", {"section": "elsewhere"})
    assert bed.call("GET", "/_mock/listings/TG-1").json["section"] == "109"
    assert bed.call("GET", "/s/side/_mock/listings/TG-1").json["section"] == "elsewhere"


@pytest.mark.parametrize(
    "change",
    [
        {}, {"nonsense": 1}, {"quantity": 0}, {"quantity": 10**200}, {"quantity": True}, {"quantity": "4"},
        {"quantity": 2.5}, {"section": ""}, {"section": "\ud800"}, {"external_notes": "a\0"}, {"section": None},
        {"wholesale_price": "1e5"}, {"wholesale_price": -1}, {"wholesale_price": 0.001}, {"wholesale_price": True},
        {"wholesale_price": {}}, {"in_hand_on": "2026-02-30"}, {"split_type": "custom"}, {"custom_splits": [0]},
        {"custom_splits": "1:2"}, {"event_id": "unknown"}, {"event": {"name": "no id"}}, {"event": []},
        {"event": {**EVENT, "occurs_at_local": "soon"}}, {"event": EVENT, "event_id": "other"}, {"seat_thru": 99},
        {"event": None, "event_id": "e-1"}, {"superseded_by": "\x07"}, {"format": "fax"}, {"remote_id": "TG-2"},
        {"available": 1}, {"retired": "yes"}, {"event": {"venue": {"name": 5}}},
    ],
)  # fmt: skip
def test_a_bad_change_is_refused_and_changes_nothing(bed: TestBed, change: object) -> None:
    before = bed.call("GET", "/_mock/listings/TG-1").json
    answer = bed.call("PATCH", "/_mock/listings/TG-1", change)
    if change == {}:  # nothing to change, nothing changed
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json["code"]) == (422, "mock_bad_input"), answer.json
    assert bed.call("GET", "/_mock/listings/TG-1").json == before


@pytest.mark.parametrize(
    "path",
    [
        "/listings?cursor=!!", "/listings?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk6", "/listings?limit=0",
        "/listings?limit=1001", "/listings?limit=x", "/listings?limit=5_0", "/listings?held=1", "/listings?nonsense=1",
        "/listings?available_min=-1", "/holds?status=lost", "/holds?cursor=x", "/invoices?limit=99999999999",
        "/listings/export?format=pdf",
    ],
)  # fmt: skip
def test_a_bad_question_is_refused(bed: TestBed, path: str) -> None:
    answer = bed.call("GET", f"/_mock{path}")
    assert (answer.status_code, answer.json["code"]) == (422, "mock_bad_input"), answer.json


@pytest.mark.parametrize("name", ["%00", "%ff%fe", "%F0%9F%8E%9F", "a" * 5000, "..", "%3Cscript%3E", "%E2%80%AE"])
def test_an_odd_name_in_the_path_is_not_found(bed: TestBed, name: str) -> None:
    for method, path in (("GET", "listings"), ("DELETE", "listings"), ("GET", "holds")):
        assert bed.call(method, f"/_mock/{path}/{name}").status_code == 404
