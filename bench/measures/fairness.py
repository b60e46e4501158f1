"""Fairness under saturation: how much longer than usual a caller may wait when 32 call without a pause."""

from bench.measurement import Measurement, Outcome, spread
from bench.rounds import in_turn, series
from bench.servers.mockpos_serve import mockpos
from bench.workshop import Workshop

_LISTINGS = 1000


def run(workshop: Workshop) -> Outcome:
    """Compare p99 and p50 of each round."""
    ours = mockpos(workshop.inventory(listings=_LISTINGS, seats=1000), _LISTINGS)
    with workshop.running(ours) as server:
        [rounds] = in_turn(workshop, [server])
    outcome = Outcome()
    outcome.series["mockpos"] = series(rounds, title="mockpos")
    medians = outcome.series["mockpos"]["median"]
    detail = f"p99 {medians['p99_us'] / 1000:.1f} ms, p50 {medians['p50_us'] / 1000:.1f} ms"
    outcome.values["fairness"] = spread([one.load.p99_us / one.load.p50_us for one in rounds], detail)
    return outcome


MEASUREMENT = Measurement(name="fairness", summary="p99 against p50 of 32 callers in a closed loop", run=run)
