"""From the start of the program to its first answered hold."""

from statistics import median
from typing import Any

from bench.measurement import Measurement, Outcome, Value, spread
from bench.servers.json_server import json_server
from bench.servers.mockoon import mockoon
from bench.servers.mockpos_serve import mockpos
from bench.servers.mountebank import mountebank
from bench.servers.prism import prism
from bench.servers.server import Server
from bench.servers.wiremock import wiremock
from bench.workspace import Workspace

_FEW = 200


def run(workspace: Workspace) -> Outcome:
    """Start each of them again and again, in turn; the first time is to warm the disk's cache and does not count."""
    many = workspace.effort.many_listings
    few_file = workspace.inventory(listings=_FEW, seats=1000)
    servers = {
        "mockpos_new": (mockpos(None, _FEW), "mockpos, 200 listings, first start: it makes the file"),
        "mockpos_few": (mockpos(few_file, _FEW), "mockpos, 200 listings"),
        "mockpos_many": (mockpos(workspace.inventory(listings=many, seats=1000), many), f"mockpos, {many:,} listings"),
    }
    for other in workspace.wanted(wiremock(), mountebank(), prism(), mockoon(), json_server(few_file, _FEW)):
        servers[other.name] = (other, other.title)
    outcome = Outcome()
    taken = _starts(workspace, {name: server for name, (server, _) in servers.items()})
    for name, (_, title) in servers.items():
        outcome.series[name] = _series(title, taken[name])
    values = {name: spread(found) for name, found in taken.items() if name.startswith("mockpos")}
    outcome.values["start_few"] = _slower(values["mockpos_new"], values["mockpos_few"])
    outcome.values["start_many"] = values["mockpos_many"]
    return outcome


def _starts(workspace: Workspace, servers: dict[str, Server]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(workspace.effort.starts + 1):
        for name, server in servers.items():
            with workspace.running(server) as running:
                if number:
                    taken[name].append(running.ready_s)
    return taken


def _series(title: str, taken: list[float]) -> dict[str, Any]:
    return {
        "title": title,
        "median": {"ready_s": median(taken)},
        "rounds": [{"ready_s": round(one, 4)} for one in taken],
    }


def _slower(new: Value, there: Value) -> Value:
    """Return the slower of a start that makes the file and one that finds it."""
    detail = f"{new.value:.2f} s when it makes the file, {there.value:.2f} s when it is there"
    worst = max(new, there, key=lambda value: value.value)
    return Value(worst.value, worst.low, worst.high, detail)


MEASUREMENT = Measurement(
    name="start",
    summary="start to first answered hold",
    run=run,
    tools=(),
    servers=("wiremock", "mountebank", "prism", "mockoon", "json_server"),
)
