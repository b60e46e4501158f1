"""A stop of a real server: calls that a scenario delays are answered at once, and it says what it waits for."""

import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY, RunningServer, running_server

SLOW = """
name: slow
rules:
  - {id: a-minute, on: hold, delay: 60s}
"""
HOLD = '{"remote_id": "TG-1042", "quantity": 1, "global_id": "g-1"}'


def delayed_hold(server: RunningServer) -> "subprocess.Popen[str]":
    """Send a hold, and return once the server has it."""
    headers = ("-H", f"X-API-Key: {KEY}", "-H", "Content-Type: application/json")
    command = ["curl", "-s", "-i", *headers, "-d", HOLD, f"{server.url}/v1/holds"]
    caller = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while "mockpos_requests_in_flight 2.0" not in httpx.get(f"{server.url}/metrics").text:  # the look is one of them
        assert time.monotonic() < deadline
        assert caller.poll() is None
    return caller


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_delayed_calls_and_ends_within_two_seconds(tmp_path: Path, number: int) -> None:
    (tmp_path / "slow.yaml").write_text(SLOW)
    with running_server(tmp_path, "--scenario", "slow.yaml") as server:
        caller = delayed_hold(server)
        before = time.monotonic()
        assert server.stop(number) == 0
        assert time.monotonic() - before < 2
        answer = caller.communicate(timeout=10)[0]
        said = server.log.read_text()
    assert answer.startswith("HTTP/1.1 503 ")
    assert '"code":"pos_unavailable"' in answer
    assert "x-mockpos-error: true" in answer.lower()
    assert "stopping: 1 call is under way; Ctrl-C again cuts them" in said
    assert "stopped; inventory.json is up to date" in said
    assert '"g-1"' not in (tmp_path / "inventory.json").read_text()


def test_sigquit_ends_at_once_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "slow.yaml").write_text(SLOW)
    with running_server(tmp_path, "--scenario", "slow.yaml") as server:
        done = {"remote_id": "TG-1042", "quantity": 1, "global_id": "g-0"}
        headers = {"X-API-Key": KEY, "X-Mockpos-Scenario": "none"}
        assert httpx.post(f"{server.url}/v1/holds", json=done, headers=headers).status_code == 200
        caller = delayed_hold(server)
        before = time.monotonic()
        server.stop(signal.SIGQUIT)
        assert time.monotonic() - before < 2
        caller.communicate(timeout=10)
    assert "Traceback" not in server.log.read_text()
    assert '"g-0"' in (tmp_path / "inventory.json").read_text()
