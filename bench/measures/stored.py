"""Holds a second against json-server, the one tool of the field that stores what it is sent."""

import json

from bench.measurement import Measurement, Outcome, spread
from bench.rounds import Round, one_round, series
from bench.servers.json_server import json_server
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workspace import Workspace

_LISTINGS = 1000
_WARM_UP_S = 1
_SECONDS = 2
"""Short: json-server writes all its rows at each call, and slows down with every hold that it stores."""


def run(workspace: Workspace) -> Outcome:
    """Start json-server anew for each round, so that it has 1,000 rows; mockpos keeps what it has."""
    inventory = workspace.inventory(listings=_LISTINGS, seats=10_000)
    ours: list[Round] = []
    theirs: list[Round] = []
    rows = []
    with workspace.running(mockpos(inventory, _LISTINGS)) as running:
        one_round(running, seconds=workspace.effort.warm_up)
        for number in range(1, workspace.effort.rounds + 1):
            workspace.tell(f"round {number} of {workspace.effort.rounds}")
            ours.append(one_round(running, seconds=workspace.effort.seconds))
            with workspace.running(json_server(inventory, _LISTINGS)) as other:
                one_round(other, seconds=_WARM_UP_S)
                before = _rows(other)
                theirs.append(one_round(other, seconds=_SECONDS))
                rows.append([before, before + theirs[-1].load.requests])
    outcome = Outcome()
    outcome.series["mockpos"] = series(ours, title="mockpos")
    outcome.series["json_server"] = series(theirs, title="json-server, storing", rows=rows)
    ratios = [mine.load.per_s / other.load.per_s for mine, other in zip(ours, theirs, strict=True)]
    medians = [outcome.series[name]["median"]["per_s"] for name in ("mockpos", "json_server")]
    outcome.values["stored"] = spread(ratios, f"{medians[0]:,.0f}/s against {medians[1]:,.0f}/s")
    outcome.notes.append(f"json-server had {min(low for low, _ in rows):,} to {max(high for _, high in rows):,} rows")
    return outcome


def _rows(server: Running) -> int:
    """Return how many rows json-server has in its file."""
    return sum(len(table) for table in json.loads((server.folder / "db.json").read_bytes()).values())


MEASUREMENT = Measurement(
    name="stored",
    summary="holds a second beside json-server, which stores them too",
    run=run,
    tools=("wrk", "node", "json_server"),
)
