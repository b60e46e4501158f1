"""One clear line for every call, for the person who watches the terminal."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mockpos.domain.clock import Clock, rfc3339

if TYPE_CHECKING:
    from mockpos.web.exchange import Exchange

_LONGEST = 120
_FAILED = 500


class CallLog:
    """Prints calls. ``style`` colours a text for a status, or leaves it as it is.

    Calls of pages and of the control plane are printed only ``with_control``, or when they failed: a person watches
    what the client under test does. They say so with a word of their own, and have no sandbox.
    """

    def __init__(
        self,
        clock: Clock,
        write: Callable[[str], object],
        style: Callable[[str, int], str],
        *,
        with_control: bool = False,
    ) -> None:
        self._clock = clock
        self._write = write
        self._style = style
        self._with_control = with_control

    def print(self, exchange: "Exchange", status: int, seconds: float) -> None:
        """Print one call."""
        request, sandbox, plan = exchange.request, exchange.sandbox, exchange.plan
        what, about = request.method, request.target.partition(b"?")[0].decode("latin-1")
        if sandbox is None:
            if self._with_control or status >= _FAILED:
                self._line("control", str(status), status, f"{what} {about}", seconds, exchange.request_id)
            return
        if exchange.operation is not None:
            what, about = exchange.operation.value, exchange.about
        injected = f"  [{plan.scenario}/{plan.rule_id}: {plan}]" if plan else ""
        shown = f"--- {exchange.outcome}" if exchange.fault else f"{status} {exchange.outcome}"
        end = f"{sandbox.name}  {exchange.request_id}{injected}"
        self._line(what, shown, 500 if exchange.fault else status, about, seconds, end)

    def _line(self, what: str, shown: str, status: int, about: str, seconds: float, end: str) -> None:
        time = rfc3339(self._clock.now())[11:23]
        took = f"{seconds * 1000:.1f} ms"
        self._write(f"{time} {what:8} {self._style(shown, status)}  {printable(about)}  {took}  {end}\n")


def printable(text: str) -> str:
    """Return text that is safe to print in a terminal: callers choose it."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."


def plain(text: str, status: int) -> str:
    """Leave a text as it is."""
    return text
