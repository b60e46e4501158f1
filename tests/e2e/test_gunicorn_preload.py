"""``gunicorn --preload`` forks workers from the process that opened the inventory: none of them may sell from it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY, ROOT


@dataclass
class Gunicorn:
    """A real gunicorn over ``app:app``."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    def workers(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def call(self, method: str, path: str, json: object = None) -> httpx.Response:
        return httpx.request(method, self.url + path, json=json, headers={"X-API-Key": KEY})

    def hold(self, global_id: str) -> httpx.Response:
        return self.call("POST", "/v1/holds", {"remote_id": "TG-1042", "quantity": 1, "global_id": global_id})


@contextmanager
def gunicorn(folder: Path, *options: str) -> Iterator[Gunicorn]:
    log = folder / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "-b", "127.0.0.1:0", *options, "--chdir", str(ROOT), "app:app"]
    environment = {**os.environ, "MOCKPOS_INVENTORY": str(folder / "inventory.json")}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 30
        while (found := re.search(r"Listening at: (\S+)", log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Gunicorn(process, found[1], folder)
    finally:
        process.terminate()
        process.wait(30)


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "mock_other_process")
    assert answer.headers["X-Mockpos-Error"] == "true"
    assert "-w 1 and without --preload" in answer.json()["detail"]


@pytest.mark.parametrize("workers", [1, 2])
def test_no_worker_of_a_preloaded_application_sells_or_writes(tmp_path: Path, workers: int) -> None:
    with gunicorn(tmp_path, "--preload", "-w", str(workers)) as server:
        before = (tmp_path / "inventory.json").read_bytes()
        for number in range(4):
            assert_refused(server.hold(f"g-{number}"))
        assert_refused(server.call("POST", "/v1/invoices", {"global_id": "g-0", "order_id": "o-1"}))
        assert_refused(server.call("DELETE", "/v1/holds/g-0"))
        assert_refused(server.call("GET", "/_mock/listings"))
        assert_refused(server.call("GET", "/readyz"))
        killed = server.workers()[0]
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while killed in server.workers() or len(server.workers()) < workers:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert_refused(server.hold("g-9"))
        assert (tmp_path / "inventory.json").read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"inventory.json", "gunicorn.log"}
    assert json.loads((tmp_path / "inventory.json").read_text())["holds"] == {}


def test_one_worker_that_opens_the_inventory_itself_sells_and_a_new_one_goes_on_where_it_died(tmp_path: Path) -> None:
    with gunicorn(tmp_path, "-w", "1") as server:
        assert server.hold("g-1").status_code == 200
        killed = server.workers()[0]
        os.kill(killed, signal.SIGKILL)
        assert server.hold("g-1").json()["replayed"] is True
        assert server.workers() != [killed]
    assert [each["global_id"] for each in json.loads((tmp_path / "inventory.json").read_text())["holds"].values()] == [
        "g-1"
    ]


@pytest.mark.parametrize("kind", ["sync", "mockpos.server.Worker"])
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("MOCKPOS_SEED", "one process serves one file: start gunicorn with -w 1"),
        ("MOCKPOS_MEMORY", "MOCKPOS_MEMORY: each of gunicorn's 4 workers would have a world of its own"),
    ],
)
def test_more_workers_than_one_are_refused_with_what_to_start_instead(
    tmp_path: Path, kind: str, setting: str, said: str
) -> None:
    command = [sys.executable, "-m", "gunicorn", "-b", "127.0.0.1:0", "-w", "4", "-k", kind, "app:app"]
    file = {} if setting == "MOCKPOS_MEMORY" else {"MOCKPOS_INVENTORY": str(tmp_path / "inventory.json")}
    environment = {**os.environ, **file, setting: "1"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
