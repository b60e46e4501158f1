"""Rounds of load on several servers in turn, so that what disturbs the machine disturbs all of them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from bench.load.wrk import Load, wrk
from bench.measurement import Value, spread
from bench.servers.server import Running
from bench.workspace import Workspace

CALLERS = 32
_SLICE_S = 10


@dataclass(frozen=True, slots=True)
class Round:
    """One server under load once: the load, microseconds of CPU a call, resident bytes after it."""

    load: Load
    cpu_us: float
    resident_bytes: int

    def document(self) -> dict[str, Any]:
        """Return it for a results file."""
        return {"cpu_us": round(self.cpu_us, 1), "resident_bytes": self.resident_bytes, **self.load.document()}


def one_round(server: Running, *, seconds: int, callers: int = CALLERS) -> Round:
    """Put a server under load for ``seconds``; count the CPU of all its processes. Raises Unmeasurable."""
    before = server.cpu_s()
    load = wrk(server.port, server.server.calls, callers=callers, seconds=seconds)
    spent = server.cpu_s() - before
    return Round(load, spent / load.requests * 1e6, server.resident_bytes())


def in_turn(workspace: Workspace, servers: Sequence[Running], *, warm: bool = False) -> list[list[Round]]:
    """Return the rounds of each server: all are warmed up unless they are ``warm``, then one round each, and again."""
    effort = workspace.effort
    if not warm:
        for server in servers:
            workspace.tell(f"warming up {server.server.title}")
            one_round(server, seconds=effort.warm_up)
    rounds: list[list[Round]] = [[] for _ in servers]
    for number in range(1, effort.rounds + 1):
        for server, done in zip(servers, rounds, strict=True):
            workspace.tell(f"round {number} of {effort.rounds}: {server.server.title}")
            done.append(one_round(server, seconds=effort.seconds))
    return rounds


def series(rounds: Sequence[Round], **more: Any) -> dict[str, Any]:
    """Return raw rounds with their medians for a results file."""
    documents = [one.document() for one in rounds]
    names = ("cpu_us", "per_s", "p50_us", "p99_us", "resident_bytes")
    medians = {name: median(document[name] for document in documents) for name in names}
    return {"median": medians, **more, "rounds": documents}


def cpu_ratio(ours: Sequence[Round], theirs: Sequence[Round]) -> Value:
    """Return CPU per call against another's, taken round by round."""
    ratios = [mine.cpu_us / other.cpu_us for mine, other in zip(ours, theirs, strict=True)]
    mine, other = (median(one.cpu_us for one in rounds) for rounds in (ours, theirs))
    return spread(ratios, f"{mine:,.0f} us against {other:,.0f} us")


def many_calls(workspace: Workspace, server: Running, wanted: int, *, kind: str = "holds") -> Iterator[int]:
    """Make about ``wanted`` calls in slices; yield how many were made so far after each. Raises Unmeasurable."""
    calls = replace(server.server.calls, kind=kind)
    made, per_s = 0, 0.0
    while made < wanted:
        seconds = min(_SLICE_S, math.ceil((wanted - made) / per_s)) if per_s else 1
        load = wrk(server.port, calls, callers=CALLERS, seconds=seconds)
        made, per_s = made + load.requests, load.per_s
        workspace.tell(f"{made:,} of {wanted:,} calls made")
        yield made
