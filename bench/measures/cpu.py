"""CPU per hold: mockpos against a bare Flask echo on the same worker, and against the stubs of the field."""

from contextlib import ExitStack

from bench.measurement import Measurement, Outcome
from bench.rounds import cpu_ratio, in_turn, series
from bench.servers.echo import echo
from bench.servers.mockoon import mockoon
from bench.servers.mockpos_serve import mockpos
from bench.servers.mountebank import mountebank
from bench.servers.prism import prism
from bench.servers.wiremock import wiremock
from bench.workshop import Workshop

_LISTINGS = 1000


def run(workshop: Workshop) -> Outcome:
    """Put all of them under the same load, in turn."""
    ours = mockpos(workshop.inventory(listings=_LISTINGS, seats=1000), _LISTINGS)
    servers = [ours, *workshop.wanted(echo(), wiremock(), mountebank(), prism(), mockoon())]
    outcome = Outcome()
    with ExitStack() as stack:
        started = [stack.enter_context(workshop.running(server)) for server in servers]
        rounds = in_turn(workshop, started)
    for server, done in zip(servers, rounds, strict=True):
        outcome.series[server.name] = series(done, title=server.title)
        outcome.values[f"cpu_{server.name}"] = cpu_ratio(rounds[0], done)
    return outcome


MEASUREMENT = Measurement(
    name="cpu",
    summary="CPU per hold, holds a second and latency, beside a bare Flask echo and the field's stubs",
    run=run,
    servers=("echo", "wiremock", "mountebank", "prism", "mockoon"),
)
