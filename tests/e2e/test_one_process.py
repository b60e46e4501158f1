"""One process for one file and one port; broken files are refused; a stop leaves only the file."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY, running_server


def serve(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockpos", "serve", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=False)


def assert_refused(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    said = ended.stdout + ended.stderr
    assert ended.returncode == 2, said
    assert "Traceback" not in said
    for word in words:
        assert word in said
    assert ended.stderr.startswith("error: ")


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def hold(url: str, global_id: str) -> httpx.Response:
    content = {"remote_id": "TG-1042", "quantity": 1, "global_id": global_id}
    return httpx.post(f"{url}/v1/holds", json=content, headers={"X-API-Key": KEY})


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_leaves_only_the_file_with_everything_in_it(tmp_path: Path, signal_number: int) -> None:
    with running_server(tmp_path) as server:
        assert hold(server.url, "g-1").status_code == 200
        assert server.stop(signal_number) == 0

    assert files(tmp_path).keys() == {"inventory.json", "server.log"}
    assert [doc["global_id"] for doc in json.loads((tmp_path / "inventory.json").read_text())["holds"].values()] == [
        "g-1"
    ]
    assert "Traceback" not in (tmp_path / "server.log").read_text()
    with running_server(tmp_path) as server:
        assert hold(server.url, "g-1").json()["replayed"] is True


def test_a_second_server_on_the_same_file_is_refused_naming_the_first(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        hold(server.url, "g-1")
        before = files(tmp_path)
        ended = serve(tmp_path, "--port", "0", "--ready-file", "second.txt")
        assert_refused(ended, "inventory.json", f"process {server.process.pid}", "--inventory")
        after = files(tmp_path)
        assert {name: data for name, data in after.items() if name != "server.log"} == {
            name: data for name, data in before.items() if name != "server.log"
        }
        assert hold(server.url, "g-1").json()["replayed"] is True


def test_a_server_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        first = hold(server.url, "g-1").json()
        server.stop(signal.SIGKILL)
    with running_server(tmp_path) as server:
        assert hold(server.url, "g-1").json() == {**first, "replayed": True}


def test_a_taken_port_is_named_and_no_inventory_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_refused(serve(tmp_path, "--port", str(port)), f"port {port}", "--port 0")
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"listings": {"1": ', ["inventory.json:1:", "not JSON"]),
        (b"\x00\x01\x02", ["inventory.json:1:1", "not JSON"]),
        (b"[]", ["inventory.json", "tables"]),
        (
            b'{"listings": {"7": {"remote_id": "TG-7", "quantity": "4"}}}',
            ["inventory.json: listings 7 (TG-7): quantity"],
        ),
        (b'{"meta": {"1": {"format": 99}}}', ["inventory.json: meta 1: format is 99"]),
    ],
)
def test_a_broken_inventory_is_refused_and_left_alone(tmp_path: Path, content: bytes, words: list[str]) -> None:
    (tmp_path / "inventory.json").write_bytes(content)
    assert_refused(serve(tmp_path, "--port", "0"), *words)
    assert files(tmp_path) == {"inventory.json": content}


def test_a_damaged_commit_log_is_refused_and_left_alone(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        hold(server.url, "g-1")
        server.stop(signal.SIGKILL)
    for name in ("server.log", "inventory.json.lock", "ready.txt"):
        (tmp_path / name).unlink()
    log = tmp_path / "inventory.json.log"
    log.write_bytes(log.read_bytes().replace(b'"at"', b'"AT"'))
    before = files(tmp_path)

    assert_refused(serve(tmp_path, "--port", "0"), "inventory.json.log:2: damaged", "backup")
    assert files(tmp_path) == before


def test_an_inventory_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert_refused(serve(tmp_path, "--port", "0", "--inventory", "no/such/folder.json"), "no/such/folder.json")
    assert files(tmp_path) == {}
