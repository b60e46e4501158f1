"""``app:app`` under gunicorn and ``flask run``: the work beside the calls is done there too; the key is one header."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY, ROOT

RULE = "name: mine\nrules:\n- {{id: r, on: hold, respond: {code}}}\n"
SERVERS = {
    "gunicorn": ("gunicorn", "-k", "gthread", "--threads", "4", "-b", "127.0.0.1:0", "app:app"),
    "flask": ("flask", "--app", "app", "run", "--port", "0"),
}


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Serve in a folder of its own; the scenario that is on stands in ``mine/mine.yaml``."""
    write_rule(tmp_path, "listing_sold_out")
    environment = {
        **os.environ, "MOCKPOS_INVENTORY": str(tmp_path / "inventory.json"),
        "MOCKPOS_SCENARIOS": str(tmp_path / "mine"), "MOCKPOS_SCENARIO": "mine",
    }  # fmt: skip
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", *SERVERS[request.param]]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        until(lambda: re.search(r"(?:Listening at:|Running on) http", log.read_text()) is not None, log)
        found = re.search(r"(?:Listening at:|Running on) (\S+)", log.read_text())
        assert found is not None
        yield found[1]
    finally:
        process.kill()
        process.wait(30)


def write_rule(folder: Path, code: str) -> None:
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine/mine.yaml").write_text(RULE.format(code=code))


def until(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def hold(url: str, **headers: str) -> httpx.Response:
    body = {"remote_id": "TG-1042", "quantity": 1, "global_id": "g-1"}
    return httpx.post(f"{url}/v1/holds", json=body, headers={n.replace("__", "-"): v for n, v in headers.items()})


def test_scenarios_are_reloaded_idle_sandboxes_dropped_and_a_file_taken_away_written_again(
    url: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    assert hold(url, X__API__Key=KEY).json()["code"] == "listing_sold_out"
    write_rule(tmp_path, "held_by_another")
    until(lambda: hold(url, X__API__Key=KEY).json()["code"] == "held_by_another", log)
    assert httpx.post(f"{url}/_mock/sandboxes", json={"name": "idle", "ttl": "1s"}).status_code == 201
    assert httpx.post(f"{url}/_mock/clock", json={"advance": "1m"}).status_code == 200, "a body is read to its end"
    (tmp_path / "inventory.json").unlink()
    until((tmp_path / "inventory.json").exists, log)
    until(lambda: len(httpx.get(f"{url}/_mock/sandboxes").json()["sandboxes"]) == 1, log)
    assert "sandbox idle was idle for its TTL and is gone" in log.read_text()


def test_a_header_with_underscores_is_no_key_and_no_token(url: str, tmp_path: Path) -> None:
    for name in ("X_API_Key", "X_API__Key", "x__api_key"):
        assert hold(url, **{name: KEY}).json()["code"] == "api_key_missing"
    shown = httpx.get(f"{url}/_mock/requests").text
    assert KEY not in shown
