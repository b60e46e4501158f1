"""The numbers of ``metrics`` as the official client's families, with their names, help and labels.

Loaded at the first scrape: the client library takes 30 ms to load. Must not know where the numbers come from.
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString

from mockpos.telemetry.metrics_seats import Seats
from mockpos.telemetry.metrics_tally import BOUNDS_S, NO_OPERATION, Durations, Labels

Families = Iterator[Metric]


def counter(name: str, text: str, value: float) -> Metric:
    """Make a counter without labels; the client adds ``_total`` to its name."""
    return CounterMetricFamily(f"mockpos_{name}", text, value=value)


def gauge(name: str, text: str, value: float) -> Metric:
    """Make a gauge without labels."""
    return GaugeMetricFamily(f"mockpos_{name}", text, value=value)


def calls_family(calls: Mapping[Labels, int]) -> Metric:
    """Make the counts of calls by sandbox, operation and code."""
    family = CounterMetricFamily(
        "mockpos_calls",
        "Calls answered, by the code of the answer: held, released, invoiced, or the error's code.",
        labels=["sandbox", "operation", "code"],
    )
    for labels, count in calls.items():
        family.add_metric(labels, count)
    return family


def injected_family(injected: Mapping[str, int]) -> Metric:
    """Make the counts of answers that a scenario replaced or broke."""
    family = CounterMetricFamily(
        "mockpos_faults_injected", "Answers that a scenario forced (respond, raw) or broke.", labels=["kind"]
    )
    for kind, count in injected.items():
        family.add_metric([kind], count)
    return family


def durations_family(durations: Iterable[tuple[str, list[int], float]]) -> Metric:
    """Make the histogram of how long calls took, by operation."""
    family = HistogramMetricFamily(
        "mockpos_call_duration_seconds", "From a call's arrival to its answer, delays included.", labels=["operation"]
    )
    for operation, counts, total_s in durations:
        below, buckets = 0, []
        for bound, count in zip((*map(floatToGoString, BOUNDS_S), "+Inf"), counts, strict=True):
            below += count
            buckets.append((bound, float(below)))
        family.add_metric([operation], buckets=buckets, sum_value=total_s)
    return family


def durations_now(durations: Mapping[str | None, Durations]) -> list[tuple[str, list[int], float]]:
    """Copy the durations that can be shown; an operation nobody called has none."""
    return [(name or NO_OPERATION, each.buckets.copy(), each.total_s) for name, each in durations.items()]


def sandbox_families(sandboxes: Mapping[str, tuple[int, Seats]]) -> Families:
    """Make the gauges of live holds and seats, by sandbox."""
    holds = GaugeMetricFamily("mockpos_holds_live", "Holds that are alive.", labels=["sandbox"])
    seats = [
        GaugeMetricFamily(f"mockpos_seats_{field}", f"Tickets of the inventory that are {word}.", labels=["sandbox"])
        for field, word in (("available", "free"), ("held", "under live holds"), ("sold", "sold"))
    ]
    for sandbox, (live, totals) in sandboxes.items():
        holds.add_metric([sandbox], live)
        for family, value in zip(seats, totals, strict=True):
            family.add_metric([sandbox], value)
    yield holds
    yield from seats


def build_family(version: str) -> Metric:
    """Make what tells which version runs."""
    family = GaugeMetricFamily("mockpos_build_info", "The version that runs.", labels=["version"])
    family.add_metric([version], 1)
    return family


def text_of(collector: Collector) -> bytes:
    """Write the collector's families, and those of the process, in Prometheus's text format 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    ProcessCollector(registry=registry)
    return generate_latest(registry)
