"""One process for one inventory: an advisory lock on a small file beside it.

The lock is the operating system's, so it ends with its process however that dies;
the file's text only tells people who has it.
"""

import fcntl
import os
from pathlib import Path

from mockpos.domain.errors import BadInput, InventoryLocked


class FileLock:
    """Holds ``<inventory>.lock`` from construction until ``release``. Taken after any fork: flock is inherited."""

    def __init__(self, inventory: Path) -> None:
        self.path = inventory.with_name(inventory.name + ".lock")
        self._fd = self._acquire(inventory)

    def release(self) -> None:
        """Give the lock up and take its file away."""
        self.path.unlink(missing_ok=True)
        os.close(self._fd)

    def _acquire(self, inventory: Path) -> int:
        while True:
            try:
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                raise BadInput(f"{self.path}: cannot be written ({error.strerror}); is the folder read-only?") from None
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.pread(fd, 200, 0).decode("utf-8", "replace").strip() or "another process"
                os.close(fd)
                raise InventoryLocked(
                    f"{inventory}: in use by {holder}; stop that one first, or serve another file with --inventory"
                ) from None
            if _same_file(fd, self.path):
                os.ftruncate(fd, 0)
                os.pwrite(fd, f"process {os.getpid()}\n".encode(), 0)
                return fd
            os.close(fd)  # its last owner took the file away between our open and our lock: try the new one


def _same_file(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
