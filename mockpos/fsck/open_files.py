"""Opens an inventory's files as they stand together at one moment, and finds out who serves them, without a lock."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mockpos.store.inventory_path import InventoryNames

_TRIES = 100
_LOCKS = Path("/proc/locks")


@dataclass(slots=True)
class OpenFiles:
    """The inventory file and its logs, the oldest first, open for reading. What is not there is left out."""

    streams: dict[Path, BinaryIO] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    """Files that are there, and why they cannot be read."""

    def sizes(self) -> dict[Path, int]:
        """Return how long each file is, in bytes."""
        return {path: os.fstat(stream.fileno()).st_size for path, stream in self.streams.items()}


@contextmanager
def open_together(names: InventoryNames) -> Iterator[OpenFiles]:
    """Open the files, again until none took another's place meanwhile.

    A file is only ever replaced whole and a log only ever grows, so what is open stays as it belongs together.
    """
    with ExitStack() as stack:
        for _ in range(_TRIES):
            with ExitStack() as attempt:
                before = _picture(names)
                files = _open(before, attempt)
                if _picture(names) == before:
                    stack.push(attempt.pop_all())
                    break
        yield files


def holder_of(lock: Path) -> str | None:
    """Return whom the lock's file names, when that one still holds it; None when nobody does, as far as can be seen.

    Taking the lock to find out could keep a server from starting. Linux lists its locks (proc_locks(5)); elsewhere,
    the process that the file names has to be alive.
    """
    try:
        found, text = os.stat(lock), lock.read_bytes()[:200].decode("utf-8", "replace").strip()
    except OSError:
        return None
    number = text.removeprefix("process ")
    pid = int(number) if number.isascii() and number.isdecimal() else None
    try:
        locks = [line.split() for line in _LOCKS.read_text().splitlines()]
    except OSError:
        return text if pid is not None and _is_alive(pid) else None
    for fields in locks:  # 1: FLOCK  ADVISORY  WRITE 4242 fe:00:131074 0 EOF; `->` marks one that only waits
        if len(fields) == 8 and fields[1] == "FLOCK" and fields[5].rpartition(":")[2] == str(found.st_ino):
            device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
            if fields[5].rpartition(":")[0] == device or fields[4] == number:  # some file systems show another device
                return text or f"process {fields[4]}"
    return None


def _picture(names: InventoryNames) -> dict[Path, tuple[int, int]]:
    picture: dict[Path, tuple[int, int]] = {}
    for path in (names.file, *names.logs()):
        try:
            found = path.stat()
        except OSError:
            continue
        picture[path] = (found.st_dev, found.st_ino)
    return picture


def _open(picture: dict[Path, tuple[int, int]], stack: ExitStack) -> OpenFiles:
    files = OpenFiles()
    for path, looks in picture.items():
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                files.unreadable[path] = "it is no regular file"  # a pipe would be waited for without end
                continue
            stream = stack.enter_context(path.open("rb"))
        except OSError as error:
            files.unreadable[path] = error.strerror or str(error)
            continue
        found = os.fstat(stream.fileno())
        if (found.st_dev, found.st_ino) == looks:
            files.streams[path] = stream
    return files


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
