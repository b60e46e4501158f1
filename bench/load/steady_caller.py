"""Starts and stops the single caller of steady.py, and reads what it noted."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import Unmeasurable
from bench.load.wrk import FIRST_LISTING

_PROGRAM = Path(__file__).with_name("steady.py")
_LONG_S = 3600.0


@dataclass(frozen=True, slots=True)
class Taken:
    """One call: when it was due, sent and answered, in monotonic seconds, and how long the server worked meanwhile."""

    due: float
    sent: float
    answered: float
    worked: float

    @property
    def since_due(self) -> float:
        """Return the seconds that a caller waited who wanted to call when it was due."""
        return self.answered - self.due

    @property
    def since_sent(self) -> float:
        """Return the seconds that the call itself took."""
        return self.answered - self.sent


class SteadyCaller:
    """A caller at work. ``stop`` ends it; ``finish`` waits for its time to be over."""

    def __init__(self, port: int, listings: int, *, rate: float, seconds: float = _LONG_S, pid: int = 0) -> None:
        """Begin to hold ``rate`` times a second, for ``seconds``; ``pid`` is whose work is measured, if anybody's."""
        numbers = (port, FIRST_LISTING, listings, rate, seconds, pid)
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_PROGRAM), *map(str, numbers)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def stop(self) -> list[Taken]:
        """End it now; return its calls. Raises Unmeasurable when one was refused."""
        self._process.terminate()
        return self.finish()

    def finish(self) -> list[Taken]:
        """Wait until its time is over; return its calls. Raises Unmeasurable when one was refused."""
        output, errors = self._process.communicate(timeout=_LONG_S)
        if self._process.returncode != 0:
            raise Unmeasurable(f"a call of the steady caller failed: {errors.strip()[-300:]}")
        return [Taken(*times) for times in json.loads(output)]


def percentile(seconds: Sequence[float], percent: float) -> float:
    """Return the milliseconds within which that share of the calls was answered."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


def summary(seconds: Sequence[float]) -> dict[str, Any]:
    """Return how long calls took, in milliseconds, for a results file. Raises Unmeasurable when there was none."""
    if not seconds:
        raise Unmeasurable("the steady caller had no answer to any call")
    found = {f"p{percent}_ms": round(percentile(seconds, percent), 3) for percent in (50, 90, 99)}
    return {"calls": len(seconds), **found, "max_ms": round(max(seconds) * 1000, 3)}
