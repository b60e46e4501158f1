"""A real server on a disk that is full, read-only or unsure, and whose files go away: clear answers, nothing lost."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY, RunningServer, running_server
from tests.e2e.disks import bound_by_permissions, disk_in, is_bound_by_permissions, kinds_of_disk, limited_to
from tests.fsck.looks import flip, line_starts

FAULTY = (str(Path(__file__).with_name("faulty_serve.py")),)
INVENTORY = ("--quiet", "--inventory", "disk/inventory.json")
each_disk = pytest.mark.parametrize("kind", kinds_of_disk())


def hold(server: RunningServer, global_id: str) -> httpx.Response:
    """Hold a ticket. Without ``verify=False`` each call reads all certificates of the machine, which takes 17 ms."""
    body = {"remote_id": "TG-GA", "quantity": 1, "global_id": global_id}
    return httpx.post(f"{server.url}/v1/holds", json=body, headers={"X-API-Key": KEY}, timeout=20, verify=False)


def release(server: RunningServer, global_id: str) -> httpx.Response:
    return httpx.delete(f"{server.url}/v1/holds/{global_id}", headers={"X-API-Key": KEY}, timeout=20, verify=False)


def invoice(server: RunningServer, global_id: str) -> httpx.Response:
    body = {"global_id": global_id, "order_id": f"order-{global_id}"}
    return httpx.post(f"{server.url}/v1/invoices", json=body, headers={"X-API-Key": KEY}, timeout=20, verify=False)


def ready(server: RunningServer) -> bool:
    return httpx.get(f"{server.url}/readyz", verify=False).status_code == 200


def until(condition: Callable[[], bool], what: str, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.05)


def held_in(inventory: Path) -> set[str]:
    """Return the live holds in a stopped server's file."""
    holds = json.loads(inventory.read_text())["holds"].values()
    return {document["global_id"] for document in holds if document["status"] == "held"}


def mockpos(
    folder: Path, *arguments: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockpos", *arguments], cwd=folder, capture_output=True, text=True, timeout=60,
        check=False, preexec_fn=before,
    )  # fmt: skip


def assert_refused_to_start(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def hold_until_refused(server: RunningServer) -> tuple[set[str], httpx.Response]:
    """Hold until the disk is full; return what was acknowledged meanwhile, and the refusal."""
    acknowledged: set[str] = set()
    for number in range(200):
        answer = hold(server, f"full-{number}")
        if answer.status_code != 200:
            return acknowledged, answer
        acknowledged.add(f"full-{number}")
    raise AssertionError("the disk never filled up")


@each_disk
def test_a_full_disk_refuses_calls_until_there_is_room_and_loses_none(tmp_path: Path, kind: str) -> None:
    with disk_in(tmp_path / "disk", kind) as disk:
        with running_server(tmp_path, *INVENTORY, "--fixture", "tiny") as server:
            acknowledged = {f"g-{number}" for number in range(5) if hold(server, f"g-{number}").status_code == 200}
            disk.fill(server)
            more, refused = hold_until_refused(server)
            acknowledged |= more
            assert (refused.status_code, refused.json()["code"]) == (503, "pos_unavailable")
            assert int(refused.headers["Retry-After"]) >= 1
            for call in (invoice, release):
                assert call(server, "g-1").status_code == 503
            if kind != "limited":  # which lets a small new file be written
                assert httpx.post(f"{server.url}/_mock/reset", timeout=20).status_code == 503
            assert hold(server, "g-1").json()["replayed"] is True
            assert kind == "limited" or not ready(server), "a file system without room is not ready"

            disk.free(server)
            until(partial(ready, server), "room")
            answer = hold(server, f"full-{len(more)}")
            assert (answer.status_code, answer.json()["replayed"]) == (200, False)
            acknowledged.add(f"full-{len(more)}")
            assert server.stop() == 0
        assert held_in(disk.folder / "inventory.json") == acknowledged
        assert sorted(file.name for file in disk.folder.iterdir()) == ["inventory.json"]
        assert "Traceback" not in (tmp_path / "server.log").read_text()


@each_disk
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_ends_on_a_full_disk_loses_nothing(tmp_path: Path, kind: str, sign: int) -> None:
    with disk_in(tmp_path / "disk", kind) as disk:
        with running_server(tmp_path, *INVENTORY, "--fixture", "tiny") as server:
            acknowledged = {f"g-{number}" for number in range(5) if hold(server, f"g-{number}").status_code == 200}
            disk.fill(server)
            acknowledged |= hold_until_refused(server)[0]
            assert server.stop(sign) == (1 if sign == signal.SIGTERM else -sign)
            if kind == "small":
                disk.free(server)
        log = (tmp_path / "server.log").read_text()
        assert "Traceback" not in log
        if sign == signal.SIGTERM:
            assert "cannot be written" in log
            assert "The logs beside it have every commit" in log
        looked = mockpos(tmp_path, "fsck", "disk/inventory.json")
        assert looked.returncode == 0, looked.stdout
        assert f"A start would replay {len(acknowledged)} commits" in looked.stdout
        with running_server(tmp_path, *INVENTORY) as server:
            assert all(hold(server, name).json()["replayed"] for name in acknowledged)
            assert server.stop() == 0
        assert held_in(disk.folder / "inventory.json") == acknowledged


@pytest.mark.parametrize("room", [0, 100])
def test_a_start_without_room_is_refused_and_leaves_everything_as_it_was(tmp_path: Path, room: int) -> None:
    limit = partial(limited_to, room)
    assert_refused_to_start(mockpos(tmp_path, "serve", "--port", "0", before=limit), "inventory.json", "File too large")
    assert not (tmp_path / "inventory.json").exists()
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        hold(server, "g-1")
        server.stop(signal.SIGKILL)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("inventory.json*") if path.suffix != ".lock"}
    assert_refused_to_start(mockpos(tmp_path, "serve", "--port", "0", before=limit), "inventory.json", "File too large")
    after = {path.name: path.read_bytes() for path in tmp_path.glob("inventory.json*") if path.suffix != ".lock"}
    assert after == before
    with running_server(tmp_path, "--quiet") as server:
        assert hold(server, "g-1").json()["replayed"] is True


def test_a_folder_that_became_read_only_is_told_at_the_stop_and_the_log_has_everything(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with running_server(tmp_path, *INVENTORY, "--fixture", "tiny", before=bound_by_permissions) as server:
        assert hold(server, "g-1").status_code == 200
        disk.chmod(0o555)
        assert is_bound_by_permissions(disk)
        assert not ready(server)
        assert hold(server, "g-2").status_code == 200, "the log is open, so it can be written"
        assert server.stop() == 1
    said = (tmp_path / "server.log").read_text()
    assert "Permission denied" in said
    assert "The logs beside it have every commit" in said
    assert "Traceback" not in said
    looked = mockpos(tmp_path, "fsck", "disk/inventory.json", before=bound_by_permissions)
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert "A start would replay 2 commits" in looked.stdout
    serve = ("serve", "--port", "0", "--inventory", "disk/inventory.json")
    refused = mockpos(tmp_path, *serve, before=bound_by_permissions)
    assert_refused_to_start(refused, "disk/inventory.json", "Permission denied")
    with (disk / "inventory.json.log").open("ab") as log:
        log.write(b"damaged\n")
    repair = mockpos(tmp_path, "fsck", "--repair", "disk/inventory.json", before=bound_by_permissions)
    assert repair.returncode == 2
    assert "disk/inventory.json.log: the repair stopped: Permission denied" in repair.stderr
    disk.chmod(0o755)
    assert mockpos(tmp_path, "fsck", "--repair", "disk/inventory.json").returncode == 0
    with running_server(tmp_path, *INVENTORY) as server:
        assert [hold(server, name).json()["replayed"] for name in ("g-1", "g-2")] == [True, True]


def test_a_file_that_nobody_may_read_is_refused_by_name(tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        hold(server, "g-1")
        server.stop()
    (tmp_path / "inventory.json").chmod(0)
    refused = mockpos(tmp_path, "serve", "--port", "0", before=bound_by_permissions)
    assert_refused_to_start(refused, "inventory.json: cannot be read (Permission denied)")
    looked = mockpos(tmp_path, "fsck", before=bound_by_permissions)
    assert looked.returncode == 1
    assert "it cannot be read: Permission denied" in looked.stdout


@pytest.mark.parametrize("name", ["inventory.json", "inventory.json.log", "inventory.json.lock"])
def test_a_file_that_is_removed_under_the_server_is_written_again_before_anything_is_lost(
    tmp_path: Path, name: str
) -> None:
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        assert hold(server, "before").status_code == 200
        (tmp_path / name).unlink()
        assert hold(server, "meanwhile").status_code == 200
        until((tmp_path / name).exists, f"{name} to be written again")
        assert hold(server, "after").status_code == 200
        server.stop(signal.SIGKILL)
    said = (tmp_path / "server.log").read_text()
    assert name != "inventory.json" or "somebody removed it while it was served; it is written anew" in said
    assert mockpos(tmp_path, "fsck").returncode == 0
    with running_server(tmp_path, "--quiet") as server:
        assert all(hold(server, known).json()["replayed"] for known in ("before", "meanwhile", "after"))


def test_a_file_that_is_edited_under_the_server_is_kept_aside_and_told(tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        assert hold(server, "before").status_code == 200
        edited = (tmp_path / "inventory.json").read_text().replace("120.00", "99.00")
        (tmp_path / "inventory.json").write_text(edited)
        aside = tmp_path / "inventory.json.edited-by-hand.1"
        until(lambda: aside.exists() and "99.00" not in (tmp_path / "inventory.json").read_text(), "the edit set aside")
        assert hold(server, "after").status_code == 200
        server.stop(signal.SIGKILL)
    assert aside.read_text() == edited
    assert "What they wrote is kept as inventory.json.edited-by-hand.1" in (tmp_path / "server.log").read_text()
    with running_server(tmp_path, "--quiet") as server:
        assert all(hold(server, known).json()["replayed"] for known in ("before", "after"))


def test_without_its_folder_the_server_answers_nothing_it_could_lose(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with running_server(tmp_path, *INVENTORY, "--fixture", "tiny") as server:
        assert hold(server, "before").status_code == 200
        shutil.rmtree(disk)
        until(lambda: hold(server, "meanwhile").status_code == 503, "calls to be refused")
        assert not ready(server)
        disk.mkdir()
        until(lambda: hold(server, "after").status_code == 200, "calls to be answered again")
        server.stop(signal.SIGKILL)
    assert "may be nowhere but in this process" in (tmp_path / "server.log").read_text()
    with running_server(tmp_path, *INVENTORY) as server:
        assert all(hold(server, known).json()["replayed"] for known in ("before", "after"))


def test_a_server_that_stops_without_its_folder_says_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with running_server(tmp_path, *INVENTORY, "--fixture", "tiny") as server:
        assert hold(server, "before").status_code == 200
        shutil.rmtree(disk)
        assert server.stop() == 1
    said = (tmp_path / "server.log").read_text()
    assert "The last commits may be nowhere but in this process" in said
    assert "Traceback" not in said


def test_a_disk_that_did_not_confirm_is_not_trusted_until_the_file_was_written_anew(tmp_path: Path) -> None:
    unsure = tmp_path / "no-sync"
    with running_server(tmp_path, "--quiet", "--durability", "disk", "--fixture", "tiny", program=FAULTY) as server:
        assert hold(server, "before").status_code == 200
        unsure.touch()
        unknown = hold(server, "unknown")
        assert (unknown.status_code, unknown.json()["code"]) == (500, "internal_error")
        refused = hold(server, "refused")
        if refused.status_code == 503:  # unless the file has been written anew by now, and its log failed as well
            assert refused.json()["code"] == "pos_unavailable"
        unsure.unlink()
        until(partial(ready, server), "a disk that can be trusted")
        assert hold(server, "after").status_code == 200
        assert hold(server, "unknown").json()["replayed"] is True
        assert hold(server, "before").json()["replayed"] is True
        server.stop(signal.SIGKILL)
    with running_server(tmp_path, "--quiet") as server:
        assert all(hold(server, known).json()["replayed"] for known in ("before", "unknown", "after"))


def test_a_control_call_that_the_disk_did_not_confirm_is_answered_so_and_looks_go_on(tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet", "--durability", "disk", "--fixture", "tiny", program=FAULTY) as server:
        (tmp_path / "no-sync").touch()
        moved = httpx.post(f"{server.url}/_mock/clock", json={"advance": "1m"}, timeout=20)
        assert (moved.status_code, moved.json()["code"]) == (500, "internal_error")
        assert "did not confirm" in moved.json()["detail"]
        assert httpx.get(f"{server.url}/_mock/clock").json()["offset_ms"] == 60_000
        assert hold(server, "refused").status_code == 503
        (tmp_path / "no-sync").unlink()
        until(partial(ready, server), "a disk that can be trusted")
        assert httpx.post(f"{server.url}/_mock/clock", json={"reset": True}, timeout=20).status_code == 200


def test_a_clock_that_jumps_under_the_server_loses_and_revives_nothing(tmp_path: Path) -> None:
    clock = tmp_path / "clock.txt"
    clock.write_text("0")
    with running_server(tmp_path, "--quiet", "--fixture", "tiny", program=FAULTY) as server:
        early = hold(server, "early").json()
        clock.write_text(str(3_600_000))
        ahead = hold(server, "ahead").json()
        assert ahead["held_at"] > early["expires_at"]
        assert invoice(server, "early").json()["code"] == "hold_expired"
        clock.write_text(str(-7_200_000))
        back = hold(server, "back").json()
        assert back["held_at"] >= ahead["held_at"], "time stands at the last commit"
        assert invoice(server, "early").json()["code"] == "hold_expired"
        assert invoice(server, "ahead").status_code == 200
        server.stop(signal.SIGKILL)
    looked = mockpos(tmp_path, "fsck")
    assert looked.returncode == 0, looked.stdout
    with running_server(tmp_path, "--quiet", program=FAULTY) as server:
        assert hold(server, "back").json() == {**back, "replayed": True}
        assert hold(server, "early").json()["code"] == "global_id_closed"
        assert invoice(server, "ahead").json()["replayed"] is True
        assert hold(server, "after").json()["held_at"] >= back["held_at"]


def test_a_clock_ten_years_ahead_and_back_is_told_in_log_banner_and_status_with_the_way_out(tmp_path: Path) -> None:
    clock, told = tmp_path / "clock.txt", "stands still for 3,6"
    with running_server(tmp_path, "--quiet", "--fixture", "tiny", program=FAULTY) as server:
        early = hold(server, "early").json()
        clock.write_text(str(3_652 * 86_400_000))
        until(lambda: httpx.get(f"{server.url}/_mock/holds/early").json()["status"] == "expired", "the hold's end")
        clock.write_text("0")
        until(lambda: f"warning: time {told}" in server.log.read_text(), "the warning")
        shown = httpx.get(f"{server.url}/_mock/clock").json()
        assert shown["now"] > early["expires_at"]
        assert 3_651 * 86_400_000 < shown["stands_still_ms"] <= 3_652 * 86_400_000
        assert "clock stands still" in httpx.get(f"{server.url}/_mock/console/").text
        server.stop(signal.SIGKILL)
    assert server.log.read_text().count("warning: time ") == 1
    with running_server(tmp_path, "--quiet", program=FAULTY) as server:
        assert f"clock      {told}" in server.log.read_text().rpartition("is ready")[2]
        status = mockpos(tmp_path, "status", "--url", server.url).stdout
        assert told in status
        assert "`mockpos clock reset`" in status
        assert mockpos(tmp_path, "clock", "reset", "--url", server.url).returncode == 0
        assert httpx.get(f"{server.url}/_mock/clock").json()["stands_still_ms"] == 0
        assert hold(server, "after").json()["held_at"] < shown["now"]
        assert server.stop() == 0


@pytest.mark.parametrize("region", ["header", "middle", "torn"])
def test_a_log_damaged_in_any_region_is_refused_explained_and_repaired(tmp_path: Path, region: str) -> None:
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        for number in range(6):
            assert hold(server, f"g-{number}").status_code == 200
        server.stop(signal.SIGKILL)
    log = tmp_path / "inventory.json.log"
    starts = line_starts(log.read_bytes())
    lines = {"header": 0, "middle": 3, "torn": 6}
    if region == "torn":
        log.write_bytes(log.read_bytes()[:-10])
    else:
        flip(log, starts[lines[region]] + 30, 0x10)
        line = lines[region] + 1
        assert_refused_to_start(
            mockpos(tmp_path, "serve", "--port", "0"), f"inventory.json.log:{line}: damaged", "fsck"
        )
        assert mockpos(tmp_path, "fsck").returncode == 1
        assert mockpos(tmp_path, "fsck", "--repair").returncode == 0
    assert mockpos(tmp_path, "fsck").returncode == 0
    kept = max(0, lines[region] - 1)
    with running_server(tmp_path, "--quiet") as server:
        replayed = [hold(server, f"g-{number}").json()["replayed"] for number in range(6)]
    assert replayed == [True] * kept + [False] * (6 - kept)


def test_a_full_disk_under_the_lines_that_people_watch_fails_no_call(tmp_path: Path) -> None:
    with running_server(tmp_path, "--fixture", "tiny") as server:
        assert hold(server, "before").status_code == 200
        with server.log.open("ab") as log:
            log.write(b"-" * 20_000 + b"\n")
        hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (10_000, hard))
        assert [hold(server, f"g-{number}").status_code for number in range(5)] == [200] * 5
        assert release(server, "nobody").status_code == 404
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
        assert hold(server, "after").status_code == 200
        assert server.stop() == 0
    assert len(held_in(tmp_path / "inventory.json")) == 7
