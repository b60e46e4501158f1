"""The clock of a sandbox, for a test to move: holds lapse by it, events are over by it."""

import re
from datetime import UTC, datetime, timedelta

from mockpos.testing.control import Body, Control

_WITHOUT_SECONDS = re.compile(r"(T\d\d:\d\d)(Z|[+-]\d\d:\d\d)$")


class Clock:
    """A sandbox's clock. Moments are aware datetimes, or text like ``2026-11-23T20:00Z``; durations ``20m``, ``1.5h``.

    Every change lets the holds expire that are due by then, and returns their Global IDs in that order.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> datetime:
        """Return what the sandbox takes for now."""
        return datetime.fromisoformat(self._control.get("/clock")["now"])

    @property
    def frozen(self) -> bool:
        """True while it stands still."""
        return bool(self._control.get("/clock")["frozen"])

    def advance(self, duration: str | timedelta) -> list[str]:
        """Move it ahead."""
        if isinstance(duration, timedelta):
            duration = f"{round(duration / timedelta(milliseconds=1))}ms"
        return self._change({"advance": duration})

    def set(self, moment: str | datetime) -> list[str]:
        """Move it there, ahead or back; it goes on from there unless it was frozen."""
        return self._change({"set": _text(moment)})

    def freeze(self, moment: str | datetime | None = None) -> list[str]:
        """Let it stand still, at a moment if one is given."""
        expired = self._change({"freeze": True})
        return expired + (self.set(moment) if moment is not None else [])

    def resume(self) -> list[str]:
        """Let it go on from where it stands."""
        return self._change({"freeze": False})

    def reset(self) -> list[str]:
        """Let it show the machine's time again."""
        return self._change({"reset": True})

    def _change(self, change: Body) -> list[str]:
        return [hold["global_id"] for hold in self._control.send("POST", "/clock", change)["expired"]]


def _text(moment: str | datetime) -> str:
    """Write a moment as the control plane reads it."""
    if isinstance(moment, str):
        return _WITHOUT_SECONDS.sub(r"\1:00\2", moment)
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; give it one, such as tzinfo=UTC")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
