"""mockpos against itself before the redesign: CPU, rate and latency of holds, releases and invoices, round by round."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from bench.measurement import Measurement, Outcome, Value, spread
from bench.rounds import Round, cpu_ratio, in_turn, series
from bench.servers.mockpos_serve import mockpos
from bench.servers.previous import previous
from bench.servers.server import Running
from bench.workspace import Workspace

_LISTINGS = 1000
_KINDS = {
    "holds": "holds alone",
    "releases": "holds and, for each, its release",
    "invoices": "holds and, for each, its invoice",
}


def run(workspace: Workspace) -> Outcome:
    """Put both under the same load in turn, once for each kind of calls."""
    inventory = workspace.inventory(listings=_LISTINGS, seats=20_000)
    outcome = Outcome()
    ours, theirs = mockpos(inventory, _LISTINGS), previous(inventory, _LISTINGS)
    with workspace.running(ours) as now, workspace.running(theirs) as before:
        for kind, title in _KINDS.items():
            workspace.tell(f"previous: {title}")
            mine, other = in_turn(workspace, [_calling(now, kind), _calling(before, kind)], warm=kind != "holds")
            outcome.series[f"{kind}_now"] = series(mine, title=f"{title}, now")
            outcome.series[f"{kind}_before"] = series(other, title=f"{title}, {theirs.title}")
            outcome.values[f"previous_{kind}"] = cpu_ratio(mine, other)
            if kind == "holds":
                outcome.values["previous_rate"] = _ratio(mine, other, lambda one: one.load.per_s, "{:,.0f}/s")
                outcome.values["previous_p99"] = _ratio(mine, other, lambda one: one.load.p99_us / 1000, "{:.1f} ms")
                outcome.values["fairness"] = _fairness(mine)
    return outcome


def _calling(server: Running, kind: str) -> Running:
    """Return the same running server, to be called with another kind of calls."""
    return replace(server, server=replace(server.server, calls=replace(server.server.calls, kind=kind)))


def _ratio(ours: Sequence[Round], theirs: Sequence[Round], of: Callable[[Round], float], words: str) -> Value:
    """Return the ratio of one figure, taken round by round."""
    medians = [words.format(median(map(of, rounds))) for rounds in (ours, theirs)]
    return spread([of(mine) / of(other) for mine, other in zip(ours, theirs, strict=True)], " against ".join(medians))


def _fairness(rounds: Sequence[Round]) -> Value:
    """Return how much longer than usual one call in a hundred takes while 32 callers call without a pause."""
    p99, p50 = (median(getattr(one.load, name) for one in rounds) / 1000 for name in ("p99_us", "p50_us"))
    return spread([one.load.p99_us / one.load.p50_us for one in rounds], f"p99 {p99:.1f} ms, p50 {p50:.1f} ms")


MEASUREMENT = Measurement(
    name="previous",
    summary="CPU, rate and latency beside mockpos before the redesign",
    run=run,
    tools=("wrk", "previous"),
)
