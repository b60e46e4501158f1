"""The commit log beside the inventory file: one line a commit, written before the answer.

The first line is a header that names the generation of the inventory file the
commits came after. Every line begins with the CRC-32 of what follows it. A last line
without its end was being written when the process died and was never answered, so it is
left out; anything else that does not check is damage and is refused.
"""

import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from mockpos.domain.errors import BadInput, StoreUnavailable
from mockpos.stores.records import RECORD_FORMAT


@dataclass(frozen=True, slots=True)
class LogHeader:
    """Which file a log belongs to. ``fingerprint`` is the file's, or empty while that file is being written."""

    generation: int
    fingerprint: str = ""


class CommitLog:
    """A log open for appending. Not thread-safe: the store's lock orders the appends."""

    def __init__(self, path: Path, header: LogHeader) -> None:
        self.path = path
        """Begin a log, in place of any that was there. Raises StoreUnavailable."""
        self.size = 0
        self.synced = 0
        self.commits = 0
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreUnavailable(f"{path}: cannot be written ({error.strerror})") from None
        try:
            self.note({"mockpos": RECORD_FORMAT, "generation": header.generation, "fingerprint": header.fingerprint})
        except StoreUnavailable:
            self.close()
            raise

    def append(self, commit: Mapping[str, object]) -> None:
        """Write a commit. Raises as ``note`` does."""
        self.note(commit)
        self.commits += 1

    def note(self, entry: Mapping[str, object]) -> None:
        """Write one line. Raises StoreUnavailable, with the log as it was before, when the disk refuses."""
        body = orjson.dumps(entry)
        line = b"%b %b\n" % (_checksum(body), body)
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                raise OSError(28, "no space left for a whole line")
        except OSError as error:
            os.ftruncate(self._fd, self.size)
            raise StoreUnavailable(f"{self.path}: cannot be written ({error.strerror})") from None
        self.size += written

    def sync(self) -> None:
        """Wait until the disk has everything written so far."""
        size = self.size
        os.fdatasync(self._fd)
        self.synced = max(self.synced, size)

    def rename(self, path: Path) -> None:
        """Go on under another name, replacing what had it."""
        os.replace(self.path, path)
        self.path = path

    def close(self) -> None:
        """Stop appending."""
        os.close(self._fd)


def read_log(path: Path) -> tuple[LogHeader, Iterator[dict[str, object]]] | None:
    """Read a log: its header and its entries, or None when there is none or it was torn at its very start.

    Raises BadInput, also while iterating, naming the line that is damaged.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    lines = data.split(b"\n")
    torn = lines.pop()  # what follows the last newline: nothing, or the beginning of a line
    if _is_whole(torn[:-1]):
        raise _damaged(path, len(lines) + 1)  # a whole line and a byte more: its end was changed, not torn off
    if not lines:
        return None
    header = _checked(path, 1, lines[0])
    if header.get("mockpos") != RECORD_FORMAT:
        raise BadInput(f"{path}: written by another version of mockpos; start that version once to finish it")
    entries = (_checked(path, number, line) for number, line in enumerate(lines[1:], start=2))
    return LogHeader(_int(header["generation"]), str(header["fingerprint"])), entries


def _checked(path: Path, number: int, line: bytes) -> dict[str, object]:
    if not _is_whole(line):
        raise _damaged(path, number)
    entry: dict[str, object] = orjson.loads(line[9:])
    return entry


def _checksum(body: bytes) -> bytes:
    return b"%08x" % zlib.crc32(body)


def _is_whole(line: bytes) -> bool:
    return line[8:9] == b" " and line[:8] == _checksum(line[9:])


def _damaged(path: Path, number: int) -> BadInput:
    return BadInput(
        f"{path}:{number}: damaged: the line does not match its checksum. Nothing was changed. Move this file away to "
        f"go on from the last checkpoint without it (that loses the commits in it), or restore both from a backup"
    )


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value
