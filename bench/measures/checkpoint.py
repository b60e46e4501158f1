"""The longest that a call waits while the inventory file is written anew, beside calls that go on."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.errors import Unmeasurable
from bench.load.steady_caller import SteadyCaller, summary
from bench.load.wrk import wrk, wrk_command
from bench.measurement import Measurement, Outcome, Value
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workspace import Workspace

_RATE = 200
_SITUATIONS = {"alone": ("one caller", 0), "busy": ("one caller beside 8 in a closed loop", 8)}
_SMALLEST_LOG = 4_000_000
"""Bytes of log that mockpos lets grow in any case; beyond that, as many as the inventory file has."""
_FILLING_RATE = 1000
_LEAVE_S = 2
_LINE_BYTES = 300
"""More than a hold writes to the log."""
_DEADLINE_S = 600
_LOOK_EVERY_S = 0.005


def run(workspace: Workspace) -> Outcome:
    """Let the log outgrow the file under a single caller, and again with others beside him. The longest wait counts."""
    outcome, longest = Outcome(), {}
    rounds = 1 if workspace.effort.quick else workspace.effort.rounds
    for name, (title, busy) in _SITUATIONS.items():
        done = [_round(workspace, busy, f"round {number} of {rounds}, {title}") for number in range(1, rounds + 1)]
        outcome.series[name] = {"title": title, "rounds": done}
        longest[name] = [one["max_ms"] for one in done]
    every = [stall for stalls in longest.values() for stall in stalls]
    detail = "; ".join(f"{_SITUATIONS[name][0]}: {max(stalls):.1f} ms" for name, stalls in longest.items())
    outcome.values["stall"] = Value(max(every), min(every), max(every), detail)
    return outcome


def _round(workspace: Workspace, busy: int, title: str) -> dict[str, Any]:
    """Fill a new server's log almost to the mark, then watch a steady caller while it goes over it."""
    listings = workspace.effort.many_listings
    server = mockpos(workspace.inventory(listings=listings, seats=1000), listings)
    with workspace.running(server) as running:
        workspace.tell(f"{title}: filling the log")
        _fill_log(running, listings, by_one=not busy)
        workspace.tell(f"{title}: waiting for the checkpoint")
        caller = SteadyCaller(running.port, listings, rate=_RATE)
        with _callers(running, busy):
            began, ended = _await_checkpoint(running.folder)
        taken = caller.stop()
    began -= 4 * _LOOK_EVERY_S  # it was seen a little late
    during = [one for one in taken if one.answered >= began and one.sent <= ended]
    before = [one.since_sent for one in taken if one.answered < began]
    if not before:
        raise Unmeasurable("the checkpoint began before the steady caller did, so its beginning was not seen")
    longest = max(during, key=lambda one: one.since_sent)
    return {
        "took_s": round(ended - began, 3),
        **summary([one.since_sent for one in during]),
        "longest_at_s": round(longest.sent - began, 3),
        "before_max_ms": summary(before)["max_ms"],
    }


def _fill_log(server: Running, listings: int, *, by_one: bool) -> None:
    """Hold until some seconds more of it would bring the checkpoint: of a crowd, or of the one steady caller."""
    file, log = server.folder / "inventory.json", server.folder / "inventory.json.log"
    mark, size, grown = max(_SMALLEST_LOG, file.stat().st_size), 0, 0
    while size + _LEAVE_S * grown < mark:
        wrk(server.port, server.server.calls, seconds=1)
        grown, size = log.stat().st_size - size, log.stat().st_size
        if grown <= 0:
            raise Unmeasurable("a checkpoint came before its time: the log did not grow to the size of the file")
    if not by_one:
        return
    caller = SteadyCaller(server.port, listings, rate=_FILLING_RATE)
    left = _LEAVE_S * _RATE * _LINE_BYTES
    while log.stat().st_size + left < mark:
        time.sleep(_LOOK_EVERY_S)
    caller.stop()


@contextmanager
def _callers(server: Running, callers: int) -> Iterator[None]:
    """Keep callers calling in a closed loop meanwhile; none at all for 0."""
    if not callers:
        yield
        return
    command = wrk_command(server.port, server.server.calls, callers=callers, seconds=_DEADLINE_S)
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        started.kill()
        started.wait()


def _await_checkpoint(folder: Path) -> tuple[float, float]:
    """Return when a checkpoint began and ended (monotonic seconds): while it runs, the log before it lies there too."""
    deadline = time.monotonic() + _DEADLINE_S
    began = None
    while time.monotonic() < deadline:
        if any(path.suffix[1:].isdecimal() for path in folder.glob("inventory.json.log.*")):
            began = began or time.monotonic()
        elif began is not None:
            return began, time.monotonic()
        time.sleep(_LOOK_EVERY_S)
    raise Unmeasurable(f"no checkpoint came within {_DEADLINE_S} s, though the log outgrew the file")


MEASUREMENT = Measurement(
    name="checkpoint", summary="the longest wait of a call while the inventory file is written anew", run=run
)
