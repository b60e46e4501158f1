"""What happens in one sandbox, numbered from 1, for whoever listens: kept for a while, never waited for.

All listeners read from one bounded row of kept events, each at its own pace. Publishing costs the same with none and
with hundreds of them: one append, and one bell for all who wait. Who is too slow finds the oldest events gone, and is
told how many and which. Must not know what the events mean, nor how they reach anybody.
"""

from asyncio import AbstractEventLoop
from collections import deque
from threading import Condition, Lock

from mockpos.telemetry.events_audience import Audience
from mockpos.telemetry.events_bell import Bell
from mockpos.telemetry.events_event import EVENT_BYTES, LAZY_BYTES, Batch, Data, Event, Make, MakeAll, frame_of
from mockpos.telemetry.events_subscription import Subscription

KEPT = 1_000


class EventHub:
    """The events of one sandbox. ``last`` is the number of the newest, 0 before the first.

    Everything may be called from any thread. ``audience`` is shared by all hubs of a server: it bounds their listeners
    and the bytes they keep.
    """

    __slots__ = (
        "__weakref__",
        "_bells",
        "_bytes",
        "_kept",
        "audience",
        "changed",
        "closed",
        "delayed_calls",
        "keep",
        "last",
        "lock"
    )  # fmt: skip

    def __init__(self, audience: Audience | None = None, *, keep: int = KEPT) -> None:
        self.audience = audience or Audience()
        self.keep = keep
        self.last = 0
        self.closed = False
        self.lock = Lock()
        self.changed = Condition(self.lock)
        self.delayed_calls = 0  # threads that wait for a change
        self._kept: deque[Event | Batch] = deque()
        self._bytes = 0
        self._bells: dict[AbstractEventLoop, Bell] = {}
        self.audience.open(self)

    @property
    def first(self) -> int:
        """The number of the oldest event that is kept; the next one's when none is."""
        return self.last + 1 - len(self._kept)

    def publish(self, kind: str, data: Data) -> int:
        """Tell that something happened; return its number. The data is written down at once."""
        with self.lock:
            number = self.last + 1
            frame = frame_of(number, kind, data)
            self._add(number, Event(number, kind, frame, len(frame) + EVENT_BYTES))
            self._wake()
        return number

    def publish_lazy(self, kind: str, make: Make) -> int:
        """Do as ``publish``; ``make`` is called when somebody reads the event, maybe never, and twice at worst.

        It must hold on to little and to nothing that changes.
        """
        with self.lock:
            number = self.last + 1
            self._add(number, Event(number, kind, make, LAZY_BYTES))
            self._wake()
        return number

    def publish_batch(self, count: int, make: MakeAll) -> None:
        """Publish ``count`` lazy events, one after the other with nothing between them.

        ``make`` makes all of them when somebody reads one; what ``publish_lazy`` says holds for it too.
        """
        with self.lock:
            batch = Batch(self.last + 1, make)
            self._add(self.last + count, batch, count)
            self._wake()

    def subscribe(self, last_event_id: int | None = None) -> Subscription:
        """Listen from now on, or from what followed ``last_event_id``. The subscription must be closed.

        Raises MockMisuse ``mock_too_many_streams`` when the server has all the listeners it can have.
        """
        self.audience.admit()
        return Subscription(self, last_event_id)

    def close(self) -> None:
        """End every subscription once it has read what is kept. What is published afterwards reaches nobody new."""
        with self.lock:
            self.closed = True
            self.wake_now()
        self.audience.forget(self)

    def wake_now(self) -> None:
        """Let all who wait look again. ``lock`` is held."""
        self.changed.notify_all()
        for bell in self._bells.values():
            bell.ring_now()

    def kept(self, first: int, most: int) -> list[Event]:
        """Return up to ``most`` kept events from one number on. ``lock`` is held."""
        oldest, kept = self.first, self._kept
        return [kept[at].event(oldest + at) for at in range(first - oldest, min(len(kept), first - oldest + most))]

    def bell(self, loop: AbstractEventLoop) -> Bell:
        """Return what wakes those who wait on an event loop. ``lock`` is held."""
        bell = self._bells.get(loop)
        if bell is None:
            self._bells = {each: kept for each, kept in self._bells.items() if not each.is_closed()}
            bell = self._bells[loop] = Bell(loop, self.lock)
        return bell

    def _add(self, last: int, event: Event | Batch, count: int = 1) -> None:
        """Put an event in its place, or a batch in its places, of which ``last`` is the number of the last."""
        kept = self._kept
        kept.extend((event,) * count)
        self.last = last
        self._bytes += event.size * count
        while len(kept) > self.keep or (self._bytes > self.audience.share and len(kept) > 1):
            self._bytes -= kept.popleft().size

    def _wake(self) -> None:
        if self.delayed_calls:
            self.changed.notify_all()
        if self._bells:
            for bell in self._bells.values():
                bell.ring()
