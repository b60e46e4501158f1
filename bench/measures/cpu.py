"""CPU per hold: mockpos against the stubs of other tools, and a bare Flask echo on the same worker."""

from contextlib import ExitStack

from bench.measurement import Measurement, Outcome
from bench.rounds import cpu_ratio, in_turn, series
from bench.servers.echo import echo
from bench.servers.mockoon import mockoon
from bench.servers.mockpos_serve import mockpos
from bench.servers.mountebank import mountebank
from bench.servers.prism import prism
from bench.workspace import Workspace

_LISTINGS = 1000


def run(workspace: Workspace) -> Outcome:
    """Put all of them under the same load, in turn."""
    ours = mockpos(workspace.inventory(listings=_LISTINGS, seats=10_000), _LISTINGS)
    servers = [ours, *workspace.wanted(echo(), mountebank(), prism(), mockoon())]
    outcome = Outcome()
    with ExitStack() as stack:
        started = [stack.enter_context(workspace.running(server)) for server in servers]
        rounds = in_turn(workspace, started)
    for server, done in zip(servers, rounds, strict=True):
        outcome.series[server.name] = series(done, title=server.title)
        outcome.values[f"cpu_{server.name}"] = cpu_ratio(rounds[0], done)
    return outcome


MEASUREMENT = Measurement(
    name="cpu",
    summary="CPU per hold, holds a second and latency, beside other tools' stubs and a bare Flask echo",
    run=run,
    servers=("echo", "mountebank", "prism", "mockoon"),
)
