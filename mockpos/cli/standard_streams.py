"""The standard streams of a program that must neither wait for whoever reads them, nor fail for want of a reader."""

import io
import os
import select
import sys
from contextlib import suppress
from typing import TextIO

from mockpos.cli.streams import GuardedStream

_AT_ONCE = 512  # bytes: what poll calls writable takes as much, whatever it is (POSIX's PIPE_BUF is larger)


def make_sure_of_files() -> None:
    """Open what is closed of the first three descriptors: a file of ours in their place would be printed into."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # as long as the program runs
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # the same


def drop_what_nobody_reads() -> None:
    """Write to standard error without ever waiting for its reader, from now on."""
    with suppress(OSError, ValueError):  # a stream without a descriptor, in tests, waits for nobody
        sys.stderr.flush()
        sys.stderr = GuardedStream(DroppingStream(sys.stderr))  # type: ignore[arg-type]  # IO but for its name


class DroppingStream(io.TextIOBase):
    """A text stream that drops what does not fit into the pipe behind it, and says so when there is room again.

    A server whose standard error goes to a pipe that nobody reads would else stand still, calls and signals included.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._fd = stream.fileno()
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLOUT)
        self._dropped = 0
        self._half = False  # the last line was written in part

    @property
    def encoding(self) -> str:  # type: ignore[override]  # what it is for the stream behind
        """Return the encoding of the stream behind."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # the same
        """Return what is done with text that cannot be encoded."""
        return self._stream.errors

    def fileno(self) -> int:
        """Return the descriptor behind."""
        return self._fd

    def isatty(self) -> bool:
        """Tell whether a person reads."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, text: str, /) -> int:
        """Write a text, or count its lines as dropped."""
        if not isinstance(text, str):
            raise TypeError("a text stream takes text")
        data = text.encode(self.encoding, "backslashreplace")
        try:
            if self._dropped and self._is_ready():
                self._tell_of_dropped()
            if self._dropped or not self._put(data):
                self._dropped += max(1, text.count("\n"))
        except OSError:  # the reader is gone
            self._dropped = 0
        return len(text)

    def _put(self, data: bytes) -> bool:
        """Write piece by piece for as long as there is room; return whether all was written."""
        for start in range(0, len(data), _AT_ONCE):
            if not self._is_ready():
                self._half = start > 0
                return False
            os.write(self._fd, data[start : start + _AT_ONCE])
        return True

    def _tell_of_dropped(self) -> None:
        cut = "...\n" if self._half else ""
        if self._put(f"{cut}({self._dropped} lines were dropped: nobody read them)\n".encode()):
            self._dropped, self._half = 0, False

    def _is_ready(self) -> bool:
        return bool(self._poll.poll(0))
