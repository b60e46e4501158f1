"""Disks that fill up, and folders that refuse, for a real server: by limits that bind root too."""

import ctypes
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.conftest import RunningServer

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


class LimitedDisk:
    """Every file may grow to some size and no further (RLIMIT_FSIZE). That works everywhere, for everybody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, server: RunningServer) -> None:
        """Leave room for half a commit in the log."""
        log = max(self.folder.glob("*.log"), key=lambda path: path.stat().st_size)
        self._limit(server, log.stat().st_size + 100)

    def free(self, server: RunningServer) -> None:
        self._limit(server, resource.RLIM_INFINITY)

    def _limit(self, server: RunningServer, size: int) -> None:
        hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, hard))


class SmallDisk:
    """A file system of its own with little room, filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, server: RunningServer) -> None:
        with self._filler.open("wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(b"\0" * 4096)
            except OSError:
                return

    def free(self, server: RunningServer) -> None:
        self._filler.unlink()


Disk = LimitedDisk | SmallDisk


@contextmanager
def disk_in(folder: Path, kind: str) -> Iterator[Disk]:
    """Make a disk in a folder and take it away again."""
    folder.mkdir()
    if kind == "limited":
        yield LimitedDisk(folder)
        return
    _mount(folder)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "mockpos-test", str(folder)], check=True)


@cache
def kinds_of_disk() -> list[str]:
    """List the kinds that can be made here: a limit always can, a file system of its own only by root."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _mount(Path(folder))
        except (OSError, subprocess.CalledProcessError):
            return ["limited"]
        subprocess.run(["umount", folder], check=True)
    return ["limited", "small"]


def bound_by_permissions() -> None:
    """Give up root's right to write where nobody may: for the new process, before it runs anything."""
    libc = ctypes.CDLL(None)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # anybody else has no such right


def limited_to(size: int) -> None:
    """Let no file of this process grow beyond a size."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def is_bound_by_permissions(folder: Path) -> bool:
    """Tell whether a process that gave up its rights is refused in a folder that nobody may write to."""
    program = [sys.executable, "-c", "import sys; open(sys.argv[1] + '/probe', 'w')", str(folder)]
    done = subprocess.run(program, preexec_fn=bound_by_permissions, capture_output=True, text=True, check=False)
    return "PermissionError" in done.stderr
