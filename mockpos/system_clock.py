"""The machine's clock: the one place that reads it."""

import time

from mockpos.domain.clock import Millis


class SystemClock:
    """Tells the time of this machine, in UTC."""

    def now(self) -> Millis:
        """Return the present moment."""
        return Millis(time.time_ns() // 1_000_000)
