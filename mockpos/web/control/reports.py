"""Control calls that tell of a client: what it left behind, how long it waited, what it met; and all as it happens."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from marshmallow import fields, validate

from mockpos.domain.errors import BadInput
from mockpos.sandboxes.registry import Sandboxes
from mockpos.sandboxes.telemetry import WORLD_REPLACED
from mockpos.server.greenlets import in_slices
from mockpos.telemetry.audit.findings import FINDING_KINDS, AuditReport, FindingKind
from mockpos.telemetry.coverage import coverage_report
from mockpos.telemetry.events.state import CLOCK_CHANGED, KINDS, SCENARIO_CHANGED
from mockpos.telemetry.events.subscription import CONTENT_TYPE, HEADERS, SERVER, stream
from mockpos.telemetry.timing import Timing
from mockpos.web.control.calls import Context, ControlCall, Everywhere
from mockpos.web.control.listing_fields import whole_number


class Question(Everywhere):
    """Whether holds that are alive are all right, and where to look."""

    pending = fields.String(
        validate=validate.OneOf(["ok"]),
        metadata={"description": "ok: a hold that is alive is nothing to report; a checkout may be under way."},
    )


def _show_audit(context: Context) -> Mapping[str, Any]:
    pending_ok = "pending" in context.query
    if context.is_about_all:
        return _audit_of_all(context.mock.sandboxes, pending_ok=pending_ok)
    return context.sandbox.audit(pending_ok=pending_ok, between=in_slices()).as_document()


def _show_timing(context: Context) -> Mapping[str, Any]:
    if context.is_about_all:
        return _timing_of_all(context.mock.sandboxes)
    return context.sandbox.telemetry.timing.report()


def _show_coverage(context: Context) -> Mapping[str, Any]:
    if context.is_about_all:
        return _coverage_of_all(context.mock.sandboxes)
    return context.sandbox.telemetry.coverage.report()


def _coverage_of_all(sandboxes: Sandboxes) -> dict[str, object]:
    """Set the catalogue against what was met anywhere, at any time: resets do not take it back."""
    seen = sandboxes.dropped.coverage.copy()
    for sandbox in sandboxes:
        seen.update(sandbox.telemetry.coverage.ever_seen())
    report = coverage_report(sandboxes.default.telemetry.coverage.documented, seen)
    return {**report, "sandboxes": _counted(sandboxes)}


def _timing_of_all(sandboxes: Sandboxes) -> dict[str, object]:
    """Report how long callers waited anywhere, at any time."""
    timing = Timing()
    timing.add(sandboxes.dropped.timing)
    for sandbox in sandboxes:
        timing.add(sandbox.telemetry.timing_before_reset)
        timing.add(sandbox.telemetry.timing)
    slowest = sandboxes.default.telemetry.slowest.report()
    return {**timing.report(), "slowest": slowest, "sandboxes": _counted(sandboxes)}


def _audit_of_all(sandboxes: Sandboxes, *, pending_ok: bool) -> dict[str, object]:
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
    return {**total, "findings": findings, "sandboxes": _counted(sandboxes)}


def _counted(sandboxes: Sandboxes) -> dict[str, object]:
    """Return how many sandboxes there are and were."""
    return {"live": len(sandboxes), "dropped": sandboxes.dropped.count}


def _follow(context: Context) -> Response:
    telemetry = context.sandbox.telemetry
    subscription = telemetry.events.subscribe(_last_event_id(request.headers.get("Last-Event-ID", "")))
    return Response(stream(subscription, telemetry.server), 200, HEADERS, content_type=CONTENT_TYPE)


def _last_event_id(text: str) -> int | None:
    if not text:
        return None
    number = whole_number(text)
    if number is None:
        raise BadInput(f"Last-Event-ID: {text[:80]!r} is not the id of an event, which is a whole number")
    return number


_KINDS = "".join(f" {kind.value}: {meaning}" for kind, meaning in FINDING_KINDS.items())

CALLS = (
    ControlCall(
        area="audit", method="GET", path="/audit", summary="Show what the client left behind", serve=_show_audit,
        query=Question,
        description="Each finding names the calls that prove it. It is kept per Global ID, not read from the journal, "
        "so evictions do not matter; a reset clears it, restoring a snapshot brings it back as it was. With "
        "sandboxes=all each finding names its sandbox, and those that were dropped are judged as they stood then. "
        "The kinds." + _KINDS,
    ),
    ControlCall(
        area="timing", method="GET", path="/timing", summary="Show how long callers waited", serve=_show_timing,
        query=Everywhere,
        description="Real durations per operation, injected delays included: what a caller saw. The verdict is ok or "
        "over the average of 5 seconds; null where nobody called. Percentiles are within 1%. With sandboxes=all the "
        "ten slowest calls are named too.",
    ),
    ControlCall(
        area="coverage", method="GET", path="/coverage", summary="Show which documented answers were met",
        serve=_show_coverage, query=Everywhere,
        description="Every pair of operation and code, how often it was met, and how to provoke those that were not. "
        "other counts what stands beside the catalogue. A reset begins anew; sandboxes=all counts what was met before "
        "it, and in sandboxes that were dropped, too.",
    ),
    ControlCall(
        area="live", method="GET", path="/events", summary="Follow everything as it happens", serve=_follow,
        media_type=CONTENT_TYPE, errors=("mock_too_many_streams",),
        description="Server-sent events of the sandbox: every committed change and every answered call, numbered. Send "
        "the number of the last one as Last-Event-ID to go on after it, as browsers do by themselves; the newest 1,000 "
        "are kept. Who reads too slowly gets an event dropped that says how many were missed. A stream opens with "
        f"an event {SERVER}, without a number: instance, version and sandbox; another instance has begun at 1 again. "
        "link leads to the call, or to the calls of the Global ID. A comment comes every 15 seconds. "
        f"Kinds: {', '.join((*KINDS, WORLD_REPLACED, SCENARIO_CHANGED, CLOCK_CHANGED, SERVER, 'dropped'))}.",
    ),
)  # fmt: skip
