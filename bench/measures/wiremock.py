"""WireMock's stub over three minutes: with its journal as it comes, bounded as mockpos's is, and without one.

Its compiler goes on improving it for minutes, while the unbounded journal takes gigabytes; so a short run compares
nothing that lasts. mockpos is measured before and after each.
"""

from bench.measurement import Measurement, Outcome
from bench.rounds import Round, cpu_ratio, one_round, series
from bench.servers.mockpos_serve import mockpos
from bench.servers.wiremock import JOURNALS, wiremock
from bench.workspace import Workspace

_LISTINGS = 1000
_WARM_S = {"full": 150, "quick": 2}


def run(workspace: Workspace) -> Outcome:
    """Load each kind of WireMock for minutes, then measure it in rounds that alternate with mockpos."""
    ours = mockpos(workspace.inventory(listings=_LISTINGS, seats=20_000), _LISTINGS)
    warm = _WARM_S["quick" if workspace.effort.quick else "full"]
    outcome = Outcome()
    with workspace.running(ours) as mine:
        one_round(mine, seconds=workspace.effort.warm_up)
        for journal in JOURNALS:
            server = wiremock(journal=journal)
            with workspace.running(server) as other:
                workspace.tell(f"warming {server.title} up for {warm} s")
                one_round(other, seconds=warm)
                rounds: tuple[list[Round], list[Round]] = [], []
                for number in range(1, workspace.effort.rounds + 1):
                    workspace.tell(f"round {number} of {workspace.effort.rounds}: mockpos and {server.title}")
                    for running, done in zip((mine, other), rounds, strict=True):
                        done.append(one_round(running, seconds=workspace.effort.seconds))
            outcome.series[server.name] = series(rounds[1], title=server.title)
            outcome.series[f"mockpos_{journal}"] = series(rounds[0], title=f"mockpos beside {server.title}")
            outcome.values[f"wiremock_{journal}"] = cpu_ratio(*rounds)
    return outcome


MEASUREMENT = Measurement(
    name="wiremock",
    summary="CPU per hold beside WireMock's stub that has been loaded for minutes",
    run=run,
    tools=("wrk", "java", "wiremock"),
)
