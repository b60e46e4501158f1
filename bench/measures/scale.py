"""What a very large inventory, and a long past, cost: CPU per hold, and memory per listing."""

from bench.measurement import Measurement, Outcome, Value
from bench.process import peak_bytes
from bench.rounds import cpu_ratio, in_turn, many_calls, series
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workspace import Workspace

_FEW = 1000
_SEATS = 1000


def run(workspace: Workspace) -> Outcome:
    """Compare many listings with few, then again when many earlier holds have been made on the many."""
    many, outcome = workspace.effort.a_lot_of_listings, Outcome()
    few_file = workspace.inventory(listings=_FEW, seats=10 * _SEATS)
    only_events = _resident_with_the_events_alone(workspace)
    with workspace.running(mockpos(workspace.inventory(listings=many, seats=_SEATS), many)) as large:
        _note_memory(outcome, large, only_events, many)
        with workspace.running(mockpos(few_file, _FEW)) as small:
            theirs, ours = in_turn(workspace, [small, large])
        outcome.values["scale_listings"] = cpu_ratio(ours, theirs)
        outcome.series["few"] = series(theirs, title=f"{_FEW:,} listings")
        outcome.series["many"] = series(ours, title=f"{many:,} listings", ready_s=round(large.ready_s, 2))
        for made in many_calls(workspace, large, workspace.effort.calls):
            outcome.series["many"]["earlier_holds"] = made
        with workspace.running(mockpos(few_file, _FEW)) as small:
            theirs, ours = in_turn(workspace, [small, large])
        outcome.values["scale_holds"] = cpu_ratio(ours, theirs)
        outcome.series["few_again"] = series(theirs, title=f"{_FEW:,} listings, started anew")
        title = f"{many:,} listings after {outcome.series['many']['earlier_holds']:,} more holds"
        outcome.series["many_after_holds"] = series(ours, title=title)
    return outcome


def _resident_with_the_events_alone(workspace: Workspace) -> int:
    """Return the memory of a server that has all the events of the large inventory, but few of its listings."""
    inventory = workspace.inventory(listings=workspace.effort.a_lot_of_listings, seats=_SEATS, keep=_FEW)
    with workspace.running(mockpos(inventory, _FEW)) as server:
        return server.resident_bytes()


def _note_memory(outcome: Outcome, large: Running, only_events: int, listings: int) -> None:
    loaded = large.resident_bytes()
    each = (loaded - only_events) / (listings - _FEW)
    outcome.series["memory"] = {
        "title": "memory after load",
        "loaded_bytes": loaded,
        "peak_bytes": peak_bytes(large.pid),
        "events_and_few_listings_bytes": only_events,
    }
    detail = f"{loaded / 1e6:,.0f} MB, and {only_events / 1e6:,.0f} MB with the events and {_FEW:,} listings alone"
    outcome.values["listing_bytes"] = Value(each, each, each, detail)


MEASUREMENT = Measurement(name="scale", summary="CPU per hold and memory of a very large inventory", run=run)
