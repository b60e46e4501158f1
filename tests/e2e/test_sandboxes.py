"""Many test runs against one real server, each in a sandbox of its own: none sees anything of another."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from tests.conftest import KEY, RunningServer, running_server

RUNS = 64


class Run:
    """One test run: a connection, and a sandbox chosen by its key."""

    def __init__(self, server: RunningServer, name: str) -> None:
        self._connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
        self.key = f"key-of-{name}"
        made = self.call("POST", "/_mock/sandboxes", {"name": name, "api_key": self.key, "seed": 1}, key=KEY)
        assert made["name"] == name

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> dict:
        headers = {"X-API-Key": key or self.key, "Content-Type": "application/json"}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        with self._connection.getresponse() as answer:
            return json.loads(answer.read())


def checkout(server: RunningServer, number: int, together: Barrier) -> dict:
    """Buy, lose and audit the same things under the same ids as every other run."""
    with Run(server, f"run-{number}") as run:
        together.wait(60)
        return bought(run, number)


def bought(run: Run, number: int) -> dict:
    held = [
        run.call("POST", "/v1/holds", {"remote_id": "TG-1042", "quantity": 2, "global_id": f"buyer-{each}"})
        for each in range(5)
    ]
    run.call("POST", "/v1/invoices", {"global_id": "buyer-0", "order_id": "order-1"})
    clock = run.call("POST", "/_mock/clock", {"advance": f"{20 + number}m"})
    audit = run.call("GET", "/_mock/audit")
    journal = run.call("GET", "/_mock/requests")
    return {
        "held": [answer.get("seats", answer.get("code")) for answer in held],
        "expired": [each["global_id"] for each in clock["expired"]],
        "offset": clock["offset_ms"],
        "orphans": sorted(finding["global_id"] for finding in audit["findings"]),
        "calls": len(journal["requests"]),
    }


def test_64_runs_side_by_side_meet_the_same_world_each(tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet") as server:
        together = Barrier(RUNS)
        with ThreadPoolExecutor(RUNS) as pool:
            found = list(pool.map(lambda number: checkout(server, number, together), range(RUNS)))
        for number, one in enumerate(found):
            assert one == {
                "held": [["5", "6"], ["7", "8"], ["9", "10"], ["11", "12"], "held_by_another"],
                "expired": ["buyer-1", "buyer-2", "buyer-3"],
                "offset": (20 + number) * 60_000,
                "orphans": ["buyer-1", "buyer-2", "buyer-3"],
                "calls": 6,
            }
        with Run(server, "looker-on") as run:
            assert run.call("GET", "/_mock/requests", key=KEY)["requests"] == []
            assert run.call("GET", "/_mock/holds", key=KEY)["holds"] == []
            assert run.call("GET", "/_mock/clock", key=KEY)["real"] is True


def test_the_clock_of_the_default_sandbox_survives_kill_9(tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet") as server:
        with Run(server, "any") as run:
            assert run.call("POST", "/_mock/clock", {"advance": "2d"}, key=KEY)["offset_ms"] == 2 * 86_400_000
        server.process.kill()
        server.process.wait()
    with running_server(tmp_path, "--quiet") as server, Run(server, "any") as run:
        assert run.call("GET", "/_mock/clock", key=KEY)["offset_ms"] == 2 * 86_400_000
