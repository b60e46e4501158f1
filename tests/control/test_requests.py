import json
import shlex
from typing import Any

import pytest

from tests.conftest import KEY, TestBed, a_listing
from tests.control.examples import differences, example_of


def get(bed: TestBed, path: str, **headers: str) -> Any:
    return bed.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def a_sandbox(bed: TestBed, name: str) -> str:
    return str(bed.client.post("/_mock/sandboxes", json={"name": name}).get_json()["api_key"])


def test_calls_are_listed_newest_first_and_counted(bed: TestBed) -> None:
    bed.hold(global_id="g-1")
    bed.hold(quantity=9, global_id="g-2")
    listed = get(bed, "/_mock/requests").get_json()
    assert [call["global_id"] for call in listed["requests"]] == ["g-2", "g-1"]
    assert (listed["matched"], listed["recorded"], listed["evicted"]) == (2, 2, 0)
    assert differences(example_of("GET", "/requests"), listed) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("operation=hold", ["g-2", "g-1"]),
        ("code=insufficient_quantity", ["g-2"]),
        ("code=held&operation=hold", ["g-1"]),
        ("global_id=g-1", ["g-1", "g-1"]),
        ("remote_id=TG-1&limit=1", ["g-1"]),
        ("order_id=o-1", ["g-1"]),
        ("operation=release", []),
        ("since=2027-01-01T00:00:00Z", []),
        ("since=2020-01-01T00:00:00Z&operation=invoice", ["g-1"]),
    ],
)
def test_a_filter_chooses_calls(bed: TestBed, query: str, found: list[str]) -> None:
    bed.hold(global_id="g-1")
    bed.hold(quantity=9, global_id="g-2")
    bed.invoice("g-1")
    answer = get(bed, f"/_mock/requests?{query}").get_json()
    assert [call["global_id"] for call in answer["requests"]] == found


def test_a_limit_does_not_hide_how_many_matched(bed: TestBed) -> None:
    for _ in range(3):
        bed.hold(quantity=9)
    answer = get(bed, "/_mock/requests?limit=2").get_json()
    assert len(answer["requests"]) == 2
    assert answer["matched"] == 3


def test_what_follows_a_request_is_found_by_its_id(bed: TestBed) -> None:
    first = bed.hold().headers["X-Request-Id"]
    bed.release("g-1")
    answer = get(bed, f"/_mock/requests?since={first}").get_json()
    assert [call["operation"] for call in answer["requests"]] == ["release"]


@pytest.mark.parametrize(
    "query",
    ["operation=buy", "code=nope", "since=yesterday", "since=no-such-id", "limit=0", "limit=x", "limit=99999999",
     "colour=red", "global_id=%00", "remote_id=", "code=%F0%9F%92%A9", "operation=release&code=held"],
)  # fmt: skip
def test_a_wrong_filter_is_refused_and_named(bed: TestBed, query: str) -> None:
    answer = get(bed, f"/_mock/requests?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["code"] == "mock_bad_input"
    assert query.split("=")[0].split("&")[0] in answer.get_json()["detail"]


def test_an_errors_instance_leads_to_the_whole_call(bed: TestBed) -> None:
    refused = bed.hold(quantity=9)
    shown = get(bed, refused.get_json()["instance"]).get_json()
    assert shown["request"]["body"]["json"]["quantity"] == 9
    assert shown["response"]["code"] == "insufficient_quantity"
    assert shown["response"]["body"]["json"] == refused.get_json()
    assert shown["before"] == {"available": 4, "held": 0, "sold": 0, "hold_status": None}
    assert shown["committed"] is False
    assert shown["sent"] == "complete"
    assert shown["sandbox"] == "default"
    found = differences(example_of("GET", "/requests/{request_id}"), shown)
    assert [each for each in found if ".json." not in each] == []


def test_a_call_that_a_rule_decided_says_which_and_why(bed: TestBed) -> None:
    told = {"X-Mockpos-Scenario": "hold-pos_timeout"}
    refused = bed.call("POST", "/v1/holds", {"remote_id": "TG-1", "quantity": 1, "global_id": "g"}, **told)
    assert refused.get_json()["code"] == "pos_timeout"
    shown = get(bed, refused.get_json()["instance"]).get_json()
    assert shown["decision"]["scenario"] == "hold-pos_timeout"
    assert shown["decision"]["rule"]
    assert shown["decision"]["why"]
    assert "respond" in shown["decision"]["injected"]


@pytest.mark.parametrize("path", ["/nowhere", "/v1/holds/a/b", "/documents", "/sales"])
def test_the_instance_of_a_call_that_met_no_operation_leads_to_it(bed: TestBed, path: str) -> None:
    refused = bed.call("GET", path)
    assert refused.status_code in (404, 405)
    shown = get(bed, refused.get_json()["instance"]).get_json()
    assert shown["operation"] is None
    assert shown["response"]["code"] == refused.get_json()["code"]


def test_the_instance_of_a_call_without_a_key_leads_to_it(bed: TestBed) -> None:
    refused = bed.client.post("/v1/holds", json={})
    assert get(bed, refused.get_json()["instance"]).get_json()["response"]["code"] == "api_key_missing"


@pytest.mark.parametrize("by", ["key", "path"])
def test_the_instance_of_a_call_in_a_sandbox_is_found_from_there_and_from_the_default_one(
    bed: TestBed, by: str
) -> None:
    key = a_sandbox(bed, "one")
    other = a_sandbox(bed, "two")
    prefix = "/s/one" if by == "path" else ""
    body = {"remote_id": "TG-1", "quantity": 9, "global_id": "g"}
    instance = bed.client.post(f"{prefix}/v1/holds", json=body, headers={"X-API-Key": key}).get_json()["instance"]
    for path, headers in (
        (instance, {}), (instance, {"X-API-Key": key}), (instance, {"X-API-Key": KEY}), (f"/s/one{instance}", {}),
    ):  # fmt: skip
        found = bed.client.get(path, headers=headers)
        assert found.status_code == 200, (path, headers)
        assert found.get_json()["sandbox"] == "one"
    assert bed.client.get(instance, headers={"X-API-Key": other}).status_code == 404
    assert bed.client.get(f"/s/two{instance}").status_code == 404
    assert get(bed, "/_mock/requests").get_json()["recorded"] == 0


def test_an_unknown_request_is_told_so(bed: TestBed) -> None:
    answer = get(bed, "/_mock/requests/no-such")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "mock_unknown_request"
    assert answer.headers["X-Mockpos-Error"] == "true"


def test_a_curl_repeats_the_call_and_holds_no_key(bed: TestBed) -> None:
    held = bed.hold(global_id="it's mine; rm -rf $HOME"[:8])
    answer = get(bed, f"/_mock/requests/{held.headers['X-Request-Id']}/curl")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert KEY not in answer.text
    assert "$MOCKPOS_KEY" in answer.text
    words = shlex.split(answer.text.replace("\\\n", " "))
    assert words[0] == "curl"
    assert json.loads(words[words.index("--data-raw") + 1])["remote_id"] == "TG-1"


def test_clearing_forgets_calls_and_leaves_the_audit(bed: TestBed) -> None:
    bed.hold()
    answer = bed.client.delete("/_mock/requests")
    assert answer.get_json() == {"cleared": 1}
    assert differences(example_of("DELETE", "/requests"), answer.get_json()) == []
    assert get(bed, "/_mock/requests").get_json()["recorded"] == 0
    assert get(bed, "/_mock/audit").get_json()["verdict"] == "findings"


def test_restoring_a_snapshot_keeps_the_journal_and_brings_the_audit_back(bed: TestBed) -> None:
    bed.hold(global_id="g-1", quantity=1)
    bed.client.put("/_mock/snapshots/s")
    bed.hold(global_id="g-2", quantity=1)
    bed.release("g-1")
    bed.client.post("/_mock/snapshots/s/restore")
    assert get(bed, "/_mock/requests").get_json()["recorded"] == 3
    found = get(bed, "/_mock/audit").get_json()["findings"]
    assert [(each["kind"], each["global_id"]) for each in found] == [("orphaned_hold", "g-1")]
    bed.client.post("/_mock/snapshots/s/restore")
    bed.release("g-1")
    assert get(bed, "/_mock/audit").get_json()["verdict"] == "clean"


def test_a_reset_forgets_journal_and_audit(bed: TestBed) -> None:
    bed.hold()
    bed.client.post("/_mock/reset")
    assert get(bed, "/_mock/requests").get_json()["recorded"] == 0
    assert get(bed, "/_mock/audit").get_json()["verdict"] == "clean"
    assert [row["count"] for row in get(bed, "/_mock/timing").get_json()["operations"]] == [0, 0, 0]
    assert get(bed, "/_mock/coverage").get_json()["seen"] == 0


def test_text_that_is_no_unicode_can_be_shown(bed: TestBed) -> None:
    raw = b'{"remote_id": "\\ud800", "quantity": 1, "global_id": "g"}'
    answer = bed.client.post(
        "/v1/holds", data=raw, headers={"X-API-Key": KEY, "Content-Type": "application/json", "X-Odd": "\xff"}
    )
    assert answer.status_code == 422
    for path in ("/_mock/requests", answer.get_json()["instance"], answer.get_json()["instance"] + "/curl"):
        assert get(bed, path).status_code == 200


def test_a_listing_nobody_knows_is_shown_too(make_bed: Any) -> None:
    bed = make_bed(a_listing("A", 2))
    bed.hold("B", 1)
    assert get(bed, "/_mock/requests?remote_id=B").get_json()["matched"] == 1
