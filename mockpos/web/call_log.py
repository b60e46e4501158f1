"""One clear line for every call, for the person who watches the terminal."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mockpos.domain.clock import Clock, rfc3339
from mockpos.sandboxes.keys import DEFAULT

if TYPE_CHECKING:
    from mockpos.web.exchange import Exchange

_LONGEST = 120


class CallLog:
    """Prints calls. ``style`` colours a text for a status, or leaves it as it is."""

    def __init__(self, clock: Clock, write: Callable[[str], object], style: Callable[[str, int], str]) -> None:
        self._clock = clock
        self._write = write
        self._style = style

    def print(self, exchange: "Exchange", status: int, seconds: float) -> None:
        """Print one call."""
        request, sandbox, plan = exchange.request, exchange.sandbox, exchange.plan
        what, about = request.method, request.target.partition(b"?")[0].decode("latin-1")
        if sandbox is None:
            if what == "GET" and "/_mock/console/" in about:  # several a second while somebody watches
                return
            self._line(what, str(status), status, about, seconds, "")
            return
        if exchange.operation is not None:
            what, about = exchange.operation.value, exchange.about
        injected = f"  [{plan.scenario}/{plan.rule_id}: {plan}]" if plan else ""
        where = "" if sandbox.name == DEFAULT else f"{sandbox.name}: "
        shown = f"--- {exchange.outcome}" if exchange.cut else f"{status} {exchange.outcome}"
        self._line(what, shown, 500 if exchange.cut else status, where + about, seconds, injected)

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
