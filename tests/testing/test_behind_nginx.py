"""Two servers behind a real nginx that hashes the key's header: each key has its world, on one of them."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from mockpos.testing import Server, serve
from tests.conftest import ROOT

CONFIG = ROOT / "examples" / "in_your_tests" / "nginx.conf"
SANDBOXES = 50
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@pytest.fixture(scope="module")
def servers() -> Iterator[list[Server]]:
    with serve(sandbox_keys="test-") as one, serve(sandbox_keys="test-") as other:
        yield [one, other]


@pytest.fixture(scope="module")
def url(servers: list[Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an nginx with the documented lines, in front of both."""
    folder = tmp_path_factory.mktemp("nginx")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "nginx.conf").write_text(_config(servers, port, folder))
    command = [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log", "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        while not _answers(port):
            assert process.poll() is None, (folder / "error.log").read_text()
        yield f"http://127.0.0.1:{port}"
        assert process.poll() is None, (folder / "error.log").read_text()
    finally:
        process.terminate()
        process.wait()


def _config(servers: list[Server], port: int, folder: Path) -> str:
    """Return the documented lines, with the addresses of this test and nothing written outside its folder."""
    text = CONFIG.read_text()
    changes = {"listen 8000": f"listen 127.0.0.1:{port}"}
    changes |= {f"mockpos-{number}:8000": server.url[7:] for number, server in enumerate(servers, 1)}
    changes["events {}\nhttp {"] = f"pid {folder}/nginx.pid; events {{}}\nhttp {{ access_log off;" + "".join(
        f" {kind}_temp_path {folder}/{kind};" for kind in _TEMPORARY
    )
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def call(url: str, key: str, method: str, path: str, body: object = None) -> tuple[Any, Any]:
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    sent = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(url + path, sent, headers, method=method), timeout=30) as answer:
        return json.load(answer), answer.headers


def buy(url: str, key: str) -> dict[str, Any]:
    """Hold all of a listing, buy it, let time pass, and look: everything over the balancer, by the key alone."""
    held, headers = call(url, key, "POST", "/v1/holds", {"remote_id": "TG-1042", "quantity": 8, "global_id": "g-1"})
    call(url, key, "POST", "/v1/invoices", {"global_id": "g-1", "order_id": "o-1"})
    call(url, key, "POST", "/_mock/clock", {"advance": "20m"})
    calls, _ = call(url, key, "GET", "/_mock/requests")
    audit, _ = call(url, key, "GET", "/_mock/audit")
    return {
        "made": headers["X-Mockpos-Sandbox"], "seats": held["seats"], "replayed": held["replayed"],
        "calls": [entry["operation"] for entry in calls["requests"]], "audit": audit["verdict"],
    }  # fmt: skip


def test_fifty_sandboxes_buy_the_same_seats_and_none_sees_another(url: str, servers: list[Server]) -> None:
    with ThreadPoolExecutor(16) as threads:
        bought = list(threads.map(lambda number: buy(url, f"test-{number}"), range(SANDBOXES)))
    seats = [str(number) for number in range(5, 13)]
    right = {
        "made": "created", "seats": seats, "replayed": False, "calls": ["invoice", "hold"], "audit": "clean",
    }  # fmt: skip
    assert bought == [right] * SANDBOXES
    shares = [{sandbox["name"] for sandbox in server.sandboxes()} - {"default"} for server in servers]
    assert shares[0] | shares[1] == {f"test-{number}" for number in range(SANDBOXES)}
    assert not shares[0] & shares[1]
    assert min(map(len, shares)) >= 10
