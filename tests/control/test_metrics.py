from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import BedMaker, TestBed, a_listing

TOKEN = "a-token-of-some-length"


def values(bed: TestBed) -> dict[tuple[Any, ...], float]:
    answer = bed.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found[(sample.name, *sorted(sample.labels.values()))] = sample.value
    return found


def seats(bed: TestBed, sandbox: str = "default") -> list[float]:
    found = values(bed)
    return [found[f"mockpos_seats_{name}", sandbox] for name in ("available", "held", "sold")]


def test_calls_holds_and_seats_are_counted(make_bed: BedMaker) -> None:
    bed = make_bed(a_listing("A", 10), a_listing("B", 5))
    assert seats(bed) == [15, 0, 0]
    bed.hold("A", 4, "g-1")
    bed.hold("A", 2, "g-2")
    bed.invoice("g-2")
    bed.hold("A", 99, "g-3")
    found = values(bed)
    assert found["mockpos_calls_total", "default", "held", "hold"] == 2
    assert found["mockpos_calls_total", "default", "hold", "insufficient_quantity"] == 1
    assert found["mockpos_holds_live", "default"] == 1
    assert seats(bed) == [9, 4, 2]
    assert found["mockpos_invariant_violations_total",] == 0
    assert found["mockpos_requests_in_flight",] == 1  # this scrape itself


def test_seats_are_right_also_when_nobody_asked_before_the_first_commit(bed: TestBed) -> None:
    bed.hold(quantity=3)
    assert seats(bed) == [1, 3, 0]
    bed.clock.advance(900_000)
    bed.mock.sandboxes.default.store.expire_due()
    assert seats(bed) == [4, 0, 0]


def test_seats_follow_snapshots_and_resets(bed: TestBed) -> None:
    bed.hold(quantity=1)
    bed.client.put("/_mock/snapshots/s")
    bed.hold(quantity=2)
    assert seats(bed) == [1, 3, 0]
    bed.client.post("/_mock/snapshots/s/restore")
    assert seats(bed) == [3, 1, 0]
    bed.client.post("/_mock/reset")
    assert seats(bed) == [4, 0, 0]
    assert values(bed)["mockpos_calls_total", "default", "held", "hold"] == 2  # a counter never falls


def test_each_sandbox_stands_there_while_it_exists(bed: TestBed) -> None:
    key = bed.client.post("/_mock/sandboxes", json={"name": "one"}).get_json()["api_key"]
    body = {"remote_id": "TG-1", "quantity": 1, "global_id": "g"}
    bed.client.post("/v1/holds", json=body, headers={"X-API-Key": key})
    assert bed.client.post("/_mock/sandboxes", json={"name": "one"}).status_code == 422
    assert seats(bed, "one") == [3, 1, 0]
    assert seats(bed) == [4, 0, 0]
    assert values(bed)["mockpos_calls_total", "held", "hold", "one"] == 1
    bed.client.delete("/_mock/sandboxes/one")
    found = values(bed)
    assert ("mockpos_seats_held", "one") not in found
    assert found["mockpos_calls_total", "held", "hold", "other"] == 1


def test_a_stock_that_does_not_add_up_is_counted(bed: TestBed) -> None:
    store = bed.store
    with store.transaction() as tx:
        listing = tx.listing("TG-1")
        assert listing is not None
        tx.put(tx.stock(listing)._replace(available=3))
    assert values(bed)["mockpos_invariant_violations_total",] == 1


def test_it_is_protected_like_the_control_plane(make_bed: BedMaker) -> None:
    bed = make_bed(host="0.0.0.0", control_token=TOKEN, allowed_host="mock.example")
    named = {"Host": "mock.example"}
    assert bed.client.get("/metrics", headers=named).get_json()["code"] == "mock_token_missing"
    wrong = bed.client.get("/metrics", headers={**named, "X-Mockpos-Token": "wrong"})
    assert wrong.get_json()["code"] == "mock_token_invalid"
    right = bed.client.get("/metrics", headers={**named, "X-Mockpos-Token": TOKEN})
    assert right.status_code == 200
    other = bed.client.get("/metrics", headers={"Host": "evil.example", "X-Mockpos-Token": TOKEN})
    assert other.status_code == 200, "a page that rebinds DNS has no token, so with the right one any Host will do"
