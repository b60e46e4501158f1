"""An inventory is a regular file of its own: anything else is refused as it is, and mode and owner stay."""

import os
import socket
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput, InventoryLocked
from mockpos.inventory_files import export_file, seed_file
from mockpos.store.inventory_path import LONGEST_NAME
from tests.conftest import a_listing
from tests.store.disk import Opener, busy
from tests.store.test_file_lock import another_process


def make(path: Path, kind: str) -> None:
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    elif kind == "a directory":
        path.mkdir()
    else:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))


@pytest.mark.parametrize("kind", ["a pipe", "a socket", "a directory", "a device"])
def test_what_is_no_regular_file_is_refused_and_stays(open_store: Opener, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    path = folder / "x.json"
    try:
        make(path, kind)
    except PermissionError:
        assert kind == "a device"  # which takes root
        path = Path("/dev/null")
    before = path.lstat().st_mode
    with pytest.raises(BadInput, match=rf"{path}: is {kind}; name a regular file"):
        open_store(path, a_listing())
    with pytest.raises(BadInput, match=rf"is {kind}"):
        seed_file(path, count=1, seed=1, anchor=date(2026, 11, 23))
    assert path.lstat().st_mode == before
    assert [name for name in os.listdir(folder) if name != "x.json"] == []


def test_a_link_to_a_device_is_refused_too(open_store: Opener, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to("/dev/null")
    with pytest.raises(BadInput, match="is a device"):
        open_store(link, a_listing())


def test_a_loop_of_links_is_told(open_store: Opener, tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(BadInput, match=r"one\.json: cannot be opened: (a loop of symbolic links|Too many levels)"):
        open_store(one, a_listing())


@pytest.mark.parametrize(("letter", "length"), [("y", 250), ("y", LONGEST_NAME + 1), ("é", LONGEST_NAME // 2 + 1)])
def test_a_name_with_no_room_for_the_files_beside_it_is_refused(
    open_store: Opener, tmp_path: Path, letter: str, length: int
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(BadInput, match=f"its name has .* bytes.*may have {LONGEST_NAME} at most"):
        open_store(folder / (letter * length), a_listing())
    assert list(folder.iterdir()) == []


def test_the_longest_name_has_room_for_all_that_lies_beside_it(open_store: Opener, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    path = folder / ("y" * LONGEST_NAME)
    store = open_store(path, a_listing(quantity=20))
    busy(store)
    path.write_text("edited")
    store.checkpoint()
    store.close()
    open_store(path).close()
    assert sorted(os.listdir(folder)) == [path.name, f"{path.name}.edited-by-hand.1"]


def test_two_hard_links_of_one_file_are_not_served_at_once(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing()).close()
    link = path.with_name("link.json")
    os.link(path, link)
    with another_process(path), pytest.raises(InventoryLocked, match=r"link\.json: in use under another name"):
        open_store(link)
    store = open_store(link)
    busy(store)
    store.close()
    assert not os.path.samefile(path, link)


def test_a_link_that_was_left_behind_by_a_checkpoint_goes_its_own_way(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    backup = path.with_name("backup.json")
    os.link(path, backup)
    busy(store)
    store.checkpoint()
    other = open_store(backup)
    other.close()
    store.close()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o664])
def test_a_rewritten_file_and_its_log_keep_the_mode(open_store: Opener, path: Path, mode: int) -> None:
    open_store(path, a_listing(quantity=60)).close()
    path.chmod(mode)
    store = open_store(path)
    log = path.with_name("inventory.json.log")
    assert stat.S_IMODE(log.stat().st_mode) == mode | 0o600
    busy(store, "one")
    store.checkpoint()
    assert stat.S_IMODE(log.stat().st_mode) == mode | 0o600
    busy(store, "two")
    store.close()
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_rewritten_file_keeps_its_owner(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing(quantity=20)).close()
    owner = 65534 if os.geteuid() == 0 else os.geteuid()  # only root can give a file away
    os.chown(path, owner, -1)
    store = open_store(path)
    assert path.with_name("inventory.json.log").stat().st_uid == owner
    busy(store)
    store.close()
    assert path.stat().st_uid == owner


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_export_to_a_device_is_written_to_it(open_store: Opener, path: Path, kind: str) -> None:
    open_store(path, a_listing()).close()
    assert export_file(path, Path("/dev/null"), kind=kind) == (1, 0)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_fsck_says_the_same(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    done = subprocess.run(
        [sys.executable, "-m", "mockpos", "fsck", "pipe.json"], cwd=tmp_path, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert "error: pipe.json: is a pipe; name a regular file" in done.stderr
