"""``serve --memory``: reads the file that is given or the fixture, and neither writes nor locks anything."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY, running_server
from tests.e2e.test_one_process import assert_refused, files, hold, serve


def test_the_fixture_is_served_and_nothing_is_written(tmp_path: Path) -> None:
    with running_server(tmp_path, "--memory") as server:
        assert hold(server.url, "g-1").status_code == 200
        assert server.stop() == 0
        said = server.log.read_text()
    assert files(tmp_path).keys() == {"server.log"}
    assert "inventory  the fixture arena  (" in said
    assert "in memory only: nothing is written" in said
    assert "stopped; nothing was written" in said


def test_a_given_inventory_is_read_with_its_log_and_left_as_it_is(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        assert hold(server.url, "g-1").status_code == 200
        server.stop(signal.SIGKILL)
    before = {name: data for name, data in files(tmp_path).items() if name.startswith("inventory")}
    assert before.keys() == {"inventory.json", "inventory.json.log", "inventory.json.lock"}

    with running_server(tmp_path, "--memory", "--inventory", "inventory.json") as server:
        assert hold(server.url, "g-1").json()["replayed"] is True
        assert hold(server.url, "g-2").status_code == 200
        assert server.stop() == 0
    assert {name: data for name, data in files(tmp_path).items() if name.startswith("inventory")} == before

    with running_server(tmp_path, "--memory", "--inventory", "inventory.json") as server:
        assert hold(server.url, "g-2").json()["replayed"] is False


def test_a_file_that_is_being_served_can_be_read_by_others_in_memory(tmp_path: Path) -> None:
    (tmp_path / "reader").mkdir()
    with running_server(tmp_path) as owner:
        assert hold(owner.url, "g-1").status_code == 200
        options = ("--memory", "--inventory", str(tmp_path / "inventory.json"))
        with running_server(tmp_path / "reader", *options) as reader:
            assert hold(reader.url, "g-1").json()["replayed"] is True
        assert hold(owner.url, "g-2").status_code == 200
        assert owner.stop() == 0


def test_an_inventory_in_the_folder_is_not_read_unless_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text("{ broken")
    with running_server(tmp_path, "--memory") as server:
        assert hold(server.url, "g-1").status_code == 200


def test_a_given_inventory_that_is_missing_is_refused_with_the_way_out(tmp_path: Path) -> None:
    ended = serve(tmp_path, "--port", "0", "--memory", "--inventory", "mine.json")
    assert_refused(ended, "mine.json: there is no such file", "leave --inventory out")
    assert files(tmp_path) == {}


def test_a_broken_inventory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{ broken")
    assert_refused(serve(tmp_path, "--port", "0", "--memory", "--inventory", "mine.json"), "mine.json:1:3", "not JSON")
    assert files(tmp_path) == {"mine.json": b"{ broken"}


def test_memory_and_durability_on_disk_contradict_each_other(tmp_path: Path) -> None:
    assert_refused(serve(tmp_path, "--port", "0", "--memory", "--durability", "disk"), "--durability disk", "--memory")


READ_ONLY = """
mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && cd {folder} || exit 8
touch probe 2>/dev/null && exit 7
exec {python} -m mockpos serve --port 0 --memory --inventory inventory.json --ready-file {ready}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces are Linux's")
def test_a_read_only_mount_will_do(tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    seeded = [sys.executable, "-m", "mockpos", "seed", "--listings", "5", "--out", str(mounted / "inventory.json")]
    subprocess.run(seeded, check=True, capture_output=True)
    before, ready, log = files(mounted), tmp_path / "ready.txt", tmp_path / "server.log"
    script = READ_ONLY.format(folder=mounted, python=sys.executable, ready=ready)
    with log.open("w") as output, subprocess.Popen(["unshare", "-rm", "sh", "-c", script], stderr=output) as process:
        try:
            deadline = time.monotonic() + 30
            while not ready.exists():
                assert process.poll() is None, f"ended with {process.returncode}: {log.read_text()}"
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.02)
            listing = next(iter(json.loads(before["inventory.json"])["listings"].values()))
            content = {"remote_id": listing["remote_id"], "quantity": listing["quantity"], "global_id": "g-1"}
            answer = httpx.post(f"{ready.read_text().strip()}/v1/holds", json=content, headers={"X-API-Key": KEY})
            assert answer.status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert files(mounted) == before
