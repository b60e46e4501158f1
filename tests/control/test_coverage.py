from tests.conftest import TestBed
from tests.control.examples import differences, example_of


def test_what_was_met_is_set_against_the_catalogue(bed: TestBed) -> None:
    before = bed.client.get("/_mock/coverage").get_json()
    assert before["seen"] == 0
    bed.hold()
    bed.hold(quantity=99)
    bed.call("POST", "/v1/holds", {"remote_id": "TG-1", "quantity": 1, "global_id": "x"}, X_Mockpos_Scenario="no-such")
    answer = bed.client.get("/_mock/coverage").get_json()
    assert answer["seen"] == 2
    assert {"operation": "hold", "code": "held"} not in [
        {"operation": each["operation"], "code": each["code"]} for each in answer["missing"]
    ]
    assert answer["other"] == [{"operation": "hold", "code": "mock_unknown_scenario", "count": 1}]
    assert answer["documented"] == before["documented"] == len(answer["missing"]) + 2
    assert differences(example_of("GET", "/coverage"), answer) == []
