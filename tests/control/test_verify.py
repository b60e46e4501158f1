from typing import Any

import pytest

from tests.conftest import TestBed
from tests.control.examples import differences, example_of


def verify(bed: TestBed, **expected: Any) -> Any:
    return bed.client.post("/_mock/verify", json=expected)


@pytest.mark.parametrize("count", [2, 2.0, {"min": 1}, {"max": 2}, {"min": 2, "max": 2}])
def test_what_happened_is_confirmed(bed: TestBed, count: Any) -> None:
    bed.hold(quantity=1)
    bed.hold(quantity=1)
    answer = verify(bed, operation="hold", code="held", count=count)
    assert answer.status_code == 200
    assert answer.get_json()["satisfied"] is True
    assert answer.get_json()["safe"] is True
    assert differences(example_of("POST", "/verify"), answer.get_json()) == []


def test_what_did_not_happen_is_answered_with_the_nearest_call_and_its_differences(bed: TestBed) -> None:
    bed.hold(global_id="g-1")
    bed.invoice("g-1", "order-1")
    answer = verify(bed, operation="invoice", global_id="g-1", order_id="order-2", count=1)
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.headers["X-Mockpos-Error"] == "true"
    told = answer.get_json()
    assert (told["code"], told["status"], told["satisfied"]) == ("mock_not_as_expected", 409, False)
    assert told["nearest"][0]["differences"] == [{"field": "order_id", "expected": "order-2", "actual": "order-1"}]
    assert "<<<<< order_id does not match" in told["detail"]


def test_too_many_calls_are_shown(bed: TestBed) -> None:
    bed.hold(quantity=1)
    told = verify(bed, operation="hold", count=0).get_json()
    assert (told["found"], len(told["matched"])) == (1, 1)


def test_an_evicted_call_makes_a_count_unsafe(bed: TestBed) -> None:
    journal = bed.mock.sandboxes.default.telemetry.journal
    journal.limit = 1
    bed.hold(quantity=1)
    bed.hold(quantity=1)
    answer = verify(bed, operation="hold", count=1)
    assert answer.status_code == 200
    assert answer.get_json()["safe"] is False
    assert answer.get_json()["evicted"] == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"count": 1}, {"operation": "buy", "count": 1}, {"operation": "hold"}, {"operation": "hold", "count": -1},
     {"operation": "hold", "count": "1"}, {"operation": "hold", "count": True}, {"operation": "hold", "count": 1.5},
     {"operation": "hold", "count": {}}, {"operation": "hold", "count": {"min": 2, "max": 1}},
     {"operation": "hold", "count": {"least": 1}}, {"operation": [], "count": 1}, {"operation": {}, "count": []},
     {"operation": None, "count": None}, {"code": 5, "count": 1}, {"operation": "hold", "global_id": 1, "count": 1},
     {"operation": "hold", "remote_id": "\ud800", "count": 1}, {"operation": "hold", "count": 1, "colour": "red"},
     {"operation": "release", "code": "held", "count": 1}, {"operation": "hold", "order_id": [[]], "count": 10**400}],
)  # fmt: skip
def test_a_wrong_expectation_is_refused(bed: TestBed, body: Any) -> None:
    answer = bed.client.post("/_mock/verify", json=body)
    assert answer.status_code in (400, 422)
    assert answer.get_json()["code"] in ("mock_bad_input", "mock_malformed_request")


def test_each_sandbox_is_verified_for_itself(bed: TestBed) -> None:
    key = bed.client.post("/_mock/sandboxes").get_json()["api_key"]
    bed.hold()
    assert verify(bed, operation="hold", count=1).status_code == 200
    asked = bed.client.post("/_mock/verify", json={"operation": "hold", "count": 1}, headers={"X-API-Key": key})
    assert asked.status_code == 409
    assert "No call was recorded here at all" in asked.get_json()["text"]
