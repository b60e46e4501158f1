"""What a refusal says to whoever has to put it right: misspelt fields, near magic ids, who holds the tickets."""

from typing import Any

import pytest

from tests.conftest import BedMaker, TestBed, a_listing


def held(bed: TestBed, body: dict[str, object]) -> Any:
    return bed.call("POST", "/v1/holds", body)


@pytest.mark.parametrize("sent", ["remoteId", "RemoteID", "remote-id", "remoteid", "remote_idd"])
def test_a_misspelt_field_is_named_beside_the_missing_one(bed: TestBed, sent: str) -> None:
    answer = held(bed, {sent: "TG-1", "quantity": 1, "global_id": "g"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {
        "remote_id": ["Is required.", f'"{sent}" was sent, which is not a field of this call.']
    }


@pytest.mark.parametrize("body", [{}, {"price": "1"}, {"global_id": "g", "quantity": 1}, {"x" * 5000: 1}])
def test_what_is_not_alike_is_not_named(bed: TestBed, body: dict[str, object]) -> None:
    assert held(bed, body).get_json()["errors"]["remote_id"] == ["Is required."]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("MOCK-SOLD_OUT", "MOCK-LISTING_SOLD_OUT"), ("mock-sold-out", "MOCK-LISTING_SOLD_OUT"), ("MOCK-OKAY", "MOCK-OK")],
)
def test_a_magic_id_that_does_not_exist_names_the_one_most_alike(bed: TestBed, wrong: str, meant: str) -> None:
    assert bed.hold(remote_id=wrong).get_json()["did_you_mean"] == meant


def test_magic_ids_are_not_proposed_when_they_are_off(make_bed: BedMaker) -> None:
    assert make_bed(no_magic=True).hold(remote_id="MOCK-SOLD_OUT").get_json()["did_you_mean"] is None


def why(bed: TestBed, answer: Any) -> str:
    call = bed.client.get(f"/_mock/requests/{answer.get_json()['request_id']}").get_json()
    told: str = call["decision"]["why"]
    return told


def test_the_why_of_a_refusal_says_who_holds_the_tickets_and_until_when(bed: TestBed) -> None:
    bed.hold(global_id="first", quantity=2)
    bed.clock.advance(1000)
    bed.hold(global_id="second", quantity=1)
    told = why(bed, bed.hold(global_id="third", quantity=2))
    assert told == (
        "TG-1 has 1 free ticket; 2 were asked for, and 3 are under other holds. "
        "first holds 2 until 2026-11-23T12:15:00.000Z; second holds 1 until 2026-11-23T12:15:01.000Z."
    )


def test_of_many_holders_the_first_to_end_are_named(make_bed: BedMaker) -> None:
    bed = make_bed(a_listing(quantity=20))
    for number in range(20):
        bed.hold(global_id=f"g-{number:02}", quantity=1)
        bed.clock.advance(1000)
    told = why(bed, bed.hold(global_id="late", quantity=1))
    assert "g-00 holds 1 until" in told
    assert "g-04 holds 1 until" in told
    assert told.endswith("; 15 more holds.")


def test_a_refusal_without_holders_says_what_its_caller_was_told(bed: TestBed) -> None:
    answer = bed.hold(remote_id="nowhere")
    assert why(bed, answer) == answer.get_json()["detail"] == "No listing has the Remote ID nowhere."


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/_mock/nonsense", None),
        ("GET", "/_mock/requests/nobody", None),
        ("POST", "/_mock/clock", {}),
        ("POST", "/_mock/verify", {"operation": "hold", "count": 7}),
        ("PUT", "/_mock/listings", None),
        ("GET", "/docs/nowhere", None),
    ],
)
def test_errors_that_are_not_recorded_have_no_instance(
    bed: TestBed, method: str, path: str, body: dict[str, object] | None
) -> None:
    problem = bed.client.open(path, method=method, json=body).get_json()
    assert problem["code"]
    assert "instance" not in problem


def test_the_instance_of_every_recorded_refusal_leads_to_its_call(bed: TestBed) -> None:
    answers = [
        bed.hold(remote_id="nowhere"),
        bed.call("GET", "/v1/nowhere"),
        bed.call("PUT", "/v1/holds"),
        bed.client.post("/v1/holds", json={}),
        bed.client.post(
            "/v1/holds", json={}, headers={"X-API-Key": "mockpos-dev-key", "X-Mockpos-Scenario": "none such"}
        ),
    ]
    for answer in answers:
        problem = answer.get_json()
        assert bed.client.get(problem["instance"]).get_json()["response"]["code"] == problem["code"]
