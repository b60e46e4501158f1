"""Scenarios and magic Remote IDs over the control plane."""

from typing import Any

import pytest

from mockpos.scenario.magic import MAGIC
from tests.conftest import TestBed

RULE = {"id": "down", "on": ["hold"], "respond": "pos_unavailable"}
INLINE = {"name": "mine", "rules": [RULE]}


def test_the_scenarios_are_listed_with_where_they_come_from(bed: TestBed) -> None:
    found = {each["name"]: each for each in bed.call("GET", "/_mock/scenarios").json["scenarios"]}
    assert (found["brownout"]["source"], found["magic"]["source"]) == ("shipped", "built_in")
    assert found["brownout"]["rules"] == 3
    assert not [each for each in found.values() if each["fault"]]


def test_a_scenario_is_chosen_by_name_and_stopped(bed: TestBed) -> None:
    chosen = bed.call("PUT", "/_mock/scenario", {"name": "hold-pos_timeout"}).json
    assert (chosen["active"], chosen["sleepers_woken"]) == ("hold-pos_timeout", 0)
    assert bed.hold().json["code"] == "pos_timeout"
    assert bed.call("DELETE", "/_mock/scenario").json["active"] is None
    assert bed.call("GET", "/_mock/scenario").json == {"active": None, "scenario": None}
    assert bed.hold().json["status"] == "held"


def test_a_whole_scenario_is_chosen_inline(bed: TestBed) -> None:
    often = {**RULE, "when": {"chance": 1.0}}
    chosen = bed.call("PUT", "/_mock/scenario", {"scenario": {"name": "mine", "rules": [often]}})
    assert chosen.status_code == 200, chosen.json
    assert chosen.json["scenario"]["rules"] == [{"id": "down", "on": ["hold"], "times": None}]
    assert bed.hold().json["code"] == "pos_unavailable"


def test_choosing_again_counts_from_nothing(bed: TestBed) -> None:
    once = {"scenario": {"name": "mine", "rules": [{**RULE, "times": 1}]}}
    for _ in range(2):
        bed.call("PUT", "/_mock/scenario", once)
        assert [bed.hold().status_code for _ in range(2)] == [503, 200]
        bed.call("POST", "/_mock/reset")


def test_one_sandbox_has_its_own(bed: TestBed) -> None:
    bed.call("POST", "/_mock/sandboxes", {"name": "side"})
    bed.call("PUT", "/s/side/_mock/scenario", {"scenario": INLINE})
    assert bed.call("GET", "/_mock/scenario").json["active"] is None
    assert bed.call("GET", "/s/side/_mock/scenario").json["active"] == "mine"


def test_an_unknown_name_is_refused_with_the_nearest(bed: TestBed) -> None:
    refused = bed.call("PUT", "/_mock/scenario", {"name": "brwnout"})
    assert refused.json["code"] == "mock_unknown_scenario"
    assert "did you mean brownout" in refused.json["detail"]
    for name in ("/etc/passwd", "../scenarios/brownout.yaml", "none", "\ud800"):
        assert bed.call("PUT", "/_mock/scenario", {"name": name}).json["code"] == "mock_unknown_scenario"


def nested(depth: int) -> Any:
    deep: Any = 1
    for _ in range(depth):
        deep = {"a": deep}
    return deep


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": "brownout", "scenario": INLINE}, {"name": 5}, {"scenario": []}, {"scenario": {}}, {"nonsense": 1},
        {"scenario": {"name": "magic", "rules": [RULE]}}, {"scenario": {"name": "none", "rules": [RULE]}},
        {"scenario": {**INLINE, "seed": 10**100}}, {"scenario": {**INLINE, "summary": "\ud800"}},
        {"scenario": {"name": "mine", "rules": [{**RULE, "when": {"chance": 2}}]}},
        {"scenario": {"name": "mine", "rules": [{**RULE, "details": nested(300)}]}}, {"scenario": nested(41)},
        {"scenario": {"name": "mine", "rules": [{**RULE, "respond": "nonsense"}]}}, {"scenario": {"name": "mine"}},
    ],
)  # fmt: skip
def test_a_bad_choice_is_refused_and_changes_nothing(bed: TestBed, body: object) -> None:
    answer = bed.call("PUT", "/_mock/scenario", body)
    assert (answer.status_code, answer.json["code"]) == (422, "mock_bad_input"), answer.json
    assert bed.call("GET", "/_mock/scenario").json["active"] is None


def test_numbers_beyond_every_float_are_refused(bed: TestBed) -> None:
    for number in (b"1e999", b"1e999999999999999999999", b"1" * 5000):
        body = b'{"scenario": {"name": "mine", "seed": ' + number + b', "rules": []}}'
        answer = bed.client.put("/_mock/scenario", data=body, content_type="application/json")
        assert answer.status_code == 422


def test_a_check_tells_every_fault_and_changes_nothing(bed: TestBed) -> None:
    yaml = "name: mine\nrules:\n  - id: a\n    on: hold\n    respond: pos_timeut\n    times: 0\n"
    checked = bed.call("POST", "/_mock/scenario/check", {"yaml": yaml}).json
    assert checked["ok"] is False
    assert [fault.split(": ")[0] for fault in checked["faults"]] == ["yaml:5", "yaml:6"]
    assert bed.call("POST", "/_mock/scenario/check", {"scenario": INLINE}).json == {
        "ok": True, "faults": [], "warnings": [],
    }  # fmt: skip
    twice = {"name": "mine", "rules": [RULE, {**RULE, "id": "never"}]}
    assert bed.call("POST", "/_mock/scenario/check", {"scenario": twice}).json["warnings"]
    assert bed.call("GET", "/_mock/scenario").json["active"] is None


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("yaml", ["{", "- a", "a: &a [*a]", BOMB, "[" * 5000, "\x00", "\ud800", "a: !!python/name:x y"])
def test_hostile_yaml_is_a_fault(bed: TestBed, yaml: str) -> None:
    answer = bed.call("POST", "/_mock/scenario/check", {"yaml": yaml})
    assert (answer.status_code, answer.json["ok"]) == (200, False), answer.json


def test_the_magic_table_is_whole(bed: TestBed) -> None:
    answer = bed.call("GET", "/_mock/magic").json
    assert answer["enabled"] is True
    assert [each["remote_id"] for each in answer["magic"]] == [each.remote_id for each in MAGIC]
