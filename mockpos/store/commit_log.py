"""The commit log beside the inventory file: one line a commit, written before the answer.

The first line is a header that names the generation of the inventory file the
commits came after. This module writes; ``log_lines`` and ``replay`` read.
"""

import os
import shutil
import stat
from pathlib import Path

from mockpos.domain.errors import OutcomeUnknown, StoreUnavailable
from mockpos.store.inventory_path import take_over_mode
from mockpos.store.log_entries import LogHeader, header_entry
from mockpos.store.log_lines import line_of


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
        return self._is_there() and self.is_whole()

    def is_whole(self) -> bool:
        """Tell whether nobody cut anything off, wherever the log is now."""
        return os.fstat(self._fd).st_size == self.size

    def rename(self, path: Path) -> None:
        """Go on under another name, replacing what had it. A log that somebody removed is written there again."""
        if self._is_there():
            os.replace(self.path, path)
        else:
            self._write_again(path)
        self.path = path

    def close(self) -> None:
        """Stop appending."""
        os.close(self._fd)

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._fd), os.stat(self.path))
        except OSError:
            return False

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
