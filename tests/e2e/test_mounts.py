"""Inventories on mounts, as containers have them: a single mounted file, and a folder that is read-only."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_one_process import assert_refused

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces are Linux's")
SINGLE_FILE = 'mount --bind ../host.json "$0" && exec "$@"'
READ_ONLY = 'mount --bind . . && mount -o remount,ro,bind . && cd . && exec "$@"'


def mounted(script: str, folder: Path, name: str, *command: str) -> subprocess.CompletedProcess[str]:
    words = ["unshare", "-rm", "sh", "-c", f"cd '{folder}' && {script}", name, sys.executable, "-m", "mockpos"]
    return subprocess.run([*words, *command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def seed(path: Path) -> bytes:
    command = [sys.executable, "-m", "mockpos", "seed", "--listings", "5", "--out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["inventory.json", "mine and yours.json"])
@pytest.mark.parametrize(
    "command",
    [("serve", "--port", "0", "--inventory"), ("import", "../host.json", "--inventory"), ("fsck", "--repair")],
)
def test_a_file_that_is_mounted_alone_is_refused_before_anything_is_answered(
    tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / name).touch()
    before = seed(tmp_path / "host.json")
    ended = mounted(SINGLE_FILE, folder, name, *command, name)
    assert_refused(ended, f"{name}: is mounted as a single file", "Mount the folder", "--memory")
    assert (tmp_path / "host.json").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == [name]


def test_nothing_replaces_a_file_that_is_mounted_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "inventory.json").touch()
    before = seed(tmp_path / "host.json")
    ended = mounted(SINGLE_FILE, folder, "inventory.json", "seed", "--force", "--out", "inventory.json")
    assert_refused(ended, "inventory.json: is mounted as a single file", "mount its folder")
    assert (tmp_path / "host.json").read_bytes() == before


def test_a_file_that_is_mounted_alone_can_be_looked_at_and_served_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "inventory.json").touch()
    seed(tmp_path / "host.json")
    assert mounted(SINGLE_FILE, folder, "inventory.json", "fsck", "inventory.json").returncode == 0
    in_memory = ("exec", "--inventory", "inventory.json", "--", "sh", "-c", 'curl -sf "$MOCKPOS_URL/_mock/listings"')
    ended = mounted(SINGLE_FILE, folder, "inventory.json", *in_memory)
    assert ended.stdout.count('"remote_id"') == 5


def test_a_folder_that_is_read_only_names_the_way_out(tmp_path: Path) -> None:
    seed(tmp_path / "inventory.json")
    ended = mounted(READ_ONLY, tmp_path, "", "serve", "--port", "0")
    assert_refused(ended, "Read-only file system", "`mockpos serve --memory --inventory inventory.json`")
