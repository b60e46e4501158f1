"""What happens in one sandbox, numbered from 1: a ring of the newest events, which listeners read at their own pace.

Publishing costs the same with none and with hundreds of listeners: one append, and one wake-up for all who wait. Nobody
is waited for: who is too slow finds the oldest events gone, and is told how many and which. However fast events come,
a listener that has read rests a moment, so that serving all of them leaves most of the time to calls. Independent of
what the events mean and of how they reach anybody.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from mockpos.server.delays import DelayedCalls
from mockpos.telemetry.events.event import Data, Entry, Event, EventLimits, LazyEvent
from mockpos.telemetry.events.subscription import Subscription

SHORTEST_REST_S = 0.01
REST_PER_LISTENER_S = 0.002
"""What each listener adds to the rest of all: about ten times what it costs to serve one."""


class EventHub:
    """The events of one sandbox. ``last`` is the number of the newest, 0 before the first. Safe from any thread.

    ``limits`` is shared by all hubs of a server.
    """

    __slots__ = ("_ring", "closed", "last", "limits", "listeners", "lock", "resting", "waiting")

    def __init__(self, limits: EventLimits | None = None) -> None:
        self.limits = limits or EventLimits()
        self.last = 0
        self.closed = False
        self.listeners = 0
        self.lock = Lock()
        self.waiting = DelayedCalls()
        self.resting = DelayedCalls()
        self._ring: deque[Entry] = deque()
        self.limits.count_hubs(1)

    @property
    def first(self) -> int:
        """The number of the oldest event that is kept; the next one's when none is."""
        return self.last + 1 - len(self._ring)

    @property
    def rest_s(self) -> float:
        """How long a listener rests after it has read."""
        return max(SHORTEST_REST_S, REST_PER_LISTENER_S * self.listeners)

    def publish(self, make: Callable[[Any], Sequence[LazyEvent]], source: object, count: int = 1) -> None:
        """Tell that ``count`` things happened at once. ``make(source)`` makes their events if anybody reads them.

        The source must hold on to little, and to nothing that changes.
        """
        ring = self._ring
        with self.lock:
            ring.extend((Entry(self.last + 1, make, source),) * count)
            self.last += count
            for _ in range(len(ring) - self.limits.kept):
                ring.popleft()
        if self.listeners:
            self.waiting.wake("event")

    def tell(self, kind: str, data: Data) -> None:
        """Tell that something happened, from data that will not change."""
        self.publish(_told, (kind, data))

    def subscribe(self, last_event_id: int | None = None) -> Subscription:
        """Listen from now on, or from what followed ``last_event_id``. The subscription must be closed.

        Raises MockMisuse ``mock_too_many_streams`` when the server has all the listeners it can have.
        """
        self.limits.stream_opened()
        with self.lock:
            self.listeners += 1
        return Subscription(self, last_event_id)

    def unsubscribe(self) -> None:
        """Count one listener less; those that wait look whether it was they."""
        with self.lock:
            self.listeners -= 1
        self.limits.stream_closed()
        self._wake_all()

    def close(self) -> None:
        """End every subscription once it has read what is kept. What is published afterwards reaches nobody new."""
        with self.lock:
            if self.closed:
                return
            self.closed = True
        self.limits.count_hubs(-1)
        self._wake_all()

    def kept(self, first: int, most: int) -> list[Event]:
        """Return up to ``most`` kept events from one number on. ``lock`` is held."""
        oldest, ring = self.first, self._ring
        return [ring[at].event(oldest + at) for at in range(first - oldest, min(len(ring), first - oldest + most))]

    def all_kept(self) -> list[Event]:
        """Return every event that is kept, the oldest first."""
        with self.lock:
            return self.kept(self.first, len(self._ring))

    def _wake_all(self) -> None:
        self.waiting.wake("closed")
        self.resting.wake("closed")


def _told(event: tuple[str, Data]) -> list[LazyEvent]:
    kind, data = event
    return [(kind, lambda: data)]
