"""The soak, short: no descriptors or threads leak, no invariant breaks, and the audit says what the shoppers know."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.torture.findings import Finding
from tests.torture.soak import verdict
from tests.torture.soak.run import soak
from tests.torture.soak.samples import Sample

CALLS, SECONDS = 3_000, 12


def test_nothing_leaks_or_breaks_and_the_audit_agrees_with_the_shoppers(tmp_path: Path) -> None:
    soaked = soak(CALLS, SECONDS, tmp_path)
    assert soaked.findings == []
    assert all(soaked.made.values()), "sandboxes, streams, scenarios and the clock were all at work"
    assert soaked.audited > 0
    assert max(sample.sandboxes for sample in soaked.samples) > 1


A_SAMPLE = Sample(
    seconds=1.0, calls=1_000, rss_kb=100_000, descriptors=12, threads=2, log_bytes=10, file_bytes=10, sandboxes=1
)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("descriptors leak", {"descriptors": 16}),
        ("threads leak", {"threads": 11}),
        ("sandboxes leak", {"sandboxes": 2}),
    ],
)
def test_what_is_left_at_the_end_is_a_finding(kind: str, changes: dict[str, int]) -> None:
    end = replace(A_SAMPLE, **changes)
    assert [finding.kind for finding in verdict.of_samples(A_SAMPLE, [A_SAMPLE], end, 10)] == [kind]


def test_too_many_descriptors_for_the_connections_and_a_log_without_end_are_findings() -> None:
    worst = replace(A_SAMPLE, descriptors=40, log_bytes=40_000_000)
    found = verdict.of_samples(A_SAMPLE, [A_SAMPLE, worst], A_SAMPLE, 10)
    assert [finding.kind for finding in found] == ["descriptors leak", "the log grows"]


def samples_growing_by(kb_for_1000_calls: int) -> list[Sample]:
    return [
        replace(A_SAMPLE, calls=thousands * 1000, rss_kb=100_000 + thousands * kb_for_1000_calls)
        for thousands in range(verdict.FULL_AT_CALLS // 500 + 1)
    ]


@pytest.mark.parametrize(("growth", "kinds"), [(10, []), (1_000, ["memory grows"])])
def test_memory_that_grows_to_the_end_is_a_finding(growth: int, kinds: list[str]) -> None:
    found = verdict.growth_kb(samples_growing_by(growth))
    assert found == pytest.approx(growth)
    assert [finding.kind for finding in verdict.of_growth(found)] == kinds


def test_memory_is_not_judged_before_what_is_bounded_is_full() -> None:
    assert verdict.growth_kb(samples_growing_by(1_000)[: verdict.FULL_AT_CALLS // 1000]) is None


def test_an_audit_that_says_more_or_less_than_is_known_is_a_finding() -> None:
    report = {"forgotten": 0, "findings": [{"global_id": "g-1", "kind": "orphaned_hold"}]}
    assert list(verdict.of_audit(report, {"g-1": frozenset({"orphaned_hold"})})) == []
    assert list(verdict.of_audit(report, {})) == [
        Finding("audit", "g-1: it says ['orphaned_hold'], the shopper knows []")
    ]


def test_a_broken_invariant_or_an_uncounted_call_is_a_finding() -> None:
    text = (
        "mockpos_invariant_violations_total {}\n"
        'mockpos_calls_total{{code="held",operation="hold",sandbox="default"}} 7.0\n'
    )
    assert list(verdict.of_metrics(text.format("0.0"), 7)) == []
    assert [finding.kind for finding in verdict.of_metrics(text.format("1.0"), 8)] == ["invariant", "metrics"]
