"""Standard streams that let nothing through that a terminal would obey, whoever wrote it and wherever it came from.

Commands clean what they know to come from outside; this is what no command can forget. Colours and the movements of a
progress bar pass, all other control characters are shown as they would be written: \\x1b]0;...
"""

import re
import sys
from typing import IO, Any

_ALLOWED = r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[[0-9]*[A-GJK]|\r"
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
_TOLD = re.compile(f"({_ALLOWED})|({_CONTROL})")


def harmless(text: str) -> str:
    """Return a text that only colours and moves as mockpos itself does."""
    return _TOLD.sub(lambda match: match[1] or ascii(match[2])[1:-1], text)


class GuardedStream:
    """A text stream whose writes are harmless. All else is the stream's own."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; return how much of it was written."""
        self._stream.write(harmless(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def guard_streams() -> None:
    """Guard standard error, and standard output where it is a terminal: a pipe or a file gets what was asked for.

    What a narrow encoding cannot write is replaced, so that no command ends for want of a tick.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or isinstance(stream, GuardedStream):
            continue
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace" if name == "stdout" else "backslashreplace")
        if name == "stderr" or stream.isatty():
            setattr(sys, name, GuardedStream(stream))
