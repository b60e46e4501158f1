"""One clear line for every call, for the person who watches the terminal."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from mockpos.domain.clock import Clock, rfc3339

_LONGEST = 120


@dataclass(slots=True)
class CallNote:
    """What is known of a call by the time it is answered. Never the API key."""

    what: str = ""
    about: str = ""
    outcome: str = ""
    injected: str = ""
    cut: bool = False


class CallLog:
    """Prints calls. ``style`` colours a text for a status, or leaves it as it is."""

    def __init__(self, clock: Clock, write: Callable[[str], object], style: Callable[[str, int], str]) -> None:
        self._clock = clock
        self._write = write
        self._style = style

    def line(self, note: CallNote, status: int, seconds: float) -> None:
        """Print one call."""
        time = rfc3339(self._clock.now())[11:23]
        shown = "---" if note.cut else str(status)
        outcome = self._style(f"{shown} {note.outcome}", 500 if note.cut else status)
        injected = f"  [{note.injected}]" if note.injected else ""
        self._write(f"{time} {note.what:8} {outcome}  {printable(note.about)}  {seconds * 1000:.1f} ms{injected}\n")


def printable(text: str) -> str:
    """Return text that is safe to print in a terminal: callers choose it."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."


def plain(text: str, status: int) -> str:
    """Leave a text as it is."""
    return text


def to_stderr(text: str) -> None:
    """Write to standard error, and let a closed terminal be."""
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
