"""One process for one inventory: an advisory lock on a small file beside it.

The lock is the operating system's, so it ends with its process however that dies;
the file's text only tells people who has it.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from mockpos.domain.errors import BadInput, InventoryLocked
from mockpos.files import unwritable
from mockpos.store.inventory_path import InventoryNames, is_at

_LOCKS = Path("/proc/locks")


class FileLock:
    """Holds ``<inventory>.lock`` from construction until ``release``. Taken after any fork: flock is inherited."""

    def __init__(self, inventory: Path) -> None:
        self.path = InventoryNames(inventory).lock
        self._inventory = inventory
        self._fd = self._acquire()

    def release(self) -> None:
        """Give the lock up and take its file away, if it is still ours and not another's."""
        if self.is_in_place():
            with suppress(OSError):  # a disk that refuses; the lock itself ends below
                self.path.unlink(missing_ok=True)
        os.close(self._fd)

    def leave(self) -> None:
        """Let go of it in a process that was forked; the one that took it still has it."""
        os.close(self._fd)

    def is_in_place(self) -> bool:
        """Tell whether the lock's file is there: without it another process would find the inventory free."""
        return is_at(self.path, os.fstat(self._fd))

    def renew(self) -> None:
        """Take the lock again when somebody removed its file. Raises InventoryLocked when another was quicker."""
        if not self.is_in_place():
            fd = self._acquire()
            os.close(self._fd)
            self._fd = fd

    def _acquire(self) -> int:
        inventory = self._inventory
        while True:
            try:
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                if isinstance(error, FileNotFoundError):
                    raise BadInput(unwritable(inventory, error)) from None
                way_out = (
                    f"--memory --inventory {inventory}` only reads it" if inventory.exists() else "--memory` will do"
                )
                raise BadInput(
                    f"{unwritable(self.path, error)}. Where nothing may be written, `mockpos serve {way_out}"
                ) from None
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(fd, 200, 0).decode("utf-8", "replace").strip() or "another process"
                os.close(fd)
                raise InventoryLocked(
                    f"{inventory}: in use by {holder}; stop that one first, or serve another file with --inventory"
                ) from None
            except OSError as error:
                os.close(fd)
                raise BadInput(f"{self.path}: cannot be locked ({error.strerror}); use another file system") from None
            if is_at(self.path, os.fstat(fd)):
                with suppress(OSError):  # on a full disk nobody reads who has it; it is locked all the same
                    os.ftruncate(fd, 0)
                    os.pwrite(fd, f"process {os.getpid()}\n".encode(), 0)
                return fd
            os.close(fd)  # its last owner took the file away between our open and our lock: try the new one


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


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def lock_content(path: Path) -> int | None:
    """Lock the content of a file, whatever other names it has (hard links); None when it is not there.

    Returns the descriptor that has the lock. Raises InventoryLocked when it is served under another name.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise InventoryLocked(
            f"{path}: in use under another name, a hard link of the same file; stop that process, or copy the file"
        ) from None
    except OSError:  # a file system without locks of this kind
        os.close(fd)
        return None
    return fd
