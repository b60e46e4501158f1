"""Control calls about snapshots: a sandbox as it stood, to come back to."""

from collections.abc import Mapping
from typing import Any

from mockpos.domain.clock import rfc3339
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.registry import NAME
from mockpos.sandboxes.sandbox import Snapshot
from mockpos.web.control.calls import Context, ControlCall


def _show_all(context: Context) -> Mapping[str, Any]:
    return {"snapshots": [_shown(name, kept) for name, kept in context.sandbox.snapshots.items()]}


def _take(context: Context, name: str) -> Mapping[str, Any]:
    if NAME.fullmatch(name) is None:
        raise BadInput(f"name: {name[:80]!r} must be 1 to 64 letters, digits, '_' or '-'")
    return _shown(name, context.sandbox.take_snapshot(name))


def _restore(context: Context, name: str) -> Mapping[str, Any]:
    woken = context.sandbox.restore(_found(context, name))
    return {"restored": name, "sleepers_woken": woken}


def _delete(context: Context, name: str) -> Mapping[str, Any]:
    _found(context, name)
    context.sandbox.snapshots.pop(name, None)  # another call may have been quicker
    return {"deleted": name}


def _found(context: Context, name: str) -> Snapshot:
    kept = context.sandbox.snapshots.get(name)
    if kept is None:
        raise MockMisuse("mock_unknown_snapshot", f"There is no snapshot called {name[:80]!r}.")
    return kept


def _shown(name: str, kept: Snapshot) -> dict[str, Any]:
    return {
        "name": name,
        "listings": len(kept.world.listings),
        "holds_live": len(kept.world.live),
        "committed_at": rfc3339(kept.world.committed_at),
    }


_UNKNOWN = ("mock_unknown_snapshot",)

CALLS = (
    ControlCall(
        area="snapshots", method="GET", path="/snapshots", summary="List the snapshots", serve=_show_all,
        ),
    ControlCall(
        area="snapshots", method="PUT", path="/snapshots/{name}", summary="Take a snapshot, or retake it", serve=_take,
        description="Inventory, holds, clock, scenario and what it has counted. It costs next to nothing.",
    ),
    ControlCall(
        area="snapshots", method="POST", path="/snapshots/{name}/restore", summary="Go back to a snapshot",
        serve=_restore,
        errors=_UNKNOWN,
        description="Calls that are delayed are woken and told pos_unavailable; none of them commits.",
    ),
    ControlCall(
        area="snapshots", method="DELETE", path="/snapshots/{name}", summary="Forget a snapshot", serve=_delete,
        errors=_UNKNOWN,
    ),
)  # fmt: skip
