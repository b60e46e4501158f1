"""Who has an inventory open, found out without touching its lock: a look must not keep a server from starting."""

import os
from collections.abc import Iterator
from pathlib import Path

_LOCKS = Path("/proc/locks")


def holder_of(lock: Path) -> str | None:
    """Return whom the lock's file names, when that one still holds it; None when nobody does, as far as can be seen.

    Linux lists its locks (proc_locks(5)). Elsewhere, the process that the file names has to be alive.
    """
    try:
        found, text = os.stat(lock), lock.read_bytes()[:200].decode("utf-8", "replace").strip()
    except OSError:
        return None
    pid = _number_in(text)
    try:
        listed = list(_flocks(_LOCKS.read_text()))
    except OSError:
        return text if pid is not None and _is_alive(pid) else None
    device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
    for owner, where, inode in listed:
        if inode == found.st_ino and (where == device or owner == pid):  # some file systems show another device
            return text or f"process {owner}"
    return None


def _flocks(text: str) -> Iterator[tuple[int, str, int]]:
    """Read lines such as ``1: FLOCK  ADVISORY  WRITE 4242 fe:00:131074 0 EOF``; ``->`` marks one that only waits."""
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[1] == "FLOCK":
            where, _, inode = fields[5].rpartition(":")
            yield int(fields[4]), where, int(inode)


def _number_in(text: str) -> int | None:
    number = text.removeprefix("process ")
    return int(number) if number.isascii() and number.isdecimal() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
