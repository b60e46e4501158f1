"""Scenarios on a real server: reproducible at any concurrency, foretold by ``plan``, reloaded live."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import KEY, RunningServer, running_server

CHANCE = """
name: chance
seed: 11
rules:
  - {id: third, on: hold, when: {chance: 0.33}, respond: pos_unavailable}
  - {id: half, on: hold, when: {chance: 0.5}, respond: held_by_another}
"""


def hold(server: RunningServer, global_id: str) -> str:
    """Hold one ticket and return what came of it."""
    request = urllib.request.Request(
        f"{server.url}/v1/holds",
        json.dumps({"remote_id": "MOCK-OK", "quantity": 1, "global_id": global_id}).encode(),
        {"X-API-Key": KEY, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["status"])
    except urllib.error.HTTPError as error:
        with error:
            return str(json.load(error)["code"])


def fates(folder: Path, global_ids: list[str], callers: int) -> dict[str, str]:
    folder.mkdir()
    (folder / "chance.yaml").write_text(CHANCE)
    with running_server(folder, "--scenario", "chance.yaml", "--quiet") as server:
        with ThreadPoolExecutor(callers) as pool:
            found = dict(zip(global_ids, pool.map(lambda each: hold(server, each), global_ids), strict=True))
        assert server.stop() == 0
    return found


def test_one_caller_and_64_meet_the_same_fates_which_plan_told_before(tmp_path: Path) -> None:
    global_ids = [f"buyer-{number}" for number in range(300)]
    alone = fates(tmp_path / "alone", global_ids, 1)
    together = fates(tmp_path / "together", list(reversed(global_ids)), 64)
    assert alone == together
    assert len(set(alone.values())) == 3
    listed = tmp_path / "ids.txt"
    listed.write_text("\n".join(global_ids))
    command = ["scenarios", "plan", str(tmp_path / "alone" / "chance.yaml"), "--global-ids", str(listed), "--json"]
    told = subprocess.run(
        [sys.executable, "-m", "mockpos", *command], capture_output=True, text=True, check=True
    ).stdout
    for global_id, fate in alone.items():
        assert fate == "held" or f'"{global_id}"' in told


def test_an_edited_file_is_reloaded_and_a_bad_edit_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / "edited.yaml"
    path.write_text("name: edited\nrules:\n  - {id: a, on: hold, respond: pos_unavailable}\n")
    with running_server(tmp_path, "--scenarios", "mine", "--scenario", "edited") as server:
        assert hold(server, "a") == "pos_unavailable"
        path.write_text("name: edited\nrules:\n  - {id: a, on: hold, respond: invalid_split}\n")
        _until(lambda: hold(server, "b") == "invalid_split")
        path.write_text("name: edited\nrules:\n  - {id: a, on: hold, respond: no_such_code}\n")
        _until(lambda: "edited.yaml:3" in server.log.read_text())
        assert hold(server, "c") == "invalid_split"


def test_changing_the_scenario_wakes_those_who_sleep(tmp_path: Path) -> None:
    path = tmp_path / "sleepy.yaml"
    path.write_text("name: sleepy\nrules:\n  - {id: a, on: hold, delay: 60s}\n")
    with running_server(tmp_path, "--scenario", "sleepy.yaml") as server, ThreadPoolExecutor(8) as pool:
        started = time.monotonic()
        sleeping = [pool.submit(hold, server, f"s-{number}") for number in range(8)]
        time.sleep(0.1)
        path.write_text("name: sleepy\nrules:\n  - {id: a, on: hold, respond: invalid_split}\n")
        assert {each.result() for each in sleeping} == {"held"}
        assert time.monotonic() - started < 30


def test_a_reset_wakes_those_who_sleep_or_hang_and_none_of_them_commits(tmp_path: Path) -> None:
    (tmp_path / "sleepy.yaml").write_text(
        "name: sleepy\nrules:\n  - {id: a, on: hold, when: {global_id: s*}, delay: 60s}\n"
        "  - {id: b, on: hold, when: {global_id: h*}, fault: hang}\n"
    )
    with running_server(tmp_path, "--scenario", "sleepy.yaml") as server, ThreadPoolExecutor(3) as pool:
        sleeping = pool.submit(refused, server, "s-1")
        hanging = pool.submit(refused, server, "h-1")
        _until(lambda: _calls_waiting(server) == 2)
        assert _posted(server, "/_mock/reset")["sleepers_woken"] == 2
        assert sleeping.result(20) == (503, "true")
        assert hanging.result(20) == (0, None)
        with urllib.request.urlopen(f"{server.url}/_mock/holds") as answer:
            assert json.load(answer)["holds"] == []


def refused(server: RunningServer, global_id: str) -> tuple[int, str | None]:
    """Hold one ticket; return the status and whether the mock says it was its own doing."""
    request = urllib.request.Request(
        f"{server.url}/v1/holds",
        json.dumps({"remote_id": "MOCK-OK", "quantity": 1, "global_id": global_id}).encode(),
        {"X-API-Key": KEY, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["X-Mockpos-Error"]
    except OSError:
        return 0, None


def _calls_waiting(server: RunningServer) -> int:
    """Return how many calls are being served, this question aside."""
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return round(float(next(line.split()[1] for line in lines if line.startswith("mockpos_requests_in_flight ")))) - 1


def _posted(server: RunningServer, path: str) -> dict:
    with urllib.request.urlopen(urllib.request.Request(server.url + path, method="POST")) as answer:
        return json.load(answer)


def test_a_bad_scenario_is_refused_at_start_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\nrules:\n  - {id: a, on: hold, respnd: pos_timeout}\n")
    command = [sys.executable, "-m", "mockpos", "serve", "--port", "0", "--scenario", "bad.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "bad.yaml:3" in done.stderr
    assert "respond" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "inventory.json").exists()


def _until(holds_true, deadline_s: float = 15) -> None:
    deadline = time.monotonic() + deadline_s
    while not holds_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
