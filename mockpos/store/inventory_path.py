"""Where an inventory really is, and whether it can be one: rewriting renames a new file into the old one's place."""

import fcntl
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from mockpos.domain.errors import BadInput, InventoryLocked

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
