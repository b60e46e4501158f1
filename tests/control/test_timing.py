from typing import Any

from tests.conftest import TestBed
from tests.control.examples import differences, example_of


def test_durations_are_reported_per_operation_with_a_verdict(bed: TestBed) -> None:
    bed.hold(global_id="g")
    bed.hold(global_id="g")
    bed.release("g")
    answer = bed.client.get("/_mock/timing").get_json()
    rows: dict[str, Any] = {row["operation"]: row for row in answer["operations"]}
    assert [rows[name]["count"] for name in ("hold", "release", "invoice")] == [2, 1, 0]
    assert rows["hold"]["verdict"] == "ok"
    assert rows["invoice"]["verdict"] is None
    assert answer["verdict"] == "ok"
    assert differences(example_of("GET", "/timing"), answer) == []


def test_an_average_over_five_seconds_is_over(bed: TestBed) -> None:
    timing = bed.mock.sandboxes.default.telemetry.timing
    from mockpos.domain.catalogue import Operation

    timing.record(Operation.INVOICE, 12_000)
    assert bed.client.get("/_mock/timing").get_json()["verdict"] == "over"


def test_it_takes_no_query(bed: TestBed) -> None:
    assert bed.client.get("/_mock/timing?operation=hold").status_code == 422
