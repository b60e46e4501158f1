"""How long calls took, in memory that does not grow: a count, a sum, and a count for each band of durations.

A band's upper end is 2% above its lower, and its middle stands for it: a percentile is within 1% of the exact one
from a microsecond up to 28 hours. It is DDSketch's way of counting: the package of that name records no faster
(0.9 us), so these lines save a dependency. HdrHistogram reserves its bands beforehand, 21 KB for each histogram.
"""

import math

ERROR = 0.01
"""How far a percentile may be from the exact one, as a part of it."""

_RATIO = (1 + ERROR) / (1 - ERROR)
_PER_LOG = 1 / math.log(_RATIO)
_SHORTEST_MS = 0.001
_LONGEST_MS = 1e8


class Histogram:
    """Durations in milliseconds. It knows no lock."""

    __slots__ = ("_bands", "count", "longest", "shortest", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.longest = 0.0
        self.shortest = math.inf
        self._bands: dict[int, int] = {}

    def record(self, milliseconds: float) -> None:
        """Count a duration. What is shorter than a microsecond counts as one, as does what is no number."""
        if not milliseconds >= _SHORTEST_MS:  # so written, it catches NaN too
            milliseconds = _SHORTEST_MS
        elif milliseconds > _LONGEST_MS:
            milliseconds = _LONGEST_MS
        self.count += 1
        self.total += milliseconds
        if milliseconds > self.longest:
            self.longest = milliseconds
        if milliseconds < self.shortest:
            self.shortest = milliseconds
        band = math.ceil(math.log(milliseconds) * _PER_LOG)
        self._bands[band] = self._bands.get(band, 0) + 1

    @property
    def average(self) -> float | None:
        """Return the average, exactly; None without a call."""
        return self.total / self.count if self.count else None

    def percentile(self, part: float) -> float | None:
        """Return the duration that such a part of the calls (0.95, say) did not exceed; None without a call."""
        if not self.count:
            return None
        rank = max(1, math.ceil(part * self.count))
        for band in sorted(self._bands):
            rank -= self._bands[band]
            if rank <= 0:
                break
        middle = 2 * _RATIO**band / (_RATIO + 1)
        return min(max(middle, self.shortest), self.longest)

    def copy(self) -> "Histogram":
        """Return one that is the same now and does not move when this one does."""
        twin = Histogram()
        twin.count, twin.total = self.count, self.total
        twin.longest, twin.shortest = self.longest, self.shortest
        twin._bands = self._bands.copy()
        return twin
