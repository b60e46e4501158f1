import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import process
from bench.errors import Unmeasurable
from bench.inventory import make_inventory
from bench.load.steady import _is_whole
from bench.load.steady_caller import percentile, summary
from bench.load.wrk import FIRST_LISTING, Load, parse_wrk
from bench.process import parse_stat, parse_status
from bench.profile import by_samples

WRK_OUTPUT = """\
Running 2s test @ http://127.0.0.1:8000/v1/holds
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     7.31ms    2.02ms  31.20ms   91.22%
    Req/Sec     4.38k   512.11     5.12k    80.00%
  8731 requests in 2.00s, 3.41MB read
Requests/sec:   4362.11
Transfer/sec:      1.70MB
{"requests":8731,"duration_us":2001550,"p50_us":7012,"p90_us":8300,"p99_us":14210,"max_us":31200,"errors":{ERRORS}}
"""


def wrk_output(**errors: int) -> str:
    every = dict.fromkeys(("connect", "read", "write", "status", "timeout"), 0) | errors
    return WRK_OUTPUT.replace("{ERRORS}", json.dumps(every))


def test_what_wrk_prints_is_read() -> None:
    load = parse_wrk(wrk_output())
    assert load == Load(8731, 2_001_550, 7012, 8300, 14210, 31200)
    assert load.per_s == pytest.approx(4362.1, abs=0.1)
    assert load.document()["per_s"] == 4362.1


@pytest.mark.parametrize("kind", ["connect", "read", "write", "status", "timeout"])
def test_a_run_with_errors_does_not_count(kind: str) -> None:
    with pytest.raises(Unmeasurable, match=f"of 8731 calls some failed \\(3 {kind}\\)"):
        parse_wrk(wrk_output(**{kind: 3}))


def test_a_run_without_answers_or_summary_does_not_count() -> None:
    with pytest.raises(Unmeasurable, match="no answer"):
        parse_wrk(wrk_output().replace('"requests":8731', '"requests":0'))
    with pytest.raises(Unmeasurable, match="unable to connect"):
        parse_wrk("unable to connect to 127.0.0.1:8000 Connection refused\n")


def test_a_process_may_have_spaces_and_brackets_in_its_name() -> None:
    stat = parse_stat("71 (tmux: (server) 1) S 1 71 70 0 -1 4194368 9 8 7 6 1500 250 30 20 20 0 4 0 88 1 2")
    assert stat[:4] == ["S", "1", "71", "70"]
    assert stat[11:15] == ["1500", "250", "30", "20"]


def test_sizes_in_the_status_of_a_process_are_kibibytes() -> None:
    status = "Name:\tpython\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nThreads:\t4\n"
    assert parse_status(status, "VmRSS") == 100 * 2**20
    assert parse_status(status, "VmHWM") == 200 * 2**20
    assert parse_status("Name:\tkthreadd\n", "VmRSS") == 0


BURN = "import time\nwhile time.process_time() < 0.2: pass\n"
A_FAMILY = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}], check=True)
alive = subprocess.Popen([sys.executable, "-c", {BURN + "print('burnt', flush=True); input()"!r}])
alive.wait()
"""


def test_the_cpu_of_children_counts_while_they_run_and_when_they_have_ended() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", A_FAMILY], start_new_session=True, **pipes) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == b"burnt\n"
        family = process.family(leader.pid)
        used, resident = process.cpu_s(leader.pid), process.resident_bytes(leader.pid)
        leader.communicate(b"\n")
    assert len(family) == 2
    assert used >= 0.38, "0.2 s of one that ended, 0.2 s of one that runs"
    assert resident > 2 * 2**20


def test_samples_are_added_up_by_function_without_the_start_and_idle_threads() -> None:
    site = "/somewhere/lib/python3.11/site-packages/flask/app.py"
    found = by_samples(
        [
            "<module> (<frozen runpy>:1);_run_module_as_main (<frozen runpy>:2);serve (mockpos/cli/serve.py:9) 50",
            "_bootstrap (threading.py:1002);_worker (concurrent/futures/thread.py:81) 40",
            " 7",
            f"run (mockpos/server/waiting.py:40);full_dispatch_request ({site}:915);hold (mockpos/a.py:4) 6",
            f"run (mockpos/server/waiting.py:44);full_dispatch_request ({site}:917) 2",
            "_run_module_as_main (<frozen runpy>:2);_run_once (asyncio/base_events.py:1922);hold (mockpos/a.py:5) 2",
        ]
    )
    shares = {(one.function, one.place): (one.own, one.total) for one in found}
    assert shares[("hold", "mockpos/a.py")] == (0.8, 0.8)
    assert shares[("full_dispatch_request", "flask/app.py")] == (0.2, 0.8)
    assert not any(function == "_worker" for function, _ in shares)


def test_an_answer_is_whole_when_its_body_is() -> None:
    assert not _is_whole(b"HTTP/1.1 200 OK\r\nContent-Le")
    assert not _is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc")
    assert _is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd")


def test_percentiles_are_of_the_calls_in_order() -> None:
    seconds = [number / 1000 for number in range(100, 0, -1)]
    assert percentile(seconds, 50) == pytest.approx(51)
    assert percentile(seconds, 99) == pytest.approx(100)
    assert summary([0.002]) == {"calls": 1, "p50_ms": 2.0, "p90_ms": 2.0, "p99_ms": 2.0, "max_ms": 2.0}
    with pytest.raises(Unmeasurable):
        summary([])


@pytest.mark.parametrize(("keep", "kept"), [(None, 300), (7, 7)])
def test_an_inventory_has_the_wanted_listings_which_can_all_be_sold(
    tmp_path: Path, keep: int | None, kept: int
) -> None:
    out = tmp_path / "inventory.json"
    make_inventory(out, listings=300, seats=1000, keep=keep)
    tables = json.loads(out.read_bytes())
    listings = list(tables["listings"].values())
    assert [listing["remote_id"] for listing in listings] == [f"TG-{FIRST_LISTING + n}" for n in range(kept)]
    assert {(one["quantity"], one["seat_from"], one["seat_thru"], one["split_type"]) for one in listings} == {
        (1000, 1, 1000, "any")
    }
    assert not any({"retired", "broadcast", "mapped", "custom_splits"} & set(listing) for listing in listings)
    assert {event["state"] for event in tables["events"].values()} == {"shown"}
    assert len(out.read_bytes().splitlines()) > kept, "one document a line, as mockpos writes it"
    assert list(tmp_path.iterdir()) == [out]
