"""/metrics: what is counted, under which labels, and that it stays bounded."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mockpos.domain.catalogue import Operation
from mockpos.scenario.outcomes import Fault, FaultKind, Phase, PlainAction, Plan, Raw, Respond
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.coverage import Answer, Coverage
from mockpos.telemetry.metrics import MOST_SANDBOXES, Metrics, Seats
from tests.telemetry.records import a_record, calls_made

HOLD = Operation.HOLD
FAULTS = "mockpos_faults_injected_total"


def a_call(**changes: Any) -> CallRecord:
    return a_record(**{"code": "held", "duration_ms": 3.0, **changes})


@pytest.fixture
def metrics() -> Metrics:
    metrics = Metrics("1.2.3", lambda: 7)
    watch(metrics, "default")
    return metrics


def watch(
    metrics: Metrics, name: str, live: int = 0, seats: Seats = Seats(), answers: dict[Answer, int] | None = None
) -> None:
    metrics.watch(name, answers=lambda: answers or {}, holds_live=lambda: live, seats=lambda: seats)


def a_plan(**outcome: Any) -> Plan:
    return Plan(scenario="s", rule_id="r", why="", **outcome)


def samples(metrics: Metrics) -> Iterator[Any]:
    for family in text_string_to_metric_families(metrics.render().decode()):
        assert family.documentation
        yield from family.samples


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    found = [
        sample.value for sample in samples(metrics) if sample.name == f"mockpos_{name}" and sample.labels == labels
    ]
    return found[0] if found else None


def test_calls_are_counted_by_sandbox_operation_and_code(metrics: Metrics) -> None:
    coverage = Coverage()
    metrics.watch("ci", answers=coverage.ever_seen, holds_live=lambda: 0, seats=Seats)
    for _ in range(3):
        coverage.record(HOLD, "held")
    for operation, code in (
        (None, "unknown_endpoint"),
        (HOLD, "mock_unknown_scenario"),
        (HOLD, "raw 1"),
        (HOLD, "raw 2"),
    ):
        coverage.record(operation, code)
    coverage.reset()
    assert value(metrics, "calls_total", sandbox="ci", operation="hold", code="held") == 3
    assert value(metrics, "calls_total", sandbox="ci", operation="none", code="unknown_endpoint") == 1
    assert value(metrics, "calls_total", sandbox="ci", operation="hold", code="mock_unknown_scenario") == 1
    assert value(metrics, "calls_total", sandbox="ci", operation="hold", code="other") == 2


def test_durations_are_a_cumulative_histogram_in_seconds(metrics: Metrics) -> None:
    for duration_ms in (0.5, 0.6, 4999.0, 60_000.0):
        metrics.record(a_call(duration_ms=duration_ms))
    buckets = {
        sample.labels["le"]: sample.value
        for sample in samples(metrics)
        if sample.name == "mockpos_call_duration_seconds_bucket" and sample.labels["operation"] == "hold"
    }
    assert (buckets["0.0005"], buckets["0.001"], buckets["2.5"], buckets["5.0"], buckets["+Inf"]) == (1, 2, 2, 3, 4)
    assert value(metrics, "call_duration_seconds_count", operation="hold") == 4
    assert value(metrics, "call_duration_seconds_sum", operation="hold") == pytest.approx(65.0001)


def test_delays_are_counted(metrics: Metrics) -> None:
    metrics.record(a_call(plan=a_plan(delay_ms=250, outcome=Fault(FaultKind.RESET)), delay_served_ms=200.0))
    metrics.record(a_call(plan=a_plan(outcome=Respond("not_available"))))
    assert value(metrics, "delays_injected_total") == 1
    assert value(metrics, "delay_seconds_total") == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        ({"outcome": Fault(each), "phase": Phase.AFTER_COMMIT, "delay_ms": 5}, each.value) for each in FaultKind
    ] + [
        ({"outcome": Respond("not_available")}, "respond"),
        ({"outcome": Raw(502)}, "raw"),
        ({"delay_ms": 5}, None),
        ({"pos": (PlainAction.SELL_REST,)}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_what_was_done_to_an_answer_is_counted_by_its_kind(
    metrics: Metrics, plan: dict[str, Any], kind: str | None
) -> None:
    metrics.record(a_call(plan=a_plan(**plan)))
    found = {sample.labels["kind"]: sample.value for sample in samples(metrics) if sample.name == FAULTS}
    assert found == ({kind: 1} if kind else {})


def test_gauges_ask_the_sandboxes_at_the_scrape(metrics: Metrics) -> None:
    watch(metrics, "ci", 5, Seats(100, 10, 3))
    assert value(metrics, "holds_live", sandbox="ci") == 5
    assert value(metrics, "seats_available", sandbox="ci") == 100
    assert value(metrics, "seats_held", sandbox="ci") == 10
    assert value(metrics, "seats_sold", sandbox="ci") == 3
    metrics.forget("ci")
    assert value(metrics, "holds_live", sandbox="ci") is None
    assert value(metrics, "sandboxes") == 1


def test_the_rest_is_there(metrics: Metrics) -> None:
    metrics.began()
    metrics.began()
    metrics.ended()
    assert value(metrics, "requests_in_flight") == 1
    assert value(metrics, "journal_evictions_total") == 7
    assert value(metrics, "invariant_violations_total") == 0
    metrics.violated(2)
    assert value(metrics, "invariant_violations_total") == 2
    assert value(metrics, "build_info", version="1.2.3") == 1
    assert any(sample.name == "process_resident_memory_bytes" for sample in samples(metrics))


def test_at_most_a_hundred_sandboxes_have_labels_and_labels_come_back(metrics: Metrics) -> None:
    for number in range(300):
        watch(metrics, f"s{number}", 1, Seats(2, 1, 1), {(HOLD, "held"): 1})
    labels = {sample.labels["sandbox"] for sample in samples(metrics) if "sandbox" in sample.labels}
    assert len(labels) == MOST_SANDBOXES + 1
    others = 300 - (MOST_SANDBOXES - 1)
    assert value(metrics, "holds_live", sandbox="other") == others
    assert value(metrics, "seats_available", sandbox="other") == 2 * others
    assert value(metrics, "calls_total", sandbox="other", operation="hold", code="held") == others
    metrics.forget("s0")
    watch(metrics, "new", answers={(HOLD, "held"): 1})
    assert value(metrics, "calls_total", sandbox="new", operation="hold", code="held") == 1


def test_calls_of_a_forgotten_sandbox_stay_counted(metrics: Metrics) -> None:
    def total() -> float:
        return sum(sample.value for sample in samples(metrics) if sample.name == "mockpos_calls_total")

    for name in ("ci", "other"):
        watch(metrics, name, answers={(HOLD, "held"): 2})
        before = total()
        metrics.forget(name)
        assert total() == before
    assert value(metrics, "calls_total", sandbox="ci", operation="hold", code="held") is None


def test_threads_lose_no_count(metrics: Metrics) -> None:
    def work() -> None:
        for _ in range(2000):
            metrics.record(a_call(plan=a_plan(outcome=Raw(502))))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(metrics, "call_duration_seconds_count", operation="hold") == 16_000
    assert value(metrics, "faults_injected_total", kind="raw") == 16_000


def test_recording_takes_the_same_few_steps_with_much_counted(metrics: Metrics) -> None:
    call = a_call(duration_ms=4000.0, plan=a_plan(delay_ms=4000, outcome=Fault(FaultKind.RESET)))
    first = calls_made(lambda: metrics.record(call))
    for number in range(2000):
        metrics.record(a_call(duration_ms=float(number), plan=a_plan(outcome=Raw(502))))
    assert calls_made(lambda: metrics.record(call)) <= first <= 20


def test_two_servers_in_one_process_share_nothing(metrics: Metrics) -> None:
    metrics.record(a_call())
    assert value(Metrics("2", lambda: 0), "call_duration_seconds_count", operation="hold") == 0
