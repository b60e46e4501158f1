"""Memory of a small inventory after very many calls, and what each remembered Global ID costs."""

import json
import urllib.request
from typing import Any

from bench.measurement import Measurement, Outcome, Value
from bench.rounds import many_calls
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workshop import Workshop

_LISTINGS = 200
_ALLOWED_PER_ID = 300
_KINDS = {
    "holds": "holds only, all of them live at the end",
    "journeys": "holds that are released or invoiced 256 calls later",
}


def run(workshop: Workshop) -> Outcome:
    """Make the calls of each kind on a server of its own; the goal's value is the worse of the two."""
    outcome = Outcome()
    for kind, title in _KINDS.items():
        outcome.series[kind] = {"title": title, **_grown(workshop, kind)}
    found = {kind: series["over_mb"] for kind, series in outcome.series.items()}
    worst = max(found, key=lambda kind: found[kind])
    detail = "; ".join(f"{kind}: {_said(series)}" for kind, series in outcome.series.items())
    outcome.values["memory"] = Value(found[worst], min(found.values()), found[worst], detail)
    return outcome


def _grown(workshop: Workshop, kind: str) -> dict[str, Any]:
    """Make all the calls; note memory and remembered Global IDs along the way."""
    inventory = workshop.inventory(listings=_LISTINGS, seats=40_000)
    points = []
    with workshop.running(mockpos(inventory, _LISTINGS)) as server:
        points.append(_point(server, 0))
        points.extend(_point(server, made) for made in many_calls(workshop, server, workshop.effort.calls, kind=kind))
    first = next(point for point in points if point["calls"] >= min(workshop.effort.calls, 20_000) / 2)
    last = points[-1]
    remembered = last["remembered"] - first["remembered"]
    per_id = round((last["resident_bytes"] - first["resident_bytes"]) / remembered, 1) if remembered else None
    over = last["resident_bytes"] - _ALLOWED_PER_ID * last["remembered"]
    return {"over_mb": round(over / 1e6, 1), "bytes_per_id": per_id, "points": points}


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
