"""Control calls that judge a client: what it left behind, how long it waited, which documented answers it met."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from mockpos.sandboxes.totals import audit_of_all, coverage_of_all, timing_of_all
from mockpos.server.greenlets import in_slices
from mockpos.telemetry.audit.findings import FINDING_KINDS
from mockpos.web.control.calls import Context, ControlCall, Everywhere


class Question(Everywhere):
    """Whether holds that are alive are all right, and where to look."""

    pending = fields.String(
        validate=validate.OneOf(["ok"]),
        metadata={"description": "ok: a hold that is alive is nothing to report; a checkout may be under way."},
    )


def show_audit(context: Context) -> Mapping[str, Any]:
    """Judge the calls so far."""
    pending_ok = "pending" in context.query
    if context.is_about_all:
        return audit_of_all(context.mock.sandboxes, pending_ok=pending_ok)
    return context.sandbox.audit(pending_ok=pending_ok, between=in_slices()).as_document()


def show_timing(context: Context) -> Mapping[str, Any]:
    """Show how long callers waited."""
    if context.is_about_all:
        return timing_of_all(context.mock.sandboxes)
    return context.sandbox.telemetry.timing.report()


def show_coverage(context: Context) -> Mapping[str, Any]:
    """Show which answers were met, and which never."""
    if context.is_about_all:
        return coverage_of_all(context.mock.sandboxes)
    return context.sandbox.telemetry.coverage.report()


_KINDS = "".join(f" {kind.value}: {meaning}" for kind, meaning in FINDING_KINDS.items())

CALLS = (
    ControlCall(
        area="audit", method="GET", path="/audit", summary="Show what the client left behind", serve=show_audit,
        query=Question,
        description="Each finding names the calls that prove it. It is kept per Global ID, not read from the journal, "
        "so evictions do not matter; a reset clears it, restoring a snapshot brings it back as it was. With "
        "sandboxes=all each finding names its sandbox, and those that were dropped are judged as they stood then. "
        "The kinds." + _KINDS,
    ),
    ControlCall(
        area="timing", method="GET", path="/timing", summary="Show how long callers waited", serve=show_timing,
        query=Everywhere,
        description="Real durations per operation, injected delays included: what a caller saw. The verdict is ok or "
        "over the average of 5 seconds; null where nobody called. Percentiles are within 1%. With sandboxes=all the "
        "ten slowest calls are named too.",
    ),
    ControlCall(
        area="coverage", method="GET", path="/coverage", summary="Show which documented answers were met",
        serve=show_coverage, query=Everywhere,
        description="Every pair of operation and code, how often it was met, and how to provoke those that were not. "
        "other counts what stands beside the catalogue. A reset begins anew; sandboxes=all counts what was met before "
        "it, and in sandboxes that were dropped, too.",
    ),
)  # fmt: skip
