"""How many calls a key may make: a token bucket, so that a short burst up to the limit is fine."""

from collections.abc import Callable

from mockpos.domain.errors import Refusal


class RateLimit:
    """At most ``calls`` in any ``seconds`` for each key, by monotonic time."""

    def __init__(self, calls: int, seconds: float, monotonic: Callable[[], float]) -> None:
        self._calls = calls
        self._seconds = seconds
        self._monotonic = monotonic
        self._buckets: dict[bytes, tuple[float, float]] = {}

    def count(self, key: bytes) -> None:
        """Count one call. Raises Refusal, with ``retry_after`` in seconds, when there were too many."""
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
