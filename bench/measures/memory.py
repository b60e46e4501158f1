"""Memory of a small inventory after very many calls, as tests and demos make them, and of holds that nobody ends."""

import json
import urllib.request
from typing import Any

from bench.measurement import Measurement, Outcome, Value
from bench.rounds import many_calls
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workspace import Workspace

_LISTINGS = 200
_KINDS = {
    "journeys": "holds that are released or invoiced 256 calls later",
    "holds": "holds only, all of them live at the end",
}


def run(workspace: Workspace) -> Outcome:
    """Make the calls of each kind on a server of its own.

    The goal is about holds that end: the settings bound what is remembered of those, and live holds are not bounded.
    """
    outcome = Outcome()
    for kind, title in _KINDS.items():
        outcome.series[kind] = {"title": title, **_grown(workspace, kind)}
    found = outcome.series["journeys"]["points"][-1]["resident_bytes"] / 1e6
    detail = "; ".join(f"{kind}: {_said(series)}" for kind, series in outcome.series.items())
    outcome.values["memory"] = Value(found, found, found, detail)
    return outcome


def _grown(workspace: Workspace, kind: str) -> dict[str, Any]:
    """Make all the calls; note memory and remembered Global IDs along the way."""
    inventory = workspace.inventory(listings=_LISTINGS, seats=40_000)
    points = []
    with workspace.running(mockpos(inventory, _LISTINGS)) as server:
        points.append(_point(server, 0))
        points.extend(_point(server, made) for made in many_calls(workspace, server, workspace.effort.calls, kind=kind))
    first = next(point for point in points if point["calls"] >= min(workspace.effort.calls, 20_000) / 2)
    last = points[-1]
    remembered = last["remembered"] - first["remembered"]
    per_id = round((last["resident_bytes"] - first["resident_bytes"]) / remembered, 1) if remembered else None
    return {"bytes_per_id": per_id, "points": points}


def _point(server: Running, calls: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/_mock/sandboxes", timeout=60) as answer:
        default = json.load(answer)["sandboxes"][0]
    remembered = default["holds_live"] + default["holds_ended"]
    return {"calls": calls, "remembered": remembered, "resident_bytes": server.resident_bytes()}


def _said(series: dict[str, Any]) -> str:
    last = series["points"][-1]
    resident = f"{last['resident_bytes'] / 1e6:,.0f} MB with {last['remembered']:,} remembered"
    each = series["bytes_per_id"]
    return resident if each is None else f"{resident}, {each:,.0f} bytes each"


MEASUREMENT = Measurement(name="memory", summary="memory of 200 listings after very many calls", run=run)
