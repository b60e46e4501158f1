"""The control call that tells what the client left behind."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from mockpos.sandboxes.totals import audit_of_all
from mockpos.server.greenlets import in_slices
from mockpos.telemetry.audit.findings import FINDING_KINDS
from mockpos.web.control.calls import Context, ControlCall, Everywhere


class Question(Everywhere):
    """Whether holds that are alive are all right, and where to look."""

    pending = fields.String(
        validate=validate.OneOf(["ok"]),
        metadata={"description": "ok: a hold that is alive is nothing to report; a checkout may be under way."},
    )


def show(context: Context) -> Mapping[str, Any]:
    """Judge the calls so far."""
    pending_ok = "pending" in context.query
    if context.is_about_all:
        return audit_of_all(context.mock.sandboxes, pending_ok=pending_ok)
    return context.sandbox.audit(pending_ok=pending_ok, between=in_slices()).as_document()


_KINDS = "".join(f" {kind.value}: {definition.meaning}" for kind, definition in FINDING_KINDS.items())

CALLS = (
    ControlCall(
        area="audit", method="GET", path="/audit", summary="Show what the client left behind", serve=show,
        query=Question,
        description="Each finding names the calls that prove it. It is kept per Global ID, not read from the journal, "
        "so evictions do not matter; a reset clears it, restoring a snapshot brings it back as it was. With "
        "sandboxes=all each finding names its sandbox, and those that were dropped are judged as they stood then. "
        "The kinds." + _KINDS,
    ),
)  # fmt: skip
