"""/metrics: what is counted, under which labels, and that it stays bounded."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mockpos.domain.calls import CallRecord
from mockpos.domain.catalogue import Operation
from mockpos.scenario.outcomes import Fault, FaultKind, Phase, Raw, Respond, SellRest
from mockpos.scenario.plan import Plan
from mockpos.telemetry.metrics import Metrics
from mockpos.telemetry.metrics_seats import Seats
from mockpos.telemetry.metrics_tally import MOST_SANDBOXES, injected_kind
from tests.conftest import NOON


def a_call(**changes: Any) -> CallRecord:
    plain: dict[str, Any] = {"operation": Operation.HOLD, "code": "held", "duration_ms": 3.0}
    return CallRecord(request_id="r", at=NOON, method="POST", target="/v1/holds", **{**plain, **changes})


@pytest.fixture
def metrics() -> Metrics:
    metrics = Metrics("1.2.3", lambda: 7)
    watch(metrics, "default")
    return metrics


def watch(metrics: Metrics, name: str, live: int = 0, seats: Seats = Seats()) -> None:
    metrics.watch(name, holds_live=lambda: live, seats=lambda: seats)


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
    for _ in range(3):
        metrics.record(a_call(), "default")
    metrics.record(a_call(operation=None, code="unknown_endpoint"), "default")
    metrics.record(a_call(code="mock_unknown_scenario"), "default")
    metrics.record(a_call(code="made up"), "default")
    metrics.record(a_call(), "never seen")
    assert value(metrics, "calls_total", sandbox="default", operation="hold", code="held") == 3
    assert value(metrics, "calls_total", sandbox="default", operation="none", code="unknown_endpoint") == 1
    assert value(metrics, "calls_total", sandbox="default", operation="hold", code="mock_unknown_scenario") == 1
    assert value(metrics, "calls_total", sandbox="default", operation="hold", code="other") == 1
    assert value(metrics, "calls_total", sandbox="other", operation="hold", code="held") == 1


def test_durations_are_a_cumulative_histogram_in_seconds(metrics: Metrics) -> None:
    for duration_ms in (0.5, 0.6, 4999.0, 60_000.0):
        metrics.record(a_call(duration_ms=duration_ms), "default")
    buckets = {
        sample.labels["le"]: sample.value
        for sample in samples(metrics)
        if sample.name == "mockpos_call_duration_seconds_bucket" and sample.labels["operation"] == "hold"
    }
    assert (buckets["0.0005"], buckets["0.001"], buckets["2.5"], buckets["5.0"], buckets["+Inf"]) == (1, 2, 2, 3, 4)
    assert value(metrics, "call_duration_seconds_count", operation="hold") == 4
    assert value(metrics, "call_duration_seconds_sum", operation="hold") == pytest.approx(65.0001)


def test_delays_and_faults_are_counted(metrics: Metrics) -> None:
    plan = Plan(scenario="s", rule_id="r", why="", delay_ms=250, outcome=Fault(FaultKind.RESET))
    metrics.record(a_call(injected=str(plan), delay_asked_ms=250, delay_served_ms=200.0), "default")
    metrics.record(a_call(injected="respond not_available"), "default")
    assert value(metrics, "delays_injected_total") == 1
    assert value(metrics, "delay_seconds_total") == pytest.approx(0.2)
    assert value(metrics, "faults_injected_total", kind="reset") == 1
    assert value(metrics, "faults_injected_total", kind="respond") == 1


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        ({"outcome": Fault(each), "phase": Phase.AFTER_COMMIT, "delay_ms": 5}, each.value) for each in FaultKind
    ] + [
        ({"outcome": Respond("not_available")}, "respond"),
        ({"outcome": Raw(502)}, "raw"),
        ({"delay_ms": 5}, None),
        ({"pos": (SellRest(),)}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_what_was_injected_is_read_from_the_plan_s_text(plan: dict[str, Any], kind: str | None) -> None:
    assert injected_kind(str(Plan(scenario="s", rule_id="r", why="", **plan))) == kind


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
        watch(metrics, f"s{number}", 1, Seats(2, 1, 1))
        metrics.record(a_call(), f"s{number}")
        metrics.record(a_call(), f"stranger{number}")
    labels = {sample.labels["sandbox"] for sample in samples(metrics) if "sandbox" in sample.labels}
    assert len(labels) == MOST_SANDBOXES + 1
    assert value(metrics, "holds_live", sandbox="other") == 300 - (MOST_SANDBOXES - 1)
    assert value(metrics, "seats_available", sandbox="other") == 2 * (300 - (MOST_SANDBOXES - 1))
    metrics.forget("s0")
    watch(metrics, "new")
    metrics.record(a_call(), "new")
    assert value(metrics, "calls_total", sandbox="new", operation="hold", code="held") == 1
    assert len(metrics._tally._cells) <= 301


def test_calls_of_a_forgotten_sandbox_stay_counted(metrics: Metrics) -> None:
    def total() -> float:
        return sum(sample.value for sample in samples(metrics) if sample.name == "mockpos_calls_total")

    for name in ("ci", "other"):
        watch(metrics, name)
        metrics.record(a_call(), name)
        before = total()
        metrics.forget(name)
        assert total() == before
        metrics.record(a_call(), name)
        assert total() == before + 1
    assert value(metrics, "calls_total", sandbox="ci", operation="hold", code="held") is None


def test_threads_lose_no_count(metrics: Metrics) -> None:
    def work() -> None:
        for _ in range(2000):
            metrics.record(a_call(injected="raw 502"), "default")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(metrics, "calls_total", sandbox="default", operation="hold", code="held") == 16_000
    assert value(metrics, "call_duration_seconds_count", operation="hold") == 16_000
    assert value(metrics, "faults_injected_total", kind="raw") == 16_000


def test_recording_costs_microseconds(metrics: Metrics) -> None:
    call, best = a_call(duration_ms=4000.0, injected="delay 4s; fault reset", delay_asked_ms=4000), 1.0
    for _ in range(10):
        start = time.perf_counter()
        for _ in range(1000):
            metrics.record(call, "default")
        best = min(best, time.perf_counter() - start)
    assert best < 0.02  # 20 us a call: far above what it takes, below what would hurt


def test_two_servers_in_one_process_share_nothing(metrics: Metrics) -> None:
    metrics.record(a_call(), "default")
    assert value(Metrics("2", lambda: 0), "calls_total", sandbox="default", operation="hold", code="held") is None
