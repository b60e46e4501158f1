"""A single caller whose calls are not delayed, beside 200 callers whose calls are, and whether he notices."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.errors import Unmeasurable
from bench.load.steady_caller import SteadyCaller, summary
from bench.load.wrk import Calls, parse_wrk, wrk_command
from bench.measurement import Measurement, Outcome, spread
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workspace import Workspace

_DELAYED = 200
_DELAY_MS = 250
_RATE = 100
_LISTINGS = 1000
_SCENARIO = f"""\
name: bench-beside
summary: A hold with the header X-Late is answered {_DELAY_MS} ms late.
rules:
  - id: late
    on: hold
    when: {{header: {{X-Late: "*"}}}}
    delay: {_DELAY_MS}ms
"""


def run(workspace: Workspace) -> Outcome:
    """Let the single caller call alone, then beside the others, in turn."""
    scenario = workspace.folder / "bench-beside.yaml"
    scenario.write_text(_SCENARIO)
    inventory = workspace.inventory(listings=_LISTINGS, seats=1000)
    seconds = 2 * workspace.effort.seconds
    alone, beside, others = [], [], []
    with workspace.running(mockpos(inventory, _LISTINGS, "--scenario", str(scenario))) as server:
        _call(server, workspace.effort.warm_up)
        for number in range(1, workspace.effort.rounds + 1):
            workspace.tell(f"round {number} of {workspace.effort.rounds}: the single caller alone")
            alone.append(_call(server, seconds))
            workspace.tell(f"round {number} of {workspace.effort.rounds}: beside {_DELAYED} delayed callers")
            with _delayed_callers(server, seconds + 2) as rates:
                beside.append(_call(server, seconds))
            others.append(rates[0])
    outcome = Outcome()
    outcome.series["alone"] = {"title": "alone", "rounds": alone}
    title = f"beside {_DELAYED} delayed callers"
    outcome.series["beside"] = {"title": title, "delayed_per_s": others, "rounds": beside}
    ratios = [with_them["p99_ms"] / without["p99_ms"] for with_them, without in zip(beside, alone, strict=True)]
    p99s = [f"{spread([one['p99_ms'] for one in rounds]).value:.2f} ms" for rounds in (beside, alone)]
    outcome.values["beside"] = spread(ratios, " against ".join(p99s))
    return outcome


def _call(server: Running, seconds: int) -> dict[str, float]:
    caller = SteadyCaller(server.port, _LISTINGS, rate=_RATE, seconds=seconds)
    return summary([one.since_due for one in caller.finish()])


@contextmanager
def _delayed_callers(server: Running, seconds: int) -> Iterator[list[float]]:
    """Keep the delayed callers calling, who did not begin all at once; the list then has their calls a second."""
    calls = Calls(_LISTINGS, header="X-Late: 1", begin_within_ms=_DELAY_MS)
    command = wrk_command(server.port, calls, callers=_DELAYED, seconds=seconds)
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    rates: list[float] = []
    try:
        time.sleep(1)  # until all of them have begun
        if started.poll() is not None:
            raise Unmeasurable("wrk ended early")
        yield rates
        rates.append(round(parse_wrk(started.communicate()[0]).per_s, 1))
    finally:
        started.kill()
        started.wait()


MEASUREMENT = Measurement(
    name="beside",
    summary=f"a single undelayed caller beside {_DELAYED} callers delayed by {_DELAY_MS} ms",
    run=run,
)
