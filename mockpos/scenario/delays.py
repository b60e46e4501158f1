"""How long a rule makes a call wait. A delay turns one drawn number into whole milliseconds."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from mockpos.domain.durations import show_duration

LONGEST_MS = 600_000
"""No call is held back longer, whatever was drawn: ten minutes."""

_NORMAL = NormalDist()
_Z99 = _NORMAL.inv_cdf(0.99)
_SMALLEST = 2.0**-54


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    ms: int
    draws = False

    def at(self, _drawn: float) -> int:
        """Return the delay in milliseconds."""
        return self.ms

    def __str__(self) -> str:
        return show_duration(self.ms)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything between two durations, both included, equally likely."""

    min_ms: int
    max_ms: int
    draws = True

    def at(self, drawn: float) -> int:
        """Return the delay in milliseconds for a number in [0, 1)."""
        return self.min_ms + int(drawn * (self.max_ms - self.min_ms + 1))

    def __str__(self) -> str:
        return f"{show_duration(self.min_ms)} to {show_duration(self.max_ms)}"


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Like real servers: half of the calls are faster than the median, one in a hundred slower than the p99."""

    median_ms: int
    p99_ms: int
    draws = True

    def at(self, drawn: float) -> int:
        """Return the delay in milliseconds for a number in [0, 1); at most ten minutes."""
        sigma = math.log(self.p99_ms / self.median_ms) / _Z99
        exponent = sigma * _NORMAL.inv_cdf(max(drawn, _SMALLEST))
        return round(min(self.median_ms * math.exp(min(exponent, 50.0)), LONGEST_MS))

    def __str__(self) -> str:
        return f"median {show_duration(self.median_ms)}, p99 {show_duration(self.p99_ms)}"


Delay = Fixed | Uniform | LogNormal
