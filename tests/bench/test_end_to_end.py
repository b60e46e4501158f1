import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench.errors import MissingTool, Unmeasurable
from bench.inventory import make_inventory
from bench.load.steady_caller import SteadyCaller
from bench.load.wrk import Calls, parse_wrk, wrk_command
from bench.tools import need
from tests.bench.conftest import ROOT, bench
from tests.conftest import running_server

Seen = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def _wrk() -> None:
    try:
        need(["wrk"])
    except MissingTool as missing:
        pytest.fail(str(missing))


@pytest.fixture
def recorder() -> Iterator[tuple[int, Seen]]:
    """A server that answers everything and remembers every call: its port, and method, path and body of each."""
    seen: Seen = []

    class Recorder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one segment

        def handle(self) -> None:
            with suppress(ConnectionResetError):  # wrk hangs up in the middle when its time is over
                super().handle()

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            seen.append((self.command, self.path, json.loads(self.rfile.read(length) or "{}")))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_DELETE = answer  # noqa: N815  # the names that http.server looks for

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, seen
        server.shutdown()
        thread.join()


def run_wrk(port: int, calls: Calls, *, threads: int = 1, seconds: int = 1) -> int:
    command = wrk_command(port, calls, callers=8, seconds=seconds)
    command[command.index("--threads") + 1] = str(threads)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return parse_wrk(done.stdout).requests


def test_every_call_of_every_thread_and_run_has_a_new_global_id(recorder: tuple[int, Seen]) -> None:
    port, seen = recorder
    made = run_wrk(port, Calls(listings=50), threads=4) + run_wrk(port, Calls(listings=50))
    ids = [body["global_id"] for _, _, body in seen]
    assert made <= len(ids)
    assert len(set(ids)) == len(ids)
    assert {body["remote_id"] for _, _, body in seen} == {f"TG-{number}" for number in range(100_001, 100_051)}
    assert {body["quantity"] for _, _, body in seen} == {2}


def test_journeys_end_what_was_held_before(recorder: tuple[int, Seen]) -> None:
    port, seen = recorder
    made = run_wrk(port, Calls(listings=50, kind="journeys"))
    while made < 600:  # on a slow machine: a hold is ended 256 calls after it was made, and each run begins anew
        made = run_wrk(port, Calls(listings=50, kind="journeys"), seconds=math.ceil(700 / made))
    held: set[str] = set()
    ended: list[str] = []
    early: set[str] = set()
    for method, path, body in list(seen):
        if path == "/v1/holds":
            held.add(body["global_id"])
            continue
        global_id = body["global_id"] if method == "POST" else path.rpartition("/")[2]
        if global_id not in held:
            early.add(global_id)
        ended.append(global_id)
    assert early <= held  # a hold was noted late: one of the recorder's 8 threads had to wait for its turn
    assert len(early) <= 8
    assert len(set(ended)) == len(ended) > 0
    assert {(method, path.rpartition("/")[0]) for method, path, _ in seen} == {
        ("POST", "/v1"), ("DELETE", "/v1/holds"),
    }  # fmt: skip


def test_a_steady_caller_notes_every_call(tmp_path: Path) -> None:
    inventory = tmp_path / "many-seats.json"
    make_inventory(inventory, listings=20, seats=100)
    with running_server(tmp_path, "--inventory", str(inventory)) as server:
        port = int(server.url.rpartition(":")[2])
        taken = SteadyCaller(port, 20, rate=50, seconds=1).finish()
        assert len(taken) == 50
        assert all(one.due <= one.sent <= one.answered for one in taken)
        assert sorted(taken, key=lambda one: one.sent) == taken
        with pytest.raises(Unmeasurable, match="listing_not_found"):
            SteadyCaller(port, 10_000, rate=50, seconds=1).finish()


def test_cpu_of_mockpos_is_measured_beside_the_floor(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    quickly = ("--quick", "--seconds", "1", "--rounds", "1")
    done = bench("run", "--only", "cpu", "--against", "echo", *quickly, "--out", str(out), "--json", NO_COLOR="1")
    assert done.returncode in (0, 1), done.stderr
    results = json.loads(done.stdout)
    assert results == json.loads(out.read_bytes())
    measured = results["measurements"]["cpu"]
    assert "failed" not in measured
    assert measured["quick"] is True
    for name in ("mockpos", "echo"):
        [one] = measured["series"][name]["rounds"]
        assert one["requests"] > 50
        assert one["cpu_us"] > 0
        assert one["p50_us"] <= one["p99_us"] <= one["max_us"]
    ours, floor = (measured["series"][name]["median"]["cpu_us"] for name in ("mockpos", "echo"))
    assert measured["values"]["cpu_echo"]["value"] == pytest.approx(ours / floor, rel=0.01)
    assert [goal for goal in results["goals"] if goal["met"]] == []
    assert "\x1b[" not in done.stderr


def test_a_run_that_is_told_to_stop_leaves_no_server_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "run", "--only", "cpu", "--against", "echo", "--quick", "--work"]
    with subprocess.Popen([*command, str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        while "round 1" not in (line := started.stderr.readline()):
            assert line, "it ended by itself"
        assert len(at_work_in(tmp_path)) == 2
        started.terminate()
        started.communicate(timeout=60)
    assert started.returncode == 1
    assert at_work_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def at_work_in(folder: Path) -> list[str]:
    """Name the processes whose working folder is below this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve(strict=True).is_relative_to(folder):
                found.append(process.name)
        except OSError:
            continue  # it ended meanwhile
    return found
