"""CPU per hold of a server that has just been started, as a test run or a demo has it: mockpos against WireMock.

WireMock's compiler goes on improving it for minutes: ``wiremock`` compares what comes then.
"""

from bench.measurement import Measurement, Outcome
from bench.rounds import Round, cpu_ratio, one_round, series
from bench.servers.mockpos_serve import mockpos
from bench.servers.wiremock import wiremock
from bench.workspace import Workspace

_LISTINGS = 1000


def run(workspace: Workspace) -> Outcome:
    """Start each anew for every round, and put it under load at once."""
    servers = [
        mockpos(workspace.inventory(listings=_LISTINGS, seats=10_000), _LISTINGS),
        *workspace.wanted(wiremock()),
    ]
    rounds: list[list[Round]] = [[] for _ in servers]
    for number in range(1, workspace.effort.rounds + 1):
        for server, done in zip(servers, rounds, strict=True):
            with workspace.running(server) as started:
                workspace.tell(f"round {number} of {workspace.effort.rounds}: {server.title}, just started")
                done.append(one_round(started, seconds=2 * workspace.effort.seconds))
    outcome = Outcome()
    for server, done in zip(servers, rounds, strict=True):
        outcome.series[server.name] = series(done, title=server.title)
        outcome.values[f"fresh_{server.name}"] = cpu_ratio(rounds[0], done)
    return outcome


MEASUREMENT = Measurement(
    name="fresh", summary="CPU per hold in the first seconds after a start", run=run, servers=("wiremock",)
)
