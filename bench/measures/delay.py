"""500 callers, every call delayed by 250 ms by the tool's own delay: what comes of the ideal 2,000 a second."""

from bench.measurement import Measurement, Outcome, spread
from bench.rounds import Round, cpu_ratio, one_round, series
from bench.servers.mockoon import mockoon
from bench.servers.mockpos_serve import mockpos
from bench.servers.mountebank import mountebank
from bench.servers.previous import previous
from bench.servers.server import Server
from bench.servers.wiremock import wiremock
from bench.workspace import Workspace

DELAY_MS = 250
_CALLERS = 500
_IDEAL = _CALLERS * 1000 / DELAY_MS
_LISTINGS = 1000
_SCENARIO = f"""\
name: bench-delay
summary: Every hold is answered {DELAY_MS} ms late.
rules:
  - id: late
    on: hold
    delay: {DELAY_MS}ms
"""


def run(workspace: Workspace) -> Outcome:
    """Put each under the load of all callers, in turn."""
    servers = [*_both(workspace), *workspace.wanted(wiremock(DELAY_MS), mountebank(DELAY_MS), mockoon(DELAY_MS))]
    outcome = Outcome()
    rounds: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(1, workspace.effort.rounds + 1):
        for server in servers:
            with workspace.running(server) as running:
                one_round(running, seconds=max(1, workspace.effort.warm_up // 3))
                workspace.tell(f"round {number} of {workspace.effort.rounds}: {server.title}")
                rounds[server.name].append(one_round(running, seconds=workspace.effort.seconds, callers=_CALLERS))
    for server in servers:
        done = rounds[server.name]
        shares = [one.load.per_s / _IDEAL * 100 for one in done]
        outcome.series[server.name] = series(done, title=server.title, share_percent=[round(x, 1) for x in shares])
        outcome.values["delay" if server.name == "mockpos" else f"delay_{server.name}"] = spread(
            shares, f"{outcome.series[server.name]['median']['per_s']:,.0f}/s of {_IDEAL:,.0f}/s"
        )
    outcome.values["delay_cpu"] = cpu_ratio(rounds["mockpos"], rounds["previous"])
    return outcome


def _both(workspace: Workspace) -> tuple[Server, Server]:
    """Return mockpos as it is, and as it was before the redesign."""
    scenario = workspace.folder / "bench-delay.yaml"
    scenario.write_text(_SCENARIO)
    inventory = workspace.inventory(listings=_LISTINGS, seats=10_000)
    options = ("--scenario", str(scenario))
    return mockpos(inventory, _LISTINGS, *options), previous(inventory, _LISTINGS, *options)


MEASUREMENT = Measurement(
    name="delay",
    summary=f"{_CALLERS} callers at a delay of {DELAY_MS} ms",
    run=run,
    tools=("wrk", "previous"),
    servers=("wiremock", "mountebank", "mockoon"),
)
