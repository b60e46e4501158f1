"""How many calls a key may make: a token bucket, so that a short burst up to the limit is fine."""

from collections.abc import Callable
from threading import Lock

from mockpos.domain.errors import Refusal


class RateLimit:
    """``calls`` at once for each key, and as many again over every ``seconds`` of monotonic time."""

    def __init__(self, calls: int, seconds: float, monotonic: Callable[[], float]) -> None:
        self._calls = calls
        self._seconds = seconds
        self._monotonic = monotonic
        self._buckets: dict[bytes, tuple[float, float]] = {}
        self._lock = Lock()  # `flask run` and threaded WSGI servers count from several threads

    def count(self, key: bytes) -> None:
        """Count one call. Raises Refusal, with ``retry_after`` in seconds, when there were too many."""
        with self._lock:
            self._take(key)

    def _take(self, key: bytes) -> None:
        now = self._monotonic()
        left, before = self._buckets.get(key, (float(self._calls), now))
        left = min(float(self._calls), left + (now - before) * self._calls / self._seconds)
        if left < 1:
            self._buckets[key] = (left, now)
            refusal = Refusal(
                "rate_limited", f"More than {self._calls} calls in {self._seconds:g} seconds with this key."
            )
            refusal.retry_after_s = (1 - left) * self._seconds / self._calls
            raise refusal
        self._buckets[key] = (left - 1, now)
