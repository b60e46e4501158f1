"""``--sandbox-keys PREFIX``: an unknown key that begins with it makes a sandbox of its own, within bounds."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockpos.web import keys as key_sandboxes
from tests.conftest import BedMaker, TestBed


class Seconds:
    """Monotonic time that a test moves."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def bed(make_bed: BedMaker, seconds: Seconds) -> TestBed:
    return make_bed(sandbox_keys="test-", monotonic=seconds)


def hold(bed: TestBed, key: str, global_id: str = "g-1", quantity: int = 4):
    body = {"remote_id": "TG-1", "quantity": quantity, "global_id": global_id}
    return bed.client.post("/v1/holds", json=body, headers={"X-API-Key": key})


def names(bed: TestBed) -> list[str]:
    return [each["name"] for each in bed.call("GET", "/_mock/sandboxes").json["sandboxes"]]


def test_the_first_call_of_a_key_makes_its_sandbox_and_says_so(bed: TestBed) -> None:
    first = hold(bed, "test-1")
    assert (first.status_code, first.headers["X-Mockpos-Sandbox"]) == (200, "created")
    again = hold(bed, "test-1")
    assert again.json["replayed"] is True
    assert "X-Mockpos-Sandbox" not in again.headers
    assert hold(bed, "test-2").json["seats"] == first.json["seats"]
    assert names(bed) == ["default", "test-1", "test-2"]
    assert bed.call("GET", "/_mock/sandboxes/test-1").json["idle_ttl_ms"] == 600_000


def test_a_key_that_is_no_name_gives_its_sandbox_one_that_no_other_key_has(bed: TestBed) -> None:
    for key in ("test-a|b", "test-a-b", "test-a/b"):
        assert hold(bed, key).status_code == 200
    made = [re.sub("[0-9a-f]{4}$", "END", name) for name in names(bed)]
    assert made == ["default", "test-a-b-END", "test-a-b", "test-a-b-END"]


def test_a_control_call_makes_it_as_well_and_so_does_a_call_that_is_refused(bed: TestBed) -> None:
    shown = bed.client.get("/_mock/holds", headers={"X-API-Key": "test-1"})
    assert (shown.status_code, shown.headers["X-Mockpos-Sandbox"]) == (200, "created")
    refused = hold(bed, "test-2", quantity=0)
    assert (refused.status_code, refused.headers["X-Mockpos-Sandbox"]) == (422, "created")


@pytest.mark.parametrize("key", ["tes", "Test-1", "other", "test-" + "x" * 252])
def test_any_other_key_is_unknown_as_ever(bed: TestBed, key: str) -> None:
    assert hold(bed, key).json["code"] == "api_key_invalid"
    assert names(bed) == ["default"]


def test_a_path_names_its_sandbox_and_makes_none(bed: TestBed) -> None:
    body = {"remote_id": "TG-1", "quantity": 1, "global_id": "g-1"}
    answer = bed.client.post("/s/default/v1/holds", json=body, headers={"X-API-Key": "test-1"})
    assert answer.json["code"] == "api_key_invalid"
    assert names(bed) == ["default"]


def test_without_the_setting_no_key_makes_anything(make_bed: BedMaker) -> None:
    assert hold(make_bed(), "test-1").json["code"] == "api_key_invalid"


def test_a_key_that_is_no_name_gets_one_like_it(bed: TestBed) -> None:
    keys = ["test-a|b", "test-a b", "test-" + "x" * 200, "test-../../etc"]
    for key in keys:
        assert hold(bed, key).status_code == 200
    found = names(bed)[1:]
    assert len(set(found)) == 4
    assert all(len(name) <= 64 and name.startswith("test-") for name in found)
    assert all(hold(bed, key).json["replayed"] for key in keys)


def test_a_name_that_is_taken_is_not_taken_again(bed: TestBed) -> None:
    bed.call("POST", "/_mock/sandboxes", {"name": "test-1", "api_key": "another"})
    assert hold(bed, "test-1").status_code == 200
    assert hold(bed, "another").json["replayed"] is False


def test_calls_that_come_together_with_one_key_share_one_sandbox(bed: TestBed) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: hold(bed, "test-1", f"g-{number}", 1), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [409] * 4
    assert names(bed) == ["default", "test-1"]


def test_beyond_the_bound_the_one_that_was_idle_longest_goes(
    bed: TestBed, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sandboxes, "MOST", 3)
    for number in range(3):
        hold(bed, f"test-{number}")
        seconds.at += 1
    refused = hold(bed, "test-3")
    assert (refused.status_code, refused.json["code"]) == (429, "mock_too_many_sandboxes")
    hold(bed, "test-0")
    seconds.at += 4
    assert hold(bed, "test-3").status_code == 200
    assert names(bed) == ["default", "test-0", "test-2", "test-3"]


def test_no_more_are_made_in_a_moment_than_tests_can_use(bed: TestBed, seconds: Seconds) -> None:
    answers = [hold(bed, f"test-{number}").status_code for number in range(501)]
    assert answers == [200] * 500 + [429]
    seconds.at += 1
    assert hold(bed, "test-again").status_code == 200


def test_it_goes_when_nobody_uses_it(bed: TestBed, seconds: Seconds) -> None:
    hold(bed, "test-1")
    seconds.at += 601
    hold(bed, "test-2")
    assert names(bed) == ["default", "test-2"]
