"""Coverage, timing and audit over all sandboxes of a server, those that were dropped included."""

from collections.abc import Iterator

from mockpos.sandboxes.registry import Sandboxes
from mockpos.server.greenlets import in_slices
from mockpos.telemetry.audit.findings import AuditReport, FindingKind
from mockpos.telemetry.coverage import coverage_report
from mockpos.telemetry.journal.journal import Journal
from mockpos.telemetry.timing import Timing

Document = dict[str, object]


def coverage_of_all(sandboxes: Sandboxes) -> Document:
    """Set the catalogue against what was met anywhere, at any time: resets do not take it back."""
    seen = sandboxes.dropped.coverage.copy()
    for sandbox in sandboxes:
        seen.update(sandbox.telemetry.coverage.ever_seen())
    report = coverage_report(sandboxes.default.telemetry.coverage.documented, seen)
    return {**report, "sandboxes": counted(sandboxes)}


def timing_of_all(sandboxes: Sandboxes) -> Document:
    """Report how long callers waited anywhere, at any time."""
    timing = Timing()
    timing.add(sandboxes.dropped.timing)
    for sandbox in sandboxes:
        timing.add(sandbox.telemetry.timing_before_reset)
        timing.add(sandbox.telemetry.timing)
    slowest = sandboxes.default.telemetry.slowest.report()
    return {**timing.report(), "slowest": slowest, "sandboxes": counted(sandboxes)}


def audit_of_all(sandboxes: Sandboxes, *, pending_ok: bool) -> Document:
    """Judge every sandbox; each finding names its own. Those of dropped sandboxes come first."""
    between = in_slices()
    found = sandboxes.dropped.findings(pending_ok=pending_ok)
    counts = dict.fromkeys(FindingKind, 0)
    for _, finding in found:
        counts[finding.kind] += 1
    remembered, forgotten = 0, sandboxes.dropped.forgotten
    for sandbox in sandboxes:
        report = sandbox.audit(pending_ok=pending_ok, between=between)
        found += [(sandbox.name, finding) for finding in report.findings]
        counts = {kind: count + report.counts[kind] for kind, count in counts.items()}
        remembered += report.remembered
        forgotten += report.forgotten
    total = AuditReport([finding for _, finding in found], counts, remembered, forgotten).as_document()
    findings = ({"sandbox": name, **finding.as_document()} for name, finding in found)
    return {**total, "findings": findings, "sandboxes": counted(sandboxes)}


def counted(sandboxes: Sandboxes) -> Document:
    """Return how many sandboxes there are and were."""
    return {"live": len(sandboxes), "dropped": sandboxes.dropped.count}


def journals_of_all(sandboxes: Sandboxes) -> Iterator[tuple[str, Journal]]:
    """Iterate over all journals: of the sandboxes there are, then of those that were dropped lately."""
    for sandbox in sandboxes:
        yield sandbox.name, sandbox.telemetry.journal
    yield from sandboxes.dropped.journals()
