"""Timing is exact in counts and averages, near in percentiles, bounded in memory, and judges TEvo's average."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.catalogue import Operation
from mockpos.telemetry.timing import ERROR, Histogram, SlowestCalls, Timing
from tests.telemetry.records import a_record

HOLD, RELEASE, INVOICE = Operation


def row(timing: Timing, operation: Operation = HOLD) -> dict[str, object]:
    rows = timing.report()["operations"]
    assert isinstance(rows, list)
    found: dict[str, object] = next(each for each in rows if each["operation"] == operation)
    return found


def test_of_equally_slow_calls_the_earlier_ones_are_named() -> None:
    slowest = SlowestCalls()
    for number in range(12):
        slowest.record(a_record(number, duration_ms=5.0), "default")
    slowest.record(a_record(12, duration_ms=9.0), "default")
    named = [each["request_id"] for each in slowest.report()]
    assert named == ["r-12", *(f"r-{number}" for number in range(9))]


def test_without_calls_there_are_no_figures_and_no_verdict() -> None:
    report = Timing().report()
    assert (report["limit_ms"], report["verdict"]) == (5000, None)
    assert row(Timing()) == {
        "operation": "hold",
        "count": 0,
        "average_ms": None,
        "p50_ms": None,
        "p95_ms": None,
        "p99_ms": None,
        "max_ms": None,
        "verdict": None,
    }


@pytest.mark.parametrize(
    ("durations", "verdict"),
    [([5000.0], "ok"), ([5000.1], "over"), ([1.0, 9000.0], "ok"), ([1.0, 10_000.0], "over")],
)
def test_the_average_decides_not_the_slowest(durations: list[float], verdict: str) -> None:
    timing = Timing()
    for each in durations:
        timing.record(INVOICE, each)
    timing.record(HOLD, 1)
    assert row(timing, INVOICE)["verdict"] == timing.report()["verdict"] == verdict
    assert row(timing, INVOICE)["max_ms"] == max(durations)
    assert row(timing, HOLD)["verdict"] == "ok"


def test_calls_of_no_operation_do_not_count() -> None:
    timing = Timing()
    timing.record(None, 9999)
    assert timing.report() == Timing().report()


@given(st.lists(st.floats(0.001, 1e8), min_size=1, max_size=300), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_percentiles_are_within_one_percent_of_the_exact_ones(durations: list[float], part: float) -> None:
    histogram = Histogram()
    for each in durations:
        histogram.record(each)
    exact = sorted(durations)[max(1, math.ceil(part * len(durations))) - 1]
    assert histogram.percentile(part) == pytest.approx(exact, rel=ERROR * 1.0001)
    assert histogram.average == pytest.approx(sum(durations) / len(durations))


@pytest.mark.parametrize("odd", [0.0, -5.0, math.nan, math.inf, 1e300])
def test_what_no_call_can_take_harms_nothing(odd: float) -> None:
    histogram = Histogram()
    histogram.record(odd)
    assert histogram.average is not None
    assert 0 < histogram.average <= 1e8
    assert histogram.percentile(0.5) == pytest.approx(histogram.average, rel=ERROR)


def test_memory_is_bounded_whatever_durations_come() -> None:
    histogram = Histogram()
    for step in range(20_000):
        histogram.record(10 ** (step / 1000 - 8))
    assert len(histogram._bands) < 1300


def test_a_reset_forgets() -> None:
    timing = Timing()
    timing.record(HOLD, 10)
    timing.reset()
    assert row(timing)["count"] == 0


def test_two_timings_together_are_one_of_all_calls() -> None:
    one, other, both = Timing(), Timing(), Timing()
    for number in range(1, 200):
        (one if number % 3 else other).record(HOLD, number)
        both.record(HOLD, number)
    one.add(other)
    assert one.report() == both.report()
    one.add(Timing())
    assert one.report() == both.report()


def test_64_callers_are_all_counted() -> None:
    timing = Timing()
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda number: timing.record(RELEASE, number % 10 + 1), range(5000)))
    assert row(timing, RELEASE)["count"] == 5000
    assert row(timing, RELEASE)["average_ms"] == 5.5
