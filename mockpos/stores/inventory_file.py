"""The inventory file: a TinyDB document file that is only ever replaced whole.

TinyDB's own JSON storage writes in place, so a crash in the middle leaves neither
the old file nor the new one; this one writes beside and renames. It is a TinyDB
storage like any other: ``TinyDB(path, storage=InventoryFile)``.
"""

import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from tinydb.storages import Storage

from mockpos.documents.world_file import Table, world_slices
from mockpos.domain.errors import BadInput

Slices = Iterator[Callable[[], None] | None]
"""Work in short pieces. A function that is yielded waits for the disk, and has to be called before going on."""


def call(step: Callable[[], None]) -> None:
    """Take a step."""
    step()


class InventoryFile(Storage):
    """Reads and atomically replaces one inventory file."""

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self.path = Path(path)
        self.fingerprint = ""

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Read all tables; None when there is no file yet. Raises BadInput when it is damaged."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be read ({error.strerror})") from None
        self.fingerprint = fingerprint(data)
        return parse_tables(data, str(self.path))

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
        """
        beside = self.path.with_name(self.path.name + suffix)
        try:
            with beside.open("wb") as stream:
                checked = _Fingerprinting(stream)
                yield from world_slices(checked, tables)
                stream.flush()
                yield from _waiting(partial(os.fsync, stream.fileno()))
            renaming(partial(os.replace, beside, self.path))
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be written ({error.strerror}); the old file is untouched") from None
        finally:
            beside.unlink(missing_ok=True)
        self.fingerprint = checked.fingerprint
        yield from _waiting(partial(sync_folder, self.path.parent))


def run_slices(slices: Slices) -> None:
    """Do all of the work at once, where nobody else has to be served."""
    for wait_for_disk in slices:
        if wait_for_disk is not None:
            wait_for_disk()


def _waiting(wait: Callable[[], None]) -> Slices:
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


class _Fingerprinting:
    """Passes bytes on and keeps count of them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = 0
        self._crc = 0

    def write(self, data: bytes) -> int:
        self._size += len(data)
        self._crc = zlib.crc32(data, self._crc)
        return self._stream.write(data)

    @property
    def fingerprint(self) -> str:
        return f"{self._size}-{self._crc:08x}"


def fingerprint(data: bytes) -> str:
    """Return what tells one version of a file from another: an accident's check, not a cryptographic one."""
    return f"{len(data)}-{zlib.crc32(data):08x}"


def parse_tables(data: bytes, name: str) -> dict[str, dict[str, Any]]:
    """Read the bytes of an inventory file. Raises BadInput that says where they stop making sense."""
    if not data.strip():
        return {}  # as TinyDB has it
    try:
        tables = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput(
            f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}. The file was left as it is; correct it, "
            f"or move it away to start from a fixture"
        ) from None
    if not isinstance(tables, dict) or not all(_is_table(table) for table in tables.values()):
        raise BadInput(f"{name}: not an inventory file: expected an object of tables such as listings and holds")
    if data.count(b"{") != _count_objects(tables):
        _refuse_keys_given_twice(data, name)
    return tables


def _count_objects(tables: dict[str, dict[str, Any]]) -> int:
    """Count the objects in an ordinary inventory file: documents, and the venues in events."""
    venues = sum(type(event.get("venue")) is dict for event in tables.get("events", {}).values())
    return 1 + len(tables) + sum(map(len, tables.values())) + venues


def _refuse_keys_given_twice(data: bytes, name: str) -> None:
    """Refuse a document that a copied line's number hides: a parser takes the last one without a word."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(f"{name}: {twice!r} is given twice in one object; number the documents of a table apart")
        return found

    json.loads(data, object_pairs_hook=unique)


def _is_table(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(document, dict) for document in table.values())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's list of names."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
