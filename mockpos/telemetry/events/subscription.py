"""One listener: where it stands among the events, and how it waits for the next.

Built on ``DelayedCalls``: in a call of the server waiting holds nobody back, elsewhere it blocks its thread.
"""

import time
from types import TracebackType
from typing import TYPE_CHECKING

from mockpos.telemetry.events.event import Event, begun_anew, dropped

if TYPE_CHECKING:
    from mockpos.telemetry.events.hub import EventHub

MOST = 128
"""How many events are taken at once: they are sent as one piece, which must not be large."""


class Subscription:
    """Reads events in their order, none twice. One reader at a time; ``close`` may come from anywhere.

    ``position`` is the number of the event that was read last; ``resumed`` tells that a former one goes on.
    """

    __slots__ = ("_closed", "_hub", "_notice", "_rests_until", "position", "resumed")

    def __init__(self, hub: "EventHub", last_event_id: int | None) -> None:
        self._hub = hub
        self.resumed = last_event_id is not None
        self._closed = False
        self._notice: Event | None = None
        self._rests_until = 0.0
        with hub.lock:
            self.position = hub.last if last_event_id is None else max(0, last_event_id)
            if self.position > hub.last:
                self._notice = begun_anew(self.position, hub.first)
                self.position = hub.first - 1

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop listening."""
        self.close()

    @property
    def ended(self) -> bool:
        """Whether nothing will ever come any more: it was closed, or the hub was and all of it has been read."""
        return self._closed or (self._hub.closed and self.position >= self._hub.last)

    def take(self, timeout_s: float, *, most: int = MOST) -> list[Event]:
        """Wait until there is an event and return all there are, up to ``most``; none after the time, or ``ended``.

        What this listener missed for being too slow is told by an event of the kind ``dropped`` in its place.
        """
        hub, deadline = self._hub, time.monotonic() + timeout_s
        while True:
            now = time.monotonic()
            if now < self._rests_until and not hub.closed and not self._closed:
                hub.resting.sleep(min(self._rests_until, deadline) - now, unless=self._has_to_end)
                now = time.monotonic()
            with hub.lock:
                events = self._ready(most)
            if events:
                self._rests_until = now + hub.rest_s
                return events
            if self.ended or now >= deadline:
                return []
            hub.waiting.sleep(deadline - now, unless=self._has_news)

    def close(self) -> None:
        """Stop listening; a reader that waits goes on. Closing twice does nothing."""
        with self._hub.lock:
            if self._closed:
                return
            self._closed = True
        self._hub.unsubscribe()

    def _has_to_end(self) -> bool:
        return self._closed or self._hub.closed

    def _has_news(self) -> bool:
        return self._hub.last > self.position or self._has_to_end()

    def _ready(self, most: int) -> list[Event]:
        """Return what can be read now, and move on. The lock is held."""
        if self._closed:
            return []
        found: list[Event] = []
        if self._notice is not None:
            found.append(self._notice)
            self._notice = None
        elif self.position + 1 < self._hub.first:
            found.append(dropped(self.position + 1, self._hub.first - 1))
            self.position = self._hub.first - 1
        following = self._hub.kept(self.position + 1, most - len(found))
        self.position += len(following)
        return found + following
