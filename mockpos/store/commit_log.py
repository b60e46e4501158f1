"""The commit log beside the inventory file: one line a commit, written before the answer.

The first line is a header that names the generation of the inventory file the
commits came after. A line has a checksum, its number, and what it says as JSON:

    0f2b61c9 17 {"at":1795435200000,"put":[...]}

The checksum is the CRC-32 of what follows it. The numbers run from 1 without a gap, so that a line that was taken
out is missed. A last line without its end was being written when the process died and was never answered: it
is torn, which is no damage. Any other line that does not match its checksum is damaged.
"""

import os
import shutil
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import MsgspecError
from msgspec.json import Decoder

from mockpos.domain.errors import OutcomeUnknown, StoreUnavailable
from mockpos.store.inventory_path import is_at, take_over_mode
from mockpos.store.log_entries import LogHeader, header_entry

_BODY = 9  # after eight digits of the checksum and a space
_decode = Decoder(dict[str, Any]).decode


class LineState(Enum):
    """How a line stands."""

    WHOLE = "whole"
    TORN = "torn"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: its number from 1, the offset of its first byte from 0, and its bytes without the line's end."""

    number: int
    offset: int
    text: bytes
    state: LineState

    @property
    def written_as(self) -> int:
        """The number that a whole line was written with; 0 where it has none."""
        number = self.text[_BODY:].partition(b" ")[0]
        return int(number) if number.isdigit() else 0

    def entry(self) -> dict[str, Any]:
        """Return what a whole line says. Raises ValueError when that is no JSON object."""
        try:
            return _decode(self.text[max(_BODY, self.text.find(b"{")) :])
        except MsgspecError as error:
            raise ValueError(f"not a JSON object: {error}") from None


def line_of(number: int, entry: bytes) -> bytes:
    """Write an entry, which is JSON, as a line with its end."""
    body = b"%d %b" % (number, entry)
    return b"%08x %b\n" % (zlib.crc32(body), body)


def each_line(stream: BinaryIO) -> Iterator[LogLine]:
    """Read a log line by line, so that a long one takes no more memory than its longest line."""
    offset = 0
    for number, raw in enumerate(stream, start=1):
        yield _read(number, offset, raw)
        offset += len(raw)


def _read(number: int, offset: int, raw: bytes) -> LogLine:
    text = raw.removesuffix(b"\n")
    if len(text) < len(raw):
        state = LineState.WHOLE if _is_whole(text) else LineState.DAMAGED
    else:  # the end is missing: torn off, unless a whole line stands before a byte that was its end
        state = LineState.DAMAGED if _is_whole(text[:-1]) else LineState.TORN
    return LogLine(number, offset, text, state)


def _is_whole(text: bytes) -> bool:
    return text[:_BODY] == b"%08x " % zlib.crc32(text[_BODY:])


class CommitLog:
    """A log open for appending. Not thread-safe: the store's lock orders the appends.

    ``broken`` says why nothing may rest on this log any more; it is empty while the log can be trusted.
    """

    def __init__(self, path: Path, header: LogHeader, *, like: Path) -> None:
        """Begin a log, in place of any that was there, for the same eyes as ``like``. Raises StoreUnavailable."""
        self.path = path
        self.size = 0
        self.synced = 0
        self.commits = 0
        self.lines = 0
        self.broken = ""
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreUnavailable(f"{path}: cannot be written ({error.strerror})") from None
        take_over_mode(self._fd, like, more=stat.S_IRUSR | stat.S_IWUSR)
        try:
            self.note(header_entry(header))
        except StoreUnavailable:
            self.close()
            raise

    def append(self, commit: bytes) -> None:
        """Write a commit, which is JSON. Raises as ``note`` does."""
        self.note(commit)
        self.commits += 1

    def note(self, entry: bytes) -> None:
        """Write one line. Raises StoreUnavailable, with the log as it was before, when the disk refuses."""
        if self.broken:
            raise StoreUnavailable(self.broken)
        line = line_of(self.lines + 1, entry)
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                raise OSError(28, "no space left for a whole line")
        except OSError as error:
            self._take_back()
            raise StoreUnavailable(f"{self.path}: cannot be written ({error.strerror})") from None
        self.size += written
        self.lines += 1

    def sync(self) -> None:
        """Wait until the disk has everything written so far. Raises OutcomeUnknown, and again ever after.

        A kernel may forget what it could not write, so a later success says nothing about this failure
        (https://wiki.postgresql.org/wiki/Fsync_Errors).
        """
        if self.broken:
            raise OutcomeUnknown(self.broken)
        size = self.size
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            self.broken = f"{self.path}: the disk did not confirm the last commits ({error.strerror})"
            raise OutcomeUnknown(self.broken) from None
        self.synced = max(self.synced, size)

    def is_in_place(self) -> bool:
        """Tell whether the log is where its name says, with everything that was written to it."""
        return is_at(self.path, os.fstat(self._fd)) and self.is_whole()

    def is_whole(self) -> bool:
        """Tell whether nobody cut anything off, wherever the log is now."""
        return os.fstat(self._fd).st_size == self.size

    def rename(self, path: Path) -> None:
        """Go on under another name, replacing what had it. A log that somebody removed is written there again."""
        if is_at(self.path, os.fstat(self._fd)):
            os.replace(self.path, path)
        else:
            self._write_again(path)
        self.path = path

    def close(self) -> None:
        """Stop appending."""
        os.close(self._fd)

    def _take_back(self) -> None:
        """Take back what was written of a line. What came after it would be lost with it."""
        try:
            os.ftruncate(self._fd, self.size)
        except OSError as error:
            self.broken = f"{self.path}: half a commit could not be taken back ({error.strerror})"

    def _write_again(self, path: Path) -> None:
        """Copy what was written, which lives on in the open file, and go on with the copy."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            with os.fdopen(os.dup(self._fd), "rb") as source, os.fdopen(os.dup(fd), "wb") as copy:
                source.seek(0)
                shutil.copyfileobj(source, copy)
            os.fsync(fd)
        except OSError:
            os.close(fd)
            raise
        os.close(self._fd)
        self._fd = fd
