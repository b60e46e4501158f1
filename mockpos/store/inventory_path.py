"""Where an inventory really is, whether it can be one, and the names of the files beside it.

Rewriting renames a new file into the old one's place.
"""

import os
import re
import stat
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

from mockpos.domain.errors import BadInput

LONGEST_NAME = 200
"""The most bytes of an inventory's name: what lies beside it has up to 55 more, and file systems take 255."""

_KINDS = {
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a directory",
}


def inventory_path(path: Path) -> Path:
    """Return the file that a path leads to, by any name the same. Raises BadInput for what no inventory can be."""
    try:
        real = path.resolve() if path.is_symlink() else path
        check_regular(real)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, up to Python 3.12
        reason = (error.strerror if isinstance(error, OSError) else None) or "a loop of symbolic links"
        raise BadInput(f"{path}: cannot be opened: {reason}") from None
    length = len(os.fsencode(real.name))
    if length > LONGEST_NAME:
        raise BadInput(
            f"{path}: its name has {length} bytes. The files beside it have longer names, so an inventory's may have "
            f"{LONGEST_NAME} at most; rename it"
        )
    return real


def check_regular(path: Path) -> None:
    """Raise BadInput for a path that is there and no regular file: replacing it would destroy it."""
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    if kind != stat.S_IFREG:
        raise BadInput(
            f"{path}: is {_KINDS.get(kind, 'no regular file')}; name a regular file, or one that is not there"
        )


def check_replaceable(path: Path) -> None:
    """Raise BadInput for a file that is mounted on its own, as ``docker run -v ./x.json:/data/x.json`` does.

    No other file can be renamed into its place, and the logs beside it would lie in the container and go with it.
    """
    if _is_mounted(path.absolute()):
        raise BadInput(
            f"{path}: is mounted as a single file, so no rewritten one can take its place and its logs would lie "
            f"elsewhere. Mount the folder that it is in, or serve it with --memory, which writes nothing"
        )


def _is_mounted(path: Path) -> bool:
    """Ask Linux for its mounts; a file system of its own shows anywhere, a part of the same one only there."""
    with suppress(OSError):
        mounts = Path("/proc/self/mountinfo").read_bytes().splitlines()
        return os.fsencode(path) in (_unescaped(line.split(b" ")[4]) for line in mounts)
    with suppress(OSError):
        return path.stat().st_dev != path.parent.stat().st_dev
    return False


def _unescaped(name: bytes) -> bytes:
    r"""Return a name as it is: mountinfo writes blanks, tabs, line breaks and ``\`` as three octal digits."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), name)


def take_over_mode(fd: int, path: Path, *, more: int = 0) -> None:
    """Give an open file the mode and the owner of the one at ``path``, as far as this process may.

    ``more`` are bits that it needs besides: a log is written to though nobody may write to its file.
    """
    try:
        like = path.stat()
    except OSError:
        return
    now = os.fstat(fd)
    with suppress(OSError):
        if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
            os.fchown(fd, like.st_uid, like.st_gid)
    with suppress(OSError):
        os.fchmod(fd, stat.S_IMODE(like.st_mode) | more)


def is_at(path: Path, found: os.stat_result) -> bool:
    """Tell whether a path leads to a file that was open or written: another may have taken its place."""
    try:
        return os.path.samestat(path.stat(), found)
    except OSError:
        return False


class InventoryNames:
    """What the files of the inventory at ``path`` are called. See ``json_file_store`` for what each is for."""

    def __init__(self, path: Path) -> None:
        self.file = path
        self.log = self._beside(".log")
        self.lock = self._beside(".lock")
        self.probe = self._beside(".probe")
        self.new_log = self._beside(".log.new")

    def unfinished(self) -> list[Path]:
        """Return what a process may have left that died before it could finish them: nothing rests on them."""
        others = [self._beside(f".other.{number}") for number in self._numbers_after(".other.")]
        return [self._beside(".new"), *others, self.new_log, self.probe]

    def older_log(self, generation: int) -> Path:
        """Return what the log of a generation is called once another has taken its place."""
        return self._beside(f".log.{generation}")

    def older_logs(self, before: int = sys.maxsize) -> list[Path]:
        """Return the logs there are before the newest, or of the generations before one, the oldest first."""
        return [self.older_log(number) for number in self._numbers_after(".log.") if number < before]

    def logs(self) -> list[Path]:
        """Return where logs are read from, the oldest first. The newest may not be there."""
        return [*self.older_logs(), self.log]

    def free_aside(self, why: str) -> Path:
        """Return the first name ``FILE.why.N`` that nothing has, neither itself nor a file beside it."""
        taken = set(self._names())
        for number in count(1):
            name = f"{self.file.name}.{why}.{number}"
            if not any(each == name or each.startswith(name + ".") for each in taken):
                return self.file.with_name(name)
        raise AssertionError("there is always a next number")

    def _numbers_after(self, ending: str) -> list[int]:
        """Return the numbers that stand behind the file's name and an ending, ascending. Other names are not ours."""
        stem = self.file.name + ending
        numbers = (name.removeprefix(stem) for name in self._names() if name.startswith(stem))
        return sorted(int(number) for number in numbers if number.isascii() and number.isdecimal())

    def _names(self) -> list[str]:
        try:
            return [name for name in os.listdir(self.file.parent) if name.startswith(self.file.name)]
        except FileNotFoundError:
            return []

    def _beside(self, ending: str) -> Path:
        return self.file.with_name(self.file.name + ending)
