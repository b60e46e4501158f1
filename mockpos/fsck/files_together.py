"""Opens an inventory's files as they stand together at one moment, though a server may be replacing them."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mockpos.store.inventory_names import InventoryNames

_TRIES = 100
_Picture = dict[Path, tuple[int, int]]


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


def _picture(names: InventoryNames) -> _Picture:
    picture: _Picture = {}
    for path in (names.file, *names.logs()):
        try:
            found = path.stat()
        except OSError:
            continue
        picture[path] = (found.st_dev, found.st_ino)
    return picture


def _open(picture: _Picture, stack: ExitStack) -> OpenFiles:
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
