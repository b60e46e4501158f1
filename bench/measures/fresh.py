"""CPU per hold of a server that has just been started, as a test run or a demo has it: mockpos against WireMock.

The figures to beat that the goals come from were taken so: WireMock had 980 MB when they ended, which is some twenty
seconds of load. Its JIT compiler goes on for minutes; ``cpu`` compares what comes after a warm-up.
"""

from bench.measurement import Measurement, Outcome
from bench.rounds import Round, cpu_ratio, one_round, series
from bench.servers.mockpos_serve import mockpos
from bench.servers.wiremock import wiremock
from bench.workshop import Workshop

_LISTINGS = 1000


def run(workshop: Workshop) -> Outcome:
    """Start each anew for every round, and put it under load at once."""
    servers = [
        mockpos(workshop.inventory(listings=_LISTINGS, seats=1000), _LISTINGS),
        *workshop.wanted(wiremock()),
    ]
    rounds: list[list[Round]] = [[] for _ in servers]
    for number in range(1, workshop.effort.rounds + 1):
        for server, done in zip(servers, rounds, strict=True):
            with workshop.running(server) as started:
                workshop.tell(f"round {number} of {workshop.effort.rounds}: {server.title}, just started")
                done.append(one_round(started, seconds=2 * workshop.effort.seconds))
    outcome = Outcome()
    for server, done in zip(servers, rounds, strict=True):
        outcome.series[server.name] = series(done, title=server.title)
        outcome.values[f"fresh_{server.name}"] = cpu_ratio(rounds[0], done)
    return outcome


MEASUREMENT = Measurement(
    name="fresh", summary="CPU per hold in the first seconds after a start", run=run, servers=("wiremock",)
)
