"""One listener: where it stands in the row of events, and how it waits for the next.

Built on ``mockpos.server.waiting``: in a call of the server waiting holds nobody back, elsewhere it blocks its thread.
"""

import time
from asyncio import Future, get_running_loop
from types import TracebackType
from typing import TYPE_CHECKING

from mockpos.server.waiting import await_, can_wait
from mockpos.telemetry.events_bell import end_wait
from mockpos.telemetry.events_event import Event, begun_anew, dropped

if TYPE_CHECKING:
    from mockpos.telemetry.events import EventHub

MOST = 128
"""How many events are taken at once: they are sent as one piece, which must not be large."""


class Subscription:
    """Reads events in their order, none twice. One reader at a time; ``close`` may come from anywhere.

    ``position`` is the number of the event that was read last; ``resumed`` tells that a former one goes on.
    """

    __slots__ = ("_closed", "_hub", "_notice", "position", "resumed")

    def __init__(self, hub: "EventHub", last_event_id: int | None) -> None:
        self._hub = hub
        self.resumed = last_event_id is not None
        self._closed = False
        self._notice: Event | None = None
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

    def next_event(self, timeout_s: float) -> Event | None:
        """Wait for the next event; return None when none came in time, or ``ended``."""
        events = self.take(timeout_s, most=1)
        return events[0] if events else None

    def take(self, timeout_s: float, *, most: int = MOST) -> list[Event]:
        """Wait until there is an event and return all there are, up to ``most``; none after the time, or ``ended``.

        What this listener missed for being too slow is told by an event of the kind ``dropped`` in its place.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            with self._hub.lock:
                events = self._ready(most)
                left = deadline - time.monotonic()
                if events or left <= 0 or self.ended:
                    return events
                if not can_wait():
                    self._sleep(left)
                    continue
                woken = self._hub.bell(get_running_loop()).join()
            self._wait(woken, left)

    def close(self) -> None:
        """Stop listening; a reader that waits goes on. Closing twice does nothing."""
        hub = self._hub
        with hub.lock:
            if self._closed:
                return
            self._closed = True
            hub.wake_now()
        hub.audience.leave()

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

    def _sleep(self, seconds: float) -> None:
        """Wait on this thread; the lock is let go meanwhile."""
        self._hub.delayed_calls += 1
        try:
            self._hub.changed.wait(seconds)
        finally:
            self._hub.delayed_calls -= 1

    def _wait(self, woken: Future[None], seconds: float) -> None:
        """Wait in a call on the event loop, where others go on."""
        loop = get_running_loop()
        timer = loop.call_later(seconds, end_wait, woken)
        try:
            await_(woken)
        finally:
            timer.cancel()
            self._hub.bell(loop).leave(woken)
