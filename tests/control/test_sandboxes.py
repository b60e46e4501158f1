"""Control calls about sandboxes that a test's set-up makes, again and again."""

import pytest

from mockpos.sandboxes import registry
from tests.conftest import KEY, TestBed


def put(bed: TestBed, name: str, body: object = None, **headers: str):
    return bed.call("PUT", f"/_mock/sandboxes/{name}", body, **headers)


def hold(bed: TestBed, key: str, global_id: str = "g-1"):
    body = {"remote_id": "TG-1", "quantity": 4, "global_id": global_id}
    return bed.client.post("/v1/holds", json=body, headers={"X-API-Key": key})


def test_it_is_made_the_first_time_and_begins_anew_the_second_with_the_same_key(bed: TestBed) -> None:
    made = put(bed, "checkout", {"api_key": "mine"})
    assert (made.status_code, made.json["name"], made.json["api_key"]) == (200, "checkout", "mine")
    assert hold(bed, "mine").status_code == 200

    again = put(bed, "checkout")
    assert (again.status_code, again.json["api_key"], again.json["holds_live"]) == (200, "mine", 0)
    assert hold(bed, "mine").json["replayed"] is False
    names = [each["name"] for each in bed.call("GET", "/_mock/sandboxes").json["sandboxes"]]
    assert names == ["default", "checkout"]


def test_one_that_begins_anew_is_still_in_the_metrics_and_no_sum_falls(bed: TestBed) -> None:
    def metric(of: str) -> float:
        lines = bed.client.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(of))

    calls = "mockpos_calls_total{"
    put(bed, "checkout", {"api_key": "mine"})
    hold(bed, "mine")
    before = metric(calls)
    put(bed, "checkout")
    assert (metric(calls), metric('mockpos_holds_live{sandbox="checkout"}')) == (before, 0)
    hold(bed, "mine")
    assert (metric(calls), metric('mockpos_holds_live{sandbox="checkout"}')) == (before + 1, 1)


def test_another_key_takes_the_place_of_the_old_one(bed: TestBed) -> None:
    put(bed, "checkout", {"api_key": "old"})
    assert put(bed, "checkout", {"api_key": "new", "seed": 7}).json["seed"] == 7
    assert hold(bed, "old").json["code"] == "api_key_invalid"
    assert hold(bed, "new").status_code == 200


def test_a_path_is_opened_by_its_own_key_and_the_default_one_and_no_other(bed: TestBed) -> None:
    put(bed, "mine", {"api_key": "my-key"})
    put(bed, "others", {"api_key": "their-key"})
    body = {"remote_id": "TG-1", "quantity": 1, "global_id": "g-1"}
    codes = [
        bed.client.post("/s/mine/v1/holds", json=body, headers={"X-API-Key": key}).status_code
        for key in ("their-key", "no-key", "my-key", KEY)
    ]
    assert codes == [401, 401, 200, 200]
    assert put(bed, "others").json["holds_live"] == 0


def test_there_are_so_many_and_no_more(bed: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MOST_SANDBOXES", 3)
    assert [put(bed, f"s-{number}").status_code for number in range(4)] == [200, 200, 200, 422]
    assert "there are 3 sandboxes already" in put(bed, "s-3").json["detail"]
    bed.call("DELETE", "/_mock/sandboxes/s-0")
    assert put(bed, "s-3").status_code == 200


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"advance": "3650d"}, "no further than the year 2999"),
        ({"advance": "3651d"}, "at most 3650d"),
        ({"set": "3000-01-03T00:00:00Z"}, "2999"),
    ],
)
def test_a_clock_goes_no_further_than_the_year_2999(bed: TestBed, how: dict[str, str], why: str) -> None:
    bed.call("POST", "/_mock/clock", {"set": "2999-12-31T00:00:00Z"})
    before = bed.call("GET", "/_mock/clock").json["now"]
    answer = bed.call("POST", "/_mock/clock", how)
    assert answer.status_code == 422
    assert why in str(answer.json)
    assert bed.call("GET", "/_mock/clock").json["now"][:10] == before[:10]


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("checkout", {"api_key": KEY}, "this key opens another sandbox already"),
        ("checkout", {"from": {"fixture": "no-such"}}, "no-such"),
        ("checkout", {"from": {"sandbox": "no-such"}}, "no sandbox called 'no-such'"),
        ("checkout", {"name": "checkout"}, "name"),
        ("default", None, "the default sandbox is always there; reset it instead"),
        ("-not-a-name", None, "must be 1 to 64 letters"),
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(bed: TestBed, name: str, body: object, why: str) -> None:
    put(bed, "checkout", {"api_key": "mine"})
    assert hold(bed, "mine").status_code == 200
    refused = put(bed, name, body)
    assert refused.status_code == 422
    assert why in refused.json["detail"]
    assert hold(bed, "mine").json["replayed"] is True
    assert bed.hold().status_code == 200


def test_a_sandbox_may_be_made_anew_from_itself(bed: TestBed) -> None:
    put(bed, "checkout", {"api_key": "mine"})
    hold(bed, "mine")
    assert put(bed, "checkout", {"from": {"sandbox": "checkout"}}).json["holds_live"] == 1
    assert hold(bed, "mine").json["replayed"] is True


def test_a_copy_has_the_scenario_of_its_model_and_any_other_that_of_the_start(bed: TestBed) -> None:
    put(bed, "model")
    for path in ("/_mock", "/s/model/_mock"):
        assert bed.call("PUT", f"{path}/scenario", {"name": "lost-answers"}).status_code == 200
    put(bed, "copy", {"from": {"sandbox": "model"}})
    put(bed, "other")
    active = [bed.call("GET", f"/s/{name}/_mock/scenario").json["active"] for name in ("copy", "other")]
    assert active == ["lost-answers", None]


def test_the_key_of_one_that_is_gone_opens_nothing_and_may_be_given_to_another(bed: TestBed) -> None:
    put(bed, "checkout", {"api_key": "mine"})
    assert bed.call("DELETE", "/_mock/sandboxes/checkout").status_code == 200
    assert hold(bed, "mine").status_code == 401
    assert put(bed, "other", {"api_key": "mine"}).status_code == 200
    assert hold(bed, "mine").status_code == 200


def test_a_seed_given_at_a_reset_is_what_scenarios_draw_from(bed: TestBed) -> None:
    rule = {"id": "r", "on": "hold", "when": {"chance": 0.5}, "respond": "pos_unavailable"}

    def fates(base: str) -> list[bool]:
        bed.call("PUT", f"{base}/_mock/scenario", {"scenario": {"name": "coin", "rules": [rule]}})
        bodies = [{"remote_id": "TG-1", "quantity": 1, "global_id": f"g-{number}"} for number in range(20)]
        return [bed.call("POST", f"{base}/v1/holds", body).status_code == 503 for body in bodies]

    before = fates("")
    put(bed, "seven", {"seed": 7})
    bed.call("POST", "/_mock/reset", {"seed": 7})
    assert fates("") == fates("/s/seven") != before


def test_a_snapshot_has_what_its_scenario_had_counted(bed: TestBed) -> None:
    rule = {"id": "once", "on": "hold", "times": 1, "respond": "pos_unavailable"}
    bed.call("PUT", "/_mock/scenario", {"scenario": {"name": "once", "rules": [rule]}})
    bed.call("PUT", "/_mock/snapshots/fresh")
    assert [bed.hold().status_code for _ in range(2)] == [503, 200]
    assert bed.call("POST", "/_mock/snapshots/fresh/restore").status_code == 200
    assert [bed.hold().status_code for _ in range(2)] == [503, 200]
