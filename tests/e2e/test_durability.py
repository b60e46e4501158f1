"""``--durability disk``, watched from outside: no byte of an answer is sent before the disk has what it tells."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import RunningServer, running_server
from tests.e2e.system_calls import UNDER_STRACE, Disk
from tests.golden.control_calls import CALLS, Call, hold, invoice, product

WORLD = Path(__file__).parent.parent / "golden/world.json"
BROKEN = {"name": "broken", "rules": [
    {"id": kind, "on": "hold", "when": {"global_id": {"prefix": kind}}, "fault": kind, "phase": "after_commit"}
    for kind in ("truncate", "malformed", "drip", "empty", "reset")
]}  # fmt: skip
CHANGES = {
    "POST /v1/holds", "DELETE /v1/holds/checkout-2", "POST /v1/invoices", "DELETE /v1/holds/never-held",
    "POST /_mock/clock", "POST /_mock/reset", "POST /_mock/listings", "PATCH /_mock/listings/TG-9001",
    "DELETE /_mock/listings/TG-9001", "POST /_mock/listings/import?mode=update", "POST /_mock/pos/sell",
    "POST /_mock/pos/retire", "POST /_mock/pos/reprice", "POST /_mock/pos/expire-hold",
    "POST /_mock/snapshots/before-checkout/restore", "POST /_mock/console/act/reprice",
    "POST /_mock/console/act/clock", "POST /_mock/console/act/reset", "POST /_mock/console/act/undo",
}  # fmt: skip
"""Calls that wrote something in the run below: that the others are early too would else go unseen."""


@pytest.fixture
def traced(real_disk: Path) -> Iterator[RunningServer]:
    (real_disk / "inventory.json").write_bytes(WORLD.read_bytes())
    with running_server(real_disk, "--quiet", "--durability", "disk", program=UNDER_STRACE) as server:
        yield server


def followed(server: RunningServer) -> Disk:
    """Stop a server and return what it did."""
    assert server.stop() == 0
    inventory, trace = server.folder / "inventory.json", server.folder / "strace.txt"
    deadline = time.monotonic() + 10
    while "+++ exited" not in trace.read_text().rpartition("\n" + str(server.process.pid))[2]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return Disk(str(inventory)).follow(trace)


def send(url: str, call: Call) -> bool:
    """Make a call; return whether any answer came, whole or broken."""
    headers, body = dict(call.headers), call.body
    given: dict[str, Any] = {"content": body} if isinstance(body, str) else {"json": body} if body is not None else {}
    try:
        with httpx.stream(call.method, url + call.path, headers=headers, timeout=30, **given) as answer:
            if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                answer.read()
    except httpx.RemoteProtocolError as error:
        return "without sending" not in str(error)
    except httpx.ReadError:
        return False
    return True


def act(action: str, **form: str) -> Call:
    content = "&".join(f"{field}={value}" for field, value in form.items())
    return Call("POST", f"/_mock/console/act/{action}", content, {"Content-Type": "application/x-www-form-urlencoded"})


def broken(kind: str) -> Call:
    return hold("TG-GA", 1, f"{kind}-1")


def test_whatever_is_told_is_on_the_disk_first(traced: RunningServer) -> None:
    set_broken = Call("PUT", "/_mock/scenario", {"scenario": BROKEN})
    console = [
        act("reprice", remote_id="TG-GA", wholesale_price="99.00"), act("clock", advance="1h"),
        act("sandbox", name="other"), act("reset"), act("undo", snapshot="undo-000001"),
        Call("POST", "/_mock/reset"),
    ]  # fmt: skip
    faults = [set_broken, *(broken(rule["id"]) for rule in BROKEN["rules"])]
    late = [Call("DELETE", "/_mock/scenario"), hold("TG-GA", 1, "late"), invoice("late", "o-1"), product("GET", "/")]
    answered = [call for call in [*CALLS, *console, *faults, *late] if send(traced.url, call)]
    disk = followed(traced)
    assert len(disk.answers) == len(answered)
    told = [f"{call.method} {call.path}" for call in answered]
    assert [told[number] for number in disk.too_early] == []
    wrote = {told[number] for number, has_written in enumerate(disk.answers) if has_written}
    assert wrote >= CHANGES, CHANGES - wrote


@pytest.mark.parametrize("path", ["/_mock/events", "/_mock/console/stream"])
def test_a_stream_tells_of_a_commit_once_it_is_on_the_disk(traced: RunningServer, path: str) -> None:
    with httpx.stream("GET", traced.url + path, timeout=20) as stream:
        lines = stream.iter_lines()
        for number in range(5):
            global_id = f"seen-{number}"
            assert send(traced.url, hold("TG-GA", 1, global_id))
            _wait_for(lines, lambda line, wanted=global_id: wanted in line or "TG-GA" in line)
    disk = followed(traced)
    assert sum(disk.answers) >= 5
    assert disk.too_early == []


def _wait_for(lines: Iterator[str], wanted: Callable[[str], bool]) -> None:
    assert any(wanted(line) for line in lines), "the stream ended"
