"""Counting calls from many threads, and when enough were made."""

import time
from threading import Lock


class Calls:
    """How many calls were made. Exact from any thread."""

    def __init__(self) -> None:
        self.made = 0
        self._lock = Lock()

    def add(self) -> None:
        """Count one more."""
        with self._lock:
            self.made += 1


class Quota:
    """So many calls, or so many seconds, whichever comes first. Or the end, when somebody says so."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.calls = Calls()
        self.seconds = seconds
        self._wanted = calls
        self._deadline = time.monotonic() + seconds
        self._is_over = False

    def goes_on(self) -> bool:
        """Tell whether there is more to do."""
        return not self._is_over and self.calls.made < self._wanted and time.monotonic() < self._deadline

    def end(self) -> None:
        """Let everybody come to an end."""
        self._is_over = True
