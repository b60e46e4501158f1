"""Coverage, timing and audit over all sandboxes: what a dropped or a reset one counted is not lost."""

from typing import Any

import pytest

from mockpos.sandboxes import registry as dropped
from tests.conftest import KEY, TestBed


def made(bed: TestBed, name: str) -> str:
    key: str = bed.client.post("/_mock/sandboxes", json={"name": name}).get_json()["api_key"]
    return key


def drop(bed: TestBed, name: str) -> None:
    assert bed.client.delete(f"/_mock/sandboxes/{name}").status_code == 200


def hold(bed: TestBed, global_id: str, key: str = KEY, quantity: int = 1) -> Any:
    body = {"remote_id": "TG-1", "quantity": quantity, "global_id": global_id}
    return bed.client.post("/v1/holds", json=body, headers={"X-API-Key": key})


def release(bed: TestBed, global_id: str, key: str = KEY) -> None:
    bed.client.delete(f"/v1/holds/{global_id}", headers={"X-API-Key": key})


def asked(bed: TestBed, path: str) -> Any:
    answer = bed.client.get(f"/_mock{path}")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def met(coverage: Any) -> dict[str, int]:
    return {each["code"]: each["count"] for part in coverage["operations"] for each in part["codes"] if each["count"]}


def test_coverage_of_all_counts_live_dropped_and_reset_sandboxes(bed: TestBed) -> None:
    one, two = made(bed, "one"), made(bed, "two")
    hold(bed, "a", one)
    drop(bed, "one")
    hold(bed, "b", two, quantity=5)
    hold(bed, "c")
    bed.client.post("/_mock/reset")
    release(bed, "c")
    total = asked(bed, "/coverage?sandboxes=all")
    assert met(total) == {"held": 2, "insufficient_quantity": 1, "hold_not_found": 1}
    assert (total["seen"], total["sandboxes"]) == (3, {"live": 2, "dropped": 1})
    own = asked(bed, "/coverage")
    assert met(own) == {"hold_not_found": 1}
    assert {**total, "sandboxes": None}.keys() == {**own, "sandboxes": None}.keys()


def test_a_sandbox_made_anew_under_its_name_leaves_its_coverage(bed: TestBed) -> None:
    hold(bed, "a", made(bed, "one"))
    assert bed.client.put("/_mock/sandboxes/one").status_code in (200, 201)
    total = asked(bed, "/coverage?sandboxes=all")
    assert (met(total), total["sandboxes"]) == ({"held": 1}, {"live": 2, "dropped": 1})


def test_timing_of_all_counts_live_dropped_and_reset_sandboxes(bed: TestBed) -> None:
    one = made(bed, "one")
    for global_id in ("a", "b"):
        hold(bed, global_id, one)
        bed.client.post("/s/one/_mock/reset")
    hold(bed, "c", one)
    drop(bed, "one")
    hold(bed, "d")
    bed.client.post("/_mock/reset")
    hold(bed, "e")
    total = asked(bed, "/timing?sandboxes=all")
    assert [each["count"] for each in total["operations"] if each["operation"] == "hold"] == [5]
    assert (total["verdict"], total["sandboxes"]["dropped"]) == ("ok", 1)


def test_the_ten_slowest_calls_of_all_sandboxes_are_named_the_slowest_first(bed: TestBed) -> None:
    key = made(bed, "one")
    ids = [hold(bed, f"g-{number}", key).headers["X-Request-Id"] for number in range(12)]
    drop(bed, "one")
    bed.client.get("/v1/nowhere")
    slowest = asked(bed, "/timing?sandboxes=all")["slowest"]
    assert len(slowest) == 10
    assert {each["sandbox"] for each in slowest} == {"one"}
    assert {each["request_id"] for each in slowest} < set(ids)
    durations = [each["duration_ms"] for each in slowest]
    assert durations == sorted(durations, reverse=True)
    assert slowest[0].keys() == {"request_id", "sandbox", "operation", "code", "duration_ms", "at"}


def test_the_audit_of_all_names_the_sandbox_of_each_finding(bed: TestBed) -> None:
    one, two = made(bed, "one"), made(bed, "two")
    hold(bed, "gone", one)
    drop(bed, "one")
    hold(bed, "there", two)
    hold(bed, "clean")
    release(bed, "clean")
    total = asked(bed, "/audit?sandboxes=all")
    assert [(each["sandbox"], each["global_id"], each["kind"]) for each in total["findings"]] == [
        ("one", "gone", "orphaned_hold"),
        ("two", "there", "orphaned_hold"),
    ]
    assert (total["verdict"], total["counts"]["orphaned_hold"], total["sandboxes"]) == (
        "findings", 2, {"live": 2, "dropped": 1},
    )  # fmt: skip
    assert asked(bed, "/audit?sandboxes=all&pending=ok")["verdict"] == "clean"
    assert asked(bed, "/audit")["verdict"] == "clean"


def test_what_dropped_sandboxes_left_behind_is_bounded_and_the_verdict_says_so(
    bed: TestBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dropped, "MOST_FINDINGS", 2)
    for number in range(3):
        hold(bed, f"g-{number}", made(bed, f"s{number}"))
        drop(bed, f"s{number}")
    total = asked(bed, "/audit?sandboxes=all")
    assert [each["sandbox"] for each in total["findings"]] == ["s1", "s2"]
    assert total["forgotten"] == 1
    assert total["unsafe"]


def test_the_journal_of_a_dropped_sandbox_stays_readable_for_a_while(
    bed: TestBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dropped, "MOST_JOURNALS", 2)
    for number in range(4):
        hold(bed, f"g-{number}", made(bed, f"s{number}"))
        drop(bed, f"s{number}")
    listed = asked(bed, "/requests?sandbox=s3")["requests"]
    assert [each["global_id"] for each in listed] == ["g-3"]
    call = asked(bed, f"/requests/{listed[0]['request_id']}")
    assert (call["sandbox"], call["global_id"]) == ("s3", "g-3")
    refused = bed.client.get("/_mock/requests?sandbox=s1")
    assert (refused.status_code, refused.get_json()["code"]) == (404, "mock_unknown_sandbox")
    assert bed.mock.sandboxes.default.telemetry.journal._budget.used > 0


@pytest.mark.parametrize(
    "path", ["/coverage?sandboxes=all", "/timing?sandboxes=all", "/audit?sandboxes=all", "/requests?sandbox=default"]
)
def test_who_has_a_sandbox_of_their_own_sees_no_other(bed: TestBed, path: str) -> None:
    key = made(bed, "one")
    for answer in (
        bed.client.get(f"/_mock{path}", headers={"X-API-Key": key}),
        bed.client.get(f"/s/one/_mock{path}"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (422, "mock_bad_input")


@pytest.mark.parametrize("path", ["/coverage", "/timing", "/audit"])
def test_anything_but_all_is_refused(bed: TestBed, path: str) -> None:
    assert bed.client.get(f"/_mock{path}?sandboxes=one").status_code == 422
