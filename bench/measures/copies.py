"""How long a copy of a large world takes: a snapshot, and a sandbox made from it."""

import http.client
import json
import time

from bench.errors import Unmeasurable
from bench.measurement import Measurement, Outcome, spread
from bench.rounds import many_calls
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workspace import Workspace

_COPIES = 10


def run(workspace: Workspace) -> Outcome:
    """Copy a world with many listings, of which a part is held; the slower of the two kinds counts."""
    listings = workspace.effort.many_listings
    outcome = Outcome()
    server = mockpos(workspace.inventory(listings=listings, seats=1000), listings)
    with workspace.running(server) as running:
        for _ in many_calls(workspace, running, min(listings, workspace.effort.calls)):
            pass
        snapshots = [_timed(running, "PUT", f"/_mock/snapshots/bench-{n}", {}) for n in range(_COPIES)]
        body = {"from": {"sandbox": "default"}}
        sandboxes = [_timed(running, "POST", "/_mock/sandboxes", body) for _ in range(_COPIES)]
    titles = {"snapshots": f"a snapshot of {listings:,} listings", "sandboxes": f"a sandbox of {listings:,} listings"}
    for name, taken in (("snapshots", snapshots), ("sandboxes", sandboxes)):
        outcome.series[name] = {"title": titles[name], "rounds": [{"took_ms": round(ms, 2)} for ms in taken]}
    slower = max(snapshots, sandboxes, key=lambda taken: sum(taken))
    outcome.values["copies"] = spread(slower, f"{_COPIES} snapshots and {_COPIES} sandboxes of {listings:,} listings")
    return outcome


def _timed(server: Running, method: str, path: str, body: dict[str, object]) -> float:
    """Return how many milliseconds a control call took. Raises Unmeasurable when it was refused."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.connect()
        began = time.perf_counter()
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        took = time.perf_counter() - began
    finally:
        connection.close()
    if answer.status >= 300:
        raise Unmeasurable(f"{method} {path} was answered {answer.status}: {said[:300]!r}")
    return took * 1000


MEASUREMENT = Measurement(name="copies", summary="how long a copy of a large world takes", run=run)
