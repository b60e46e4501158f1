"""One listener: where it stands among the events, and how it waits for the next.

Built on ``DelayedCalls``: in a call of the server waiting holds nobody back, elsewhere it blocks its thread.
"""

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from mockpos.telemetry.events.event import Event, begun_anew, dropped, frame_of

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


CONTENT_TYPE = "text/event-stream"
HEADERS = (("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"))
"""Send them with the stream: nobody between may keep it or hold it back."""

HEARTBEAT_S = 15.0
RETRY_MS = 2_000

SERVER = "server"
"""The kind of the event that opens a stream. It has no number: it says who tells, not what happened."""

_HEARTBEAT = b": alive\n"
"""A comment. No empty line follows: some readers would take that for an event without data."""


class EventStream:
    """Iterates over pieces of the stream; between them it waits.

    ``close`` unsubscribes, even when no piece was ever asked for. (A generator that was never started would not.)
    """

    def __init__(self, subscription: Subscription, heartbeat_s: float, opening: bytes) -> None:
        self._subscription = subscription
        self._heartbeat_s = heartbeat_s
        self._opening = opening

    def __iter__(self) -> "EventStream":
        return self

    def __next__(self) -> bytes:
        """Wait for events or the heartbeat's time; return what is to be sent then."""
        if self._opening:
            opening, self._opening = self._opening, b""
            return opening
        events = self._subscription.take(self._heartbeat_s)
        if events:
            return b"".join([event.frame for event in events])
        if self._subscription.ended:
            self.close()
            raise StopIteration
        return _HEARTBEAT

    def close(self) -> None:
        """Stop listening."""
        self._subscription.close()


def stream(
    subscription: Subscription, server: Mapping[str, str], *, heartbeat_s: float = HEARTBEAT_S
) -> Iterator[bytes]:
    """Return the pieces of a stream; it ends when the hub closes.

    It opens with how long to wait before reconnecting, and an event that says which ``server`` this is: a page that
    meets another one after a reconnection knows that it has to begin anew. A stream that does not resume gives the
    number of the last event before it too: a browser that is cut off before the first one comes back with that number.
    """
    opening = b"retry: %d\n" % RETRY_MS
    if not subscription.resumed:
        opening += b"id: %d\n" % subscription.position
    return EventStream(subscription, heartbeat_s, opening + frame_of(None, SERVER, server))
