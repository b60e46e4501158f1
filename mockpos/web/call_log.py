"""One clear line for every call, for the person who watches the terminal."""

from collections.abc import Callable

from mockpos.domain.clock import Clock, rfc3339
from mockpos.sandboxes.keys import DEFAULT
from mockpos.web.call_note import CallNote

_LONGEST = 120


class CallLog:
    """Prints calls. ``style`` colours a text for a status, or leaves it as it is."""

    def __init__(self, clock: Clock, write: Callable[[str], object], style: Callable[[str, int], str]) -> None:
        self._clock = clock
        self._write = write
        self._style = style

    def call(self, note: CallNote, method: str, path: str, status: int, seconds: float) -> None:
        """Print a product call."""
        what, about = (note.operation.value, note.about) if note.operation else (method, path)
        injected = f"  [{note.plan.scenario}/{note.plan.rule_id}: {note.plan}]" if note.plan else ""
        where = "" if note.sandbox.name == DEFAULT else f"{note.sandbox.name}: "
        shown = f"--- {note.outcome}" if note.cut else f"{status} {note.outcome}"
        self._line(what, shown, 500 if note.cut else status, where + about, seconds, injected)

    def other(self, method: str, path: str, status: int, seconds: float) -> None:
        """Print a call of a page or of the control plane."""
        self._line(method, str(status), status, path, seconds, "")

    def _line(self, what: str, shown: str, status: int, about: str, seconds: float, injected: str) -> None:
        time = rfc3339(self._clock.now())[11:23]
        took = f"{seconds * 1000:.1f} ms"
        self._write(f"{time} {what:8} {self._style(shown, status)}  {printable(about)}  {took}{injected}\n")


def printable(text: str) -> str:
    """Return text that is safe to print in a terminal: callers choose it."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."


def plain(text: str, status: int) -> str:
    """Leave a text as it is."""
    return text
