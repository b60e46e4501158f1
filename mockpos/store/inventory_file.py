"""The inventory file: a TinyDB document file that is only ever replaced whole.

TinyDB's own JSON storage writes in place, so a crash in the middle leaves neither
the old file nor the new one; this one writes beside and renames. It is a TinyDB
storage like any other: ``TinyDB(path, storage=InventoryFile)``.
"""

import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from msgspec.json import decode
from tinydb.storages import Storage

from mockpos.codecs.file_layout import Fingerprint, Table, Tables, fingerprint_of, parse_tables, world_slices
from mockpos.domain.errors import BadInput
from mockpos.files import unwritable
from mockpos.store.inventory_path import InventoryNames, check_regular, is_at, take_over_mode

_WRITTEN_AT_ONCE = 256 * 1024
"""Bytes that a thread writes while calls go on: a busy disk makes whoever writes wait for a tenth of a second."""

_log = logging.getLogger("mockpos")

Slices = Iterator[Callable[[], None] | None]
"""Work in short pieces. A function that is yielded waits for the disk, and has to be called before going on."""


def call(step: Callable[[], None]) -> None:
    """Take a step."""
    step()


class InventoryFile(Storage):
    """Reads and atomically replaces one inventory file.

    A file that somebody edited since it was read or written here is kept beside the one that replaces it.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self.path = Path(path)
        self.fingerprint = ""
        self._known: os.stat_result | None = None
        """How the file was when it was last read or written here."""

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Read all tables, as TinyDB wants them. See ``tables``."""
        tables = self.tables()
        if tables is None:
            return None
        return {name: {number: decode(text) for number, text in each.items()} for name, each in tables.items()}

    def tables(self) -> Tables | None:
        """Read all tables; None when there is no file yet. Raises BadInput when it is damaged."""
        check_regular(self.path)
        try:
            with self.path.open("rb") as stream:
                self._known = os.fstat(stream.fileno())
                data = stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be read ({error.strerror})") from None
        self.fingerprint = fingerprint_of(BytesIO(data))
        return parse_tables(data, str(self.path))

    def is_there(self) -> bool:
        """Tell whether there is a file, whoever wrote it."""
        return self.path.exists()

    def is_as_known(self) -> bool:
        """Tell whether the file looks as it did when it was last read or written here, by what a look costs little."""
        known = self._known
        try:
            now = self.path.stat()
        except OSError:
            return False
        return known is not None and _looks(now) == _looks(known)

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file by these tables: what TinyDB calls. Documents keep their numbers."""
        self.replace(data.items())

    def replace(self, tables: Iterable[Table]) -> None:
        """Write the tables beside the file, make sure the disk has them, then rename."""
        run_slices(self.replace_in_slices(tables))

    def replace_in_slices(
        self, tables: Iterable[Table], renaming: Callable[[Callable[[], None]], None] = call, suffix: str = ".new"
    ) -> Slices:
        """Do as ``replace``, pausing at every yield so that others can be served meanwhile.

        Abandoning the iteration leaves the old file. ``renaming`` is given the last step, to take it or to leave it.
        Whoever is writing under the same name goes on with a file that has none, and is to leave that step.
        """
        beside = self.path.with_name(self.path.name + suffix)
        try:
            check_regular(self.path)
            _remove(beside)
            with beside.open("xb") as stream:  # open to the end: no other file can be taken for it until then
                try:
                    fingerprint, looks = yield from self._written(stream, tables)
                    renaming(partial(self._take_place, beside, fingerprint, looks))
                finally:
                    if is_at(beside, os.fstat(stream.fileno())):
                        _remove(beside)
        except OSError as error:
            told = unwritable(self.path, error)
            raise BadInput(told if self._known is None else f"{told}; the old file is untouched") from None
        if self._known is not looks:
            return  # another world was put in the file's place meanwhile
        try:
            yield from _waiting(partial(sync_folder, self.path.parent))
        except OSError as error:
            raise BadInput(f"{self.path}: written, but the disk did not confirm it ({error.strerror})") from None

    def _written(
        self, stream: BinaryIO, tables: Iterable[Table]
    ) -> Generator[Callable[[], None] | None, None, tuple[str, os.stat_result]]:
        """Write the tables and wait until the disk has them; keep what somebody made of the file meanwhile.

        Returns the fingerprint of what was written, and how the file is then.
        """
        take_over_mode(stream.fileno(), self.path)
        fingerprint, waiting = Fingerprint(), bytearray()
        for data in world_slices(tables):
            fingerprint.add(data)
            waiting += data
            if len(waiting) >= _WRITTEN_AT_ONCE:
                yield from _waiting(partial(stream.write, bytes(waiting)))
                waiting.clear()
            else:
                yield None
        stream.write(waiting)
        stream.flush()
        yield from _waiting(partial(os.fsync, stream.fileno()))
        if self._known is not None:
            yield from _waiting(self._keep_edit)
        return str(fingerprint), os.fstat(stream.fileno())

    def _take_place(self, beside: Path, fingerprint: str, looks: os.stat_result) -> None:
        """Put what was written in the file's place, and know it from then on."""
        os.replace(beside, self.path)
        self.fingerprint, self._known = fingerprint, looks

    def _keep_edit(self) -> None:
        """Give a file that somebody edited meanwhile a second name, which it keeps when another takes its place."""
        if self.is_as_known():
            return
        try:
            with self.path.open("rb") as stream:
                if fingerprint_of(stream) == self.fingerprint:
                    return  # touched, or saved unchanged
                aside = InventoryNames(self.path).free_aside("edited-by-hand")
                _link_or_copy(self.path, stream, aside)
        except FileNotFoundError:
            _log.warning("%s: somebody removed it while it was served; it is written anew", self.path)
            return
        _log.warning(
            "%s: somebody edited it while it was served. What they wrote is kept as %s and was not read; the file "
            "is written anew. Stop the server before you edit it",
            self.path,
            aside.name,
        )


def run_slices(slices: Slices) -> None:
    """Do all of the work at once, where nobody else has to be served."""
    for wait_for_disk in slices:
        if wait_for_disk is not None:
            wait_for_disk()


def _waiting(wait: Callable[[], object]) -> Slices:
    """Have somebody else wait for the disk, and raise here what went wrong there."""
    failures: list[OSError] = []

    def waited() -> None:
        try:
            wait()
        except OSError as error:
            failures.append(error)

    yield waited
    for error in failures:
        raise error


def _looks(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _link_or_copy(path: Path, stream: BinaryIO, aside: Path) -> None:
    """Link, so that an editor that is still writing writes there; copy where the file system has no links."""
    try:
        os.link(path, aside)
    except OSError:
        stream.seek(0)
        with aside.open("xb") as copy:
            shutil.copyfileobj(stream, copy)


def _remove(path: Path) -> None:
    """Remove what is of no use. A disk that refuses has refused before, and that is what is told."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's list of names."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
