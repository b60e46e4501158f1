"""A subscription as a stream of server-sent events, piece by piece as they come.

Independent of HTTP beyond this format, and of what the events mean.
"""

from collections.abc import Iterator, Mapping

from mockpos.telemetry.events.event import frame_of
from mockpos.telemetry.events.subscription import Subscription

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
