"""The longest that a call waits beside one large piece of work: many holds that lapse, a large import, a restore.

A single caller holds at a fixed rate; beside it one control call at a time does what is large. The world has many
listings, some of them held, and one listing with tens of thousands of live holds. What a page or a list costs others is
here too. What counts is how long the server worked while the caller waited for one answer: the time by the clock, which
is noted beside it, has the work of others in it on a machine that is not alone.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.errors import Unmeasurable
from bench.load.many_holds import hold_many
from bench.load.steady_caller import SteadyCaller
from bench.load.wrk import FIRST_LISTING
from bench.measurement import Measurement, Outcome, Value
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.workspace import Workspace

_RATE = 200
_BUSY = "BENCH-BUSY"
_SETTLE_S = 0.3
_REPEATS = 3
_JSON, _CSV = "application/json", "text/csv"


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: what it is called, and the call that does it. Work that changes the world is done once."""

    name: str
    method: str
    path: str
    body: bytes = b""
    content_type: str = _JSON
    repeats: int = 1


def _get(*paths: str) -> Iterator[Work]:
    return (Work(path, "GET", path, repeats=_REPEATS) for path in paths)


def _post(name: str, path: str, said: Any = None, *, method: str = "POST", repeats: int = 1) -> Work:
    return Work(name, method, path, b"" if said is None else json.dumps(said).encode(), repeats=repeats)


def _listings(count: int, price: str, stem: str = "BENCH-NEW") -> bytes:
    rows = [{"remote_id": f"{stem}-{n}", "section": "A", "quantity": 4, "wholesale_price": price} for n in range(count)]
    return json.dumps(rows).encode()


def _csv(count: int) -> bytes:
    head = "Event,Venue,Date,Time,Quantity,Section,Row,Seat From,Seat Thru,Notes,Cost,Ticket ID"
    rows = (f"Swans at Larch,Larch Hall,2090-05-01,19:30,2,A,{n},1,2,,10.00,BENCH-CSV-{n}" for n in range(count))
    return "\n".join([head, *rows]).encode()


def _reading() -> list[Work]:
    """Return the work that changes nothing, so that it can be done again and again."""
    return [
        Work("nothing: /healthz", "GET", "/healthz", repeats=_REPEATS),
        *_get("/_mock/audit", "/_mock/audit?sandboxes=all", "/_mock/audit?pending=ok"),
        *_get("/_mock/requests?limit=1000", "/_mock/requests?global_id=none", "/_mock/requests?code=none"),
        *_get("/_mock/holds?limit=1000", f"/_mock/holds?remote_id={_BUSY}&limit=1000", "/_mock/holds?status=released"),
        *_get("/_mock/listings?limit=1000", "/_mock/listings?remote_id=none*", "/_mock/listings/export"),
        *_get("/_mock/listings/export?format=csv", f"/_mock/listings/{_BUSY}", "/_mock/invoices"),
        *_get("/_mock/coverage", "/_mock/timing", "/_mock/scenarios", "/_mock/magic", "/metrics", "/readyz"),
        *_get("/openapi.json", "/_mock/openapi.json", "/docs", "/docs/scenarios", "/docs/control", "/docs/codes"),
        *_get("/_mock/console/", f"/_mock/console/listing?remote_id={_BUSY}"),
        *_get("/_mock/console/calls", "/_mock/console/numbers", "/_mock/console/controls", "/_mock/console/show"),
        _post(
            "verify, nearest", "/_mock/verify", {"operation": "hold", "global_id": "none", "count": 1}, repeats=_REPEATS
        ),
    ]


def _changing(count: int) -> list[Work]:
    """Return the work that changes the world, in an order in which each finds it large."""
    update, replace = (f"/_mock/listings/import?mode={mode}" for mode in ("update", "replace"))
    copied = {"name": "bench-copy", "from": {"sandbox": "default"}}
    return [
        _post("snapshot", "/_mock/snapshots/bench", {}, method="PUT", repeats=_REPEATS),
        _post("copy of a sandbox", "/_mock/sandboxes", copied),
        Work(f"import of {count:,} rows, replace", "POST", f"/s/bench-copy{replace}", _listings(count, "9.00")),
        Work("drop of that copy", "DELETE", "/_mock/sandboxes/bench-copy"),
        Work(f"import of {count:,} new rows, JSON", "POST", update, _listings(count, "10.00")),
        Work(f"import of {count:,} changed rows, JSON", "POST", update, _listings(count, "11.00")),
        Work(f"import of {count:,} rows, nothing new", "POST", update, _listings(count, "11.00"), repeats=_REPEATS),
        Work(f"import of {count:,} rows, CSV", "POST", update, _csv(count), _CSV),
        Work(f"import of {count:,} bad rows", "POST", update, b"[" + b"{}," * (count - 1) + b"{}]", repeats=_REPEATS),
        _post("restore", "/_mock/snapshots/bench/restore", repeats=_REPEATS),
        _post("sell, steal all", "/_mock/pos/sell", {"remote_id": _BUSY, "quantity": 999_000, "steal_held": True}),
        _post("restore after the sale", "/_mock/snapshots/bench/restore"),
        _post("advance: all lapse", "/_mock/clock", {"advance": "25h"}),
        _post("restore after the lapse", "/_mock/snapshots/bench/restore"),
        _post("reset", "/_mock/reset", {}, repeats=_REPEATS),
    ]


def run(workspace: Workspace) -> Outcome:
    """Do each piece of work beside the steady caller; the longest wait of all counts."""
    count = workspace.effort.many_listings
    server = mockpos(workspace.inventory(listings=count, seats=1000), count)
    waits: dict[str, float] = {}
    outcome = Outcome()
    rounds = []
    with workspace.running(server) as running:
        _fill(running, count, workspace.tell)
        for work in (*_reading(), *_changing(count)):
            workspace.tell(f"beside: {work.name}")
            done = [_beside(running, count, work) for _ in range(work.repeats)]
            waits[work.name] = min(one["max_ms"] for one in done)
            rounds.append({"work": work.name, "max_ms": waits[work.name], "rounds": done})
            last = f"answered {done[-1]['status']} in {done[-1]['took_s']} s"
            workspace.tell(f"{work.name}: others waited {waits[work.name]:.0f} ms, {last}")
    outcome.series["beside"] = {"title": "one caller beside a large piece of work", "rounds": rounds}
    worst = max(waits, key=lambda name: waits[name])
    outcome.values["beside_work"] = Value(waits[worst], min(waits.values()), waits[worst], f"beside {worst}")
    return outcome


def _fill(server: Running, count: int, tell: Callable[[str], None]) -> None:
    """Hold as many times as there are listings, most of it on one listing."""
    body = {"remote_id": _BUSY, "section": "FLOOR", "quantity": 1_000_000, "wholesale_price": "10.00"}
    _call(server, _post("", "/_mock/listings", body))
    tell("making holds")
    hold_many(server.port, (_BUSY for _ in range(6 * count // 10)))
    hold_many(server.port, (f"TG-{FIRST_LISTING + n}" for n in range(4 * count // 10)))


def _beside(server: Running, listings: int, work: Work) -> dict[str, float]:
    caller = SteadyCaller(server.port, listings, rate=_RATE, pid=server.pid)
    time.sleep(_SETTLE_S)
    began = time.monotonic()
    status = _call(server, work)
    ended = time.monotonic()
    time.sleep(_SETTLE_S / 3)
    taken = [one for one in caller.stop() if one.answered >= began and one.sent <= ended + 0.05]
    waited, worked = max(one.since_sent for one in taken), max(min(one.worked, one.since_sent) for one in taken)
    return {
        "status": status, "took_s": round(ended - began, 3),
        "max_ms": round(worked * 1000, 1), "by_the_clock_ms": round(waited * 1000, 1),
    }  # fmt: skip


def _call(server: Running, work: Work) -> int:
    """Make a call and read all of its answer. Raises Unmeasurable when it was not found or failed."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    try:
        connection.request(work.method, work.path, work.body or None, {"Content-Type": work.content_type})
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    if answer.status >= 500 or answer.status in (401, 404, 415):
        raise Unmeasurable(f"{work.method} {work.path} was answered {answer.status}: {said[:300]!r}")
    return answer.status


MEASUREMENT = Measurement(
    name="beside-work", summary="the longest wait of a call beside one large piece of work", run=run, tools=()
)
