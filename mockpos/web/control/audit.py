"""The control call that tells what the client left behind."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from mockpos.domain.hold import HoldStatus
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.telemetry.audit.findings import FINDING_KINDS, FindingKind
from mockpos.validation.schema import Strict
from mockpos.web.control.calls import Context, ControlCall


class Question(Strict):
    """Whether holds that are alive are all right."""

    pending = fields.String(
        validate=validate.OneOf(["ok"]),
        metadata={"description": "ok: a hold that is alive is nothing to report; a checkout may be under way."},
    )


def show(context: Context) -> Mapping[str, Any]:
    """Judge the calls so far."""
    sandbox = context.sandbox
    report = sandbox.telemetry.audit.audit(
        hold_status=lambda global_id: hold_status(sandbox, global_id), pending_ok="pending" in context.query
    )
    return report.as_document()


def hold_status(sandbox: Sandbox, global_id: str) -> str | None:
    """Return how a hold stands now; one that has lapsed counts as expired before anybody committed its end."""
    hold = sandbox.store.peek(global_id)
    if hold is None:
        return None
    has_lapsed = hold.status is HoldStatus.HELD and hold.expires_at <= sandbox.clock.now()
    return HoldStatus.EXPIRED if has_lapsed else hold.status


_KINDS = "".join(f" {kind.value}: {definition.meaning}" for kind, definition in FINDING_KINDS.items())

CALLS = (
    ControlCall(
        area="audit", method="GET", path="/audit", summary="Show what the client left behind", serve=show,
        query=Question,
        example={
            "verdict": "findings",
            "findings": [{
                "kind": "orphaned_hold", "global_id": "checkout-17",
                "detail": "2 tickets of TG-1042 were held for checkout-17 and neither released nor invoiced; the hold "
                "is still alive.",
                "requests": ["b1946ac9-000017"], "remote_id": "TG-1042", "quantity": 2,
                "first_at": "2026-11-23T14:02:07.120Z",
            }],
            "counts": {kind.value: int(kind is FindingKind.ORPHANED_HOLD) for kind in FindingKind},
            "remembered": 1, "forgotten": 0, "unsafe": None,
        },
        description="Each finding names the calls that prove it. It is kept per Global ID, not read from the journal, "
        "so evictions do not matter; a reset clears it, restoring a snapshot brings it back as it was. "
        "The kinds." + _KINDS,
    ),
)  # fmt: skip
