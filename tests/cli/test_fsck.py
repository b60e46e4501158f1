"""``mockpos fsck``: what it prints, in which form, its exit status, and that it only writes when it is told to."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY, RunningServer, running_server
from tests.e2e.disks import bound_by_permissions
from tests.fsck.looks import GOOD_HOLD, GOOD_LISTING, UNDER_HOLD, flip, line_starts, tables


def fsck(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockpos", "fsck", *arguments], cwd=folder, env={**os.environ, **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """Run it with a terminal for its output, and return what it wrote there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "mockpos", "fsck", *arguments], cwd=folder, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm", **environment},
    ):  # fmt: skip
        os.close(theirs)
        written = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            written += data
    os.close(ours)
    return written.decode()


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file with its content and the time of its last change."""
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


def hold(server: RunningServer, global_id: str) -> httpx.Response:
    body = {"remote_id": "TG-1042", "quantity": 1, "global_id": global_id}
    return httpx.post(f"{server.url}/v1/holds", json=body, headers={"X-API-Key": KEY})


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A folder with what a killed server left: five acknowledged holds in its log."""
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        for number in range(1, 6):
            assert hold(server, f"g-{number}").status_code == 200
        server.stop(signal.SIGKILL)
    for name in ("server.log", "ready.txt"):
        (tmp_path / name).unlink()
    return tmp_path


def test_a_clean_file_gets_a_tick_and_exit_status_0(tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(tables(listings=[UNDER_HOLD], holds=[GOOD_HOLD]))
    before = state(tmp_path)
    done = fsck(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("✓ inventory.json  generation 0: 1 listing, 1 hold, 0 invoices")
    assert "A start would replay 0 commits and serve:" in done.stdout
    assert done.stdout.endswith("✓ clean\n")
    assert state(tmp_path) == before


def test_what_a_kill_left_is_clean_and_is_told(killed: Path) -> None:
    before = state(killed)
    done = fsck(killed, "inventory.json")
    assert done.returncode == 0
    assert "5 commits after generation 1" in done.stdout
    assert "A start would replay 5 commits" in done.stdout
    assert "5 live, 0 ended" in done.stdout
    assert "nobody holds it" in done.stdout
    assert state(killed) == before


def test_damage_gets_a_cross_a_place_a_meaning_and_a_way_out_and_exit_status_1(killed: Path) -> None:
    log = killed / "inventory.json.log"
    start = line_starts(log.read_bytes())[3]
    flip(log, start + 60)
    before = state(killed)
    done = fsck(killed)
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ inventory.json.log  2 commits after generation 1, 2 more that cannot be applied" in done.stdout
    assert f"✗ line 4, byte {start:,}: the line does not match its checksum" in done.stdout
    assert "about g-4, g-5" in done.stdout
    assert "A start would refuse: inventory.json.log:4: damaged" in done.stdout
    assert "1 finding; `mockpos fsck inventory.json --repair` can put it right" in done.stdout
    assert state(killed) == before


def test_json_says_everything_for_scripts(killed: Path) -> None:
    log = killed / "inventory.json.log"
    flip(log, line_starts(log.read_bytes())[3] + 60)
    done = fsck(killed, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["in_use_by"]) == (1, "findings", None)
    (finding,) = found["findings"]
    assert (finding["kind"], finding["line"], finding["commits_lost_at_least"]) == ("damaged_line", 4, 1)
    assert (finding["commits_not_applied"], finding["repairable"], finding["refuses_start"]) == (2, True, True)
    assert [note["kind"] for note in found["notes"]] == ["lock_left"]
    assert found["start"]["replays_commits"] == 2
    assert found["start"]["last_commit_at"].endswith("Z")


def test_a_torn_last_line_is_a_note_and_exit_status_0(killed: Path) -> None:
    log = killed / "inventory.json.log"
    log.write_bytes(log.read_bytes()[:-7])
    done = fsck(killed)
    assert done.returncode == 0
    assert "· line 6, byte" in done.stdout
    assert "never acknowledged. Nothing is lost." in " ".join(done.stdout.split())


def test_a_repair_says_what_it_does_and_the_server_starts_with_what_was_saved(killed: Path) -> None:
    log = killed / "inventory.json.log"
    flip(log, line_starts(log.read_bytes())[3] + 60)
    done = fsck(killed, "--repair")
    assert done.returncode == 0, done.stdout
    assert "  - copy inventory.json.log to inventory.json.before-repair.1.log\n" in done.stdout
    assert "  - leave out 2 commits past the gap; the copies keep them\n" in done.stdout
    assert done.stdout.endswith("✓ clean\n")
    assert fsck(killed).returncode == 0
    with running_server(killed, "--quiet") as server:
        assert [hold(server, f"g-{number}").json()["replayed"] for number in range(1, 6)] == [
            True, True, False, False, False,
        ]  # fmt: skip


def test_a_repair_as_json_has_its_steps_and_both_looks(killed: Path) -> None:
    log = killed / "inventory.json.log"
    flip(log, line_starts(log.read_bytes())[3] + 60)
    done = fsck(killed, "--repair", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["repair"]["done"]) == (0, "clean", True)
    assert [finding["kind"] for finding in found["repair"]["before"]["findings"]] == ["damaged_line"]
    assert [Path(copy).name for copy in found["repair"]["copies"]] == [
        "inventory.json.before-repair.1", "inventory.json.before-repair.1.log",
    ]  # fmt: skip
    again = json.loads(fsck(killed, "--repair", "--json").stdout)
    assert (again["repair"]["done"], again["repair"]["steps"]) == (False, [])


def test_what_takes_a_guess_is_not_repaired(tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(tables(listings=[GOOD_LISTING | {"quantity": 0}]))
    before = state(tmp_path)
    done = fsck(tmp_path, "--repair")
    assert done.returncode == 1
    assert "Nothing was changed: 1 finding cannot be repaired without a guess" in done.stdout
    assert "Way out: Look at the document" in done.stdout
    assert json.loads(fsck(tmp_path, "--repair", "--json").stdout)["repair"]["stopped_by"] == ["bad_document"]
    assert state(tmp_path) == before


def test_a_file_that_is_served_is_looked_at_and_not_repaired(tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        hold(server, "g-1")
        before = {name: data for name, data in state(tmp_path).items() if name.startswith("inventory")}
        done = fsck(tmp_path)
        assert done.returncode == 0
        assert done.stdout.startswith(f"note: in use by process {server.process.pid}: this is how the files stood")
        assert "1 live, 0 ended" in done.stdout
        refused = fsck(tmp_path, "--repair")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert f"in use by process {server.process.pid}; stop that one first" in refused.stderr
        assert {name: data for name, data in state(tmp_path).items() if name.startswith("inventory")} == before
        assert hold(server, "g-2").status_code == 200


@pytest.mark.parametrize("arguments", [("nothing.json",), ("nothing.json", "--repair"), ("--no-such-option",), (".",)])
def test_a_wrong_use_is_exit_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = fsck(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(("error: nothing.json: there is no such file", "Usage: "))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_listed_is_told_without_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "inventory.json").write_text(tables(listings=[GOOD_LISTING]))
    folder.chmod(0o100)
    done = subprocess.run(
        [sys.executable, "-m", "mockpos", "fsck", "closed/inventory.json"], cwd=tmp_path, capture_output=True,
        text=True, timeout=60, check=False, preexec_fn=bound_by_permissions,
    )  # fmt: skip
    folder.chmod(0o700)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: closed/inventory.json: cannot be looked at: Permission denied (closed)\n"


def test_the_file_may_come_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(tables(listings=[GOOD_LISTING]))
    assert "mine.json" in fsck(tmp_path, MOCKPOS_INVENTORY="mine.json").stdout


def test_colours_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(tables(listings=[GOOD_LISTING | {"quantity": 0}]))
    assert "\x1b" not in fsck(tmp_path).stdout
    assert "\x1b[31m✗" in on_a_terminal(tmp_path)
    assert "\x1b[31m" not in on_a_terminal(tmp_path, NO_COLOR="1")


def test_what_a_file_says_cannot_command_the_terminal(tmp_path: Path) -> None:
    listing = GOOD_LISTING | {"remote_id": "\x1b[2J\x1b[31mX", "quantity": 0}
    (tmp_path / "inventory.json").write_text(tables(listings=[listing]))
    assert "\x1b" not in fsck(tmp_path).stdout


def test_the_shell_completes_file_names(tmp_path: Path) -> None:
    asked = {**os.environ, "_MOCKPOS_COMPLETE": "bash_complete", "COMP_WORDS": "mockpos fsck inv", "COMP_CWORD": "2"}
    done = subprocess.run(
        [Path(sys.executable).with_name("mockpos")], env=asked, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert done.stdout == "file,inv\n"
