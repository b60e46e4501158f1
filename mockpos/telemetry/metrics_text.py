"""The metrics as the official client's families, with their names, help and labels, in Prometheus's text format.

Loaded at the first scrape: the client library takes 30 ms to load.
"""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString

from mockpos.telemetry.metrics import BOUNDS_S, NO_OPERATION, Metrics, Seats

_SEATS = (("available", "free"), ("held", "under live holds"), ("sold", "sold"))


def text_of(metrics: Metrics) -> bytes:
    """Write the metrics, and those of the process, in Prometheus's text format 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(metrics))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Families(Collector):
    """What the client library asks for at a scrape."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Tell the library what there is now: it asks its collectors by this name."""
        metrics = self._metrics
        yield _calls(metrics)
        yield _durations(metrics)
        yield _counter("delays_injected", "Calls that a scenario delayed.", metrics.delays)
        yield _counter("delay_seconds", "For how long it did, in sum.", metrics.delays_s)
        yield _injected(metrics)
        yield from _sandboxes(metrics)
        yield _counter("invariant_violations", "Stocks that did not add up; must stay 0.", metrics.invariant_violations)
        evictions = metrics.journal_evictions()
        yield _counter("journal_evictions", "Calls the journals had to let go for want of room.", evictions)
        yield GaugeMetricFamily("mockpos_requests_in_flight", "Requests being served.", value=metrics.in_flight)
        yield GaugeMetricFamily("mockpos_sandboxes", "Sandboxes there are.", value=len(metrics.sandboxes()))
        yield _labelled("mockpos_build_info", "The version that runs.", "version", {metrics.version: 1})


def _counter(name: str, text: str, value: float) -> Metric:
    """Make a counter without labels; the client adds ``_total`` to its name."""
    return CounterMetricFamily(f"mockpos_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    """Make a gauge that has a value for each of a label's."""
    family = GaugeMetricFamily(name, text, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family


def _calls(metrics: Metrics) -> Metric:
    family = CounterMetricFamily(
        "mockpos_calls",
        "Calls answered, by the code of the answer: held, released, invoiced, or the error's code.",
        labels=["sandbox", "operation", "code"],
    )
    for sandbox, counts in metrics.calls().items():
        for labels, count in counts.items():
            family.add_metric([sandbox, *labels], count)
    return family


def _durations(metrics: Metrics) -> Metric:
    family = HistogramMetricFamily(
        "mockpos_call_duration_seconds", "From a call's arrival to its answer, delays included.", labels=["operation"]
    )
    bounds = (*map(floatToGoString, BOUNDS_S), "+Inf")
    for operation, durations in metrics.durations.items():
        below, buckets = 0, []
        for bound, count in zip(bounds, durations.buckets, strict=True):
            below += count
            buckets.append((bound, float(below)))
        family.add_metric([operation or NO_OPERATION], buckets=buckets, sum_value=durations.total_s)
    return family


def _injected(metrics: Metrics) -> Metric:
    family = CounterMetricFamily(
        "mockpos_faults_injected", "Answers that a scenario forced (respond, raw) or broke.", labels=["kind"]
    )
    for kind, count in list(metrics.injected.items()):
        family.add_metric([kind], count)
    return family


def _sandboxes(metrics: Metrics) -> Iterator[Metric]:
    """Ask every sandbox; those without a label of their own are added up."""
    found: dict[str, tuple[int, Seats]] = {}
    for each in metrics.sandboxes():
        live, seats = found.get(each.label, (0, Seats()))
        found[each.label] = live + each.holds_live(), seats.plus(each.seats())
    live_holds = {sandbox: live for sandbox, (live, _) in found.items()}
    yield _labelled("mockpos_holds_live", "Holds that are alive.", "sandbox", live_holds)
    for at, (name, word) in enumerate(_SEATS):
        counts = {sandbox: seats[at] for sandbox, (_, seats) in found.items()}
        yield _labelled(f"mockpos_seats_{name}", f"Tickets of the inventory that are {word}.", "sandbox", counts)
