"""Control calls about sandboxes: making, seeing, switching and dropping whole worlds; and snapshots of them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from mockpos.domain.clock import rfc3339
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.keys import DEFAULT
from mockpos.sandboxes.registry import NAME, Beginning
from mockpos.sandboxes.sandbox import Sandbox, Snapshot
from mockpos.server.greenlets import paced
from mockpos.services.quick_start import count_over
from mockpos.validation.schema import Strict, duration, text, truth
from mockpos.web.control.calls import Context, ControlCall, key, name, seed

_UNKNOWN = ("mock_unknown_sandbox",)


class Source(Strict):
    """Where a new sandbox's world comes from: one of the two."""

    json_schema: ClassVar = {"maxProperties": 1}

    fixture = text(metadata={"description": "A shipped world, by its name."})
    sandbox = name(metadata={"description": "Another sandbox as it stands, holds and all."})


class PutSandbox(Strict):
    """What a sandbox begins with; everything may be left out."""

    api_key = key(metadata={"description": "Made up if left out."})
    source = fields.Nested(
        Source, data_key="from",
        metadata={"description": "Left out: the default sandbox's listings, all available again."},
    )  # fmt: skip
    seed = seed(metadata={"description": "Of everything drawn by chance."})
    ttl = duration(metadata={"description": "How long it may go without a call before it is dropped; in real time."})


class NewSandbox(PutSandbox):
    """A new sandbox; everything may be left out."""

    name = name(metadata={"description": "Made up if left out."})


class SwitchedSandbox(Strict):
    """Whether a sandbox's key is let in."""

    enabled = truth(required=True)


class Reset(Strict):
    """What to begin anew with; everything may be left out."""

    fixture = text(metadata={"description": "A shipped world instead of the listings it began with."})
    seed = seed(metadata={"description": "Another seed."})


def _create(context: Context) -> Mapping[str, Any]:
    sandbox = context.mock.sandboxes.create(name=context.body.get("name"), **_beginning(context.body))
    return {**shown(sandbox, context), "api_key": sandbox.api_key}


def _put(context: Context, sandbox_name: str) -> Mapping[str, Any]:
    sandbox = context.mock.sandboxes.put(sandbox_name, **_beginning(context.body))
    return {**shown(sandbox, context), "api_key": sandbox.api_key}


def _beginning(body: Mapping[str, Any]) -> Beginning:
    """Return what a sandbox begins with."""
    source, ttl = body.get("source", {}), body.get("ttl")
    return {
        "api_key": body.get("api_key"),
        "fixture": source.get("fixture"),
        "copy_of": source.get("sandbox"),
        "seed": body.get("seed"),
        "ttl_s": ttl / 1000 if ttl is not None else None,
    }


def _show_all(context: Context) -> Mapping[str, Any]:
    return {"sandboxes": [shown(sandbox, context) for sandbox in context.mock.sandboxes]}


def _show(context: Context, sandbox_name: str) -> Mapping[str, Any]:
    sandbox = found(context, sandbox_name)
    listings = (listing for listing, _ in paced(sandbox.store.listings()))
    over = count_over(listings, sandbox.clock.now())
    return {**shown(sandbox, context), "listings_over": over}


def _switch(context: Context, sandbox_name: str) -> Mapping[str, Any]:
    sandbox = found(context, sandbox_name)
    context.mock.sandboxes.keys.switch(sandbox.api_key, enabled=context.body["enabled"])
    return shown(sandbox, context)


def _delete(context: Context, sandbox_name: str) -> Mapping[str, Any]:
    found(context, sandbox_name)
    return {"deleted": sandbox_name, "sleepers_woken": context.mock.sandboxes.delete(sandbox_name)}


def _reset(context: Context) -> Mapping[str, Any]:
    fixture = context.body.get("fixture")
    origin = context.mock.sandboxes.fixture_world(fixture) if fixture is not None else None
    woken = context.sandbox.reset(origin, context.body.get("seed"))
    listings = context.sandbox.store.listing_count()
    return {
        "sandbox": context.sandbox.name,
        "listings": listings,
        "seed": context.sandbox.seed,
        "sleepers_woken": woken,
    }


def found(context: Context, sandbox_name: str) -> Sandbox:
    """Return a sandbox by its name, or refuse."""
    sandbox = context.mock.sandboxes.get(sandbox_name)
    if sandbox is None:
        raise MockMisuse("mock_unknown_sandbox", f"There is no sandbox called {sandbox_name[:80]!r}.")
    return sandbox


def shown(sandbox: Sandbox, context: Context) -> dict[str, Any]:
    """Describe a sandbox, without its key."""
    owner = context.mock.sandboxes.keys.find(sandbox.api_key)
    live, ended = sandbox.store.hold_counts()
    return {
        "name": sandbox.name,
        "base_path": sandbox.base_path,
        "seed": sandbox.seed,
        "key_enabled": owner is not None and owner.enabled,
        "listings": sandbox.store.listing_count(),
        "holds_live": live,
        "holds_ended": ended,
        "idle_ttl_ms": None if sandbox.ttl_s is None else round(sandbox.ttl_s * 1000),
        "expires_at": context.mock.sandboxes.expires_at(sandbox),
        "persisted": sandbox.name == DEFAULT,
    }


CALLS = (
    ControlCall(
        area="sandboxes", method="GET", path="/sandboxes", summary="List the sandboxes", serve=_show_all,
        description="The keys are not shown; whoever made a sandbox was told its key.",
    ),
    ControlCall(
        area="sandboxes", method="POST", path="/sandboxes", summary="Make a sandbox", serve=_create, body=NewSandbox,
        status=201, body_may_be_missing=True,
        description="A whole world of its own: from the default sandbox's listings, all available again, or from a "
        "shipped fixture, or as a copy of another sandbox as it stands. It costs next to nothing.",
    ),
    ControlCall(
        area="sandboxes", method="GET", path="/sandboxes/{sandbox_name}", summary="Show a sandbox", serve=_show,
        errors=_UNKNOWN,
    ),
    ControlCall(
        area="sandboxes", method="PUT", path="/sandboxes/{sandbox_name}", summary="Make a sandbox, or make it anew",
        serve=_put, body=PutSandbox, body_may_be_missing=True,
        description="The same as POST under a name of your own, and no error when it is there: then it begins anew, "
        "with the same key unless another is given. For a test's set-up that may run twice.",
    ),
    ControlCall(
        area="sandboxes", method="PATCH", path="/sandboxes/{sandbox_name}", summary="Switch a sandbox's key on or off",
        serve=_switch, body=SwitchedSandbox, errors=_UNKNOWN,
        description="Calls with a key that is off get key_not_allowed (403).",
    ),
    ControlCall(
        area="sandboxes", method="DELETE", path="/sandboxes/{sandbox_name}", summary="Drop a sandbox", serve=_delete,
        errors=_UNKNOWN,
        description="Calls that are delayed in it are woken and told pos_unavailable; none of them commits.",
    ),
    ControlCall(
        area="reset", method="POST", path="/reset", summary="Begin a sandbox anew", serve=_reset, body=Reset,
        body_may_be_missing=True,
        description="When it answers the world is new: the listings it began with, or a fixture's; no holds, invoices "
        "or journal; the machine's clock; the scenario of the start with nothing counted; sleepers are awake.",
    ),
)  # fmt: skip


def _show_snapshots(context: Context) -> Mapping[str, Any]:
    return {"snapshots": [_shown_snapshot(name, kept) for name, kept in context.sandbox.snapshots.items()]}


def _take(context: Context, name: str) -> Mapping[str, Any]:
    if NAME.fullmatch(name) is None:
        raise BadInput(f"name: {name[:80]!r} must be 1 to 64 letters, digits, '_' or '-'")
    return _shown_snapshot(name, context.sandbox.take_snapshot(name))


def _restore(context: Context, name: str) -> Mapping[str, Any]:
    woken = context.sandbox.restore(_snapshot(context, name))
    return {"restored": name, "sleepers_woken": woken}


def _forget(context: Context, name: str) -> Mapping[str, Any]:
    _snapshot(context, name)
    context.sandbox.snapshots.pop(name, None)  # another call may have been quicker
    return {"deleted": name}


def _snapshot(context: Context, name: str) -> Snapshot:
    kept = context.sandbox.snapshots.get(name)
    if kept is None:
        raise MockMisuse("mock_unknown_snapshot", f"There is no snapshot called {name[:80]!r}.")
    return kept


def _shown_snapshot(name: str, kept: Snapshot) -> dict[str, Any]:
    return {
        "name": name,
        "listings": len(kept.world.listings),
        "holds_live": len(kept.world.live),
        "committed_at": rfc3339(kept.world.committed_at),
    }


_UNKNOWN_SNAPSHOT = ("mock_unknown_snapshot",)

SNAPSHOT_CALLS = (
    ControlCall(
        area="snapshots", method="GET", path="/snapshots", summary="List the snapshots", serve=_show_snapshots,
        ),
    ControlCall(
        area="snapshots", method="PUT", path="/snapshots/{name}", summary="Take a snapshot, or retake it", serve=_take,
        description="Inventory, holds, clock, scenario and what it has counted. It costs next to nothing.",
    ),
    ControlCall(
        area="snapshots", method="POST", path="/snapshots/{name}/restore", summary="Go back to a snapshot",
        serve=_restore,
        errors=_UNKNOWN_SNAPSHOT,
        description="Calls that are delayed are woken and told pos_unavailable; none of them commits.",
    ),
    ControlCall(
        area="snapshots", method="DELETE", path="/snapshots/{name}", summary="Forget a snapshot", serve=_forget,
        errors=_UNKNOWN_SNAPSHOT,
    ),
)  # fmt: skip
