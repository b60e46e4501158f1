"""The verdict on a soak: does anything grow without bound, leak or break; and does the audit say what shoppers know?

Pure: it judges numbers and documents.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import linear_regression

from tests.torture.client import Body
from tests.torture.findings import Finding
from tests.torture.soak.samples import Sample

SPARE_DESCRIPTORS = 3
SPARE_THREADS = 8
"""A pool of threads for waiting is made as it is needed, and kept."""

MOST_GROWTH_KB = 200.0
"""Memory that 1,000 calls may add in the last half, in kB: what shoppers leave behind has to be remembered (about
40 kB), and the interpreter's collector takes its time."""

FULL_AT_CALLS = 30_000
"""From so many calls on memory is judged: then the journal has its 10,000 calls, and garbage has been collected."""

_LOG_SLACK_BYTES = 4_000_000
Kinds = frozenset[str]


def of_samples(quiet: Sample, samples: Sequence[Sample], end: Sample, connections: int) -> Iterator[Finding]:
    """Judge what was seen: ``quiet`` before the first call, ``end`` after the last, with the same connections open."""
    if end.descriptors > quiet.descriptors + SPARE_DESCRIPTORS:
        yield Finding("descriptors leak", f"{quiet.descriptors} before, {end.descriptors} after")
    most = max(sample.descriptors for sample in samples)
    if most > quiet.descriptors + connections + SPARE_DESCRIPTORS:
        yield Finding("descriptors leak", f"{most} with {connections} connections, {quiet.descriptors} without")
    threads = max(sample.threads for sample in (*samples, end))
    if threads > quiet.threads + SPARE_THREADS:
        yield Finding("threads leak", f"{quiet.threads} before, up to {threads} later")
    if end.sandboxes != 1:
        yield Finding("sandboxes leak", f"{end.sandboxes - 1} are left beside the default one")
    for sample in samples:
        if sample.log_bytes > 2 * max(4_000_000, sample.file_bytes) + _LOG_SLACK_BYTES:
            yield Finding("the log grows", f"{sample.log_bytes:,} bytes beside a file of {sample.file_bytes:,}")
            break


def growth_kb(samples: Sequence[Sample]) -> float | None:
    """Return by how much memory grew in the last half, in kB for 1,000 calls; None when it is too early to tell."""
    if not samples or samples[-1].calls < FULL_AT_CALLS * 2:
        return None
    half = [sample for sample in samples if sample.calls >= max(samples[-1].calls // 2, FULL_AT_CALLS)]
    if len(half) < 10:
        return None
    slope, _ = linear_regression([sample.calls / 1000 for sample in half], [float(sample.rss_kb) for sample in half])
    return slope


def of_growth(growth: float | None, most_kb: float = MOST_GROWTH_KB) -> Iterator[Finding]:
    """Judge the growth of memory."""
    if growth is not None and growth > most_kb:
        yield Finding("memory grows", f"by {growth:.0f} kB for 1,000 calls in the last half; {most_kb:.0f} are allowed")


def of_audit(report: Body, expected: Mapping[str, Kinds]) -> Iterator[Finding]:
    """Compare an audit with what the shoppers know of themselves."""
    if report["forgotten"]:
        yield Finding("audit", f"it had to forget {report['forgotten']} Global IDs")
    found: dict[str, set[str]] = {}
    for finding in report["findings"]:
        found.setdefault(finding["global_id"], set()).add(finding["kind"])
    for global_id in sorted(found.keys() | expected.keys()):
        said, known = found.get(global_id, set()), expected.get(global_id, frozenset())
        if said != known:
            yield Finding("audit", f"{global_id}: it says {sorted(said)}, the shopper knows {sorted(known)}")


def of_metrics(text: str, calls: int) -> Iterator[Finding]:
    """Compare the metrics with the calls that were made in the default sandbox, and look for broken invariants."""
    violations = _sum(text, r"mockpos_invariant_violations_total")
    if violations != 0:
        yield Finding("invariant", f"mockpos_invariant_violations_total is {violations}")
    counted = _sum(text, r'mockpos_calls_total\{[^}]*operation="(?:hold|release|invoice)",sandbox="default"\}')
    if counted != calls:
        yield Finding("metrics", f"{calls} calls were made in the default sandbox, {counted:.0f} were counted")


def _sum(text: str, name: str) -> float:
    found = re.findall(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found, f"/metrics has no {name}"
    return sum(map(float, found))
