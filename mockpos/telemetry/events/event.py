"""Events as they stand in the ring, made when somebody reads them, and their text as server-sent events have it."""

import json
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from mockpos.domain.errors import MockMisuse

_DATA = b"data: "

Data = Mapping[str, object]
LazyEvent = tuple[str, Callable[[], Data]]
"""A kind, and what makes the data."""

DROPPED = "dropped"
"""The kind of the event that tells a listener what it missed."""


class Event(NamedTuple):
    """What happened. ``frame`` is the lines id, event and data, and the empty line that ends them."""

    number: int
    kind: str
    frame: bytes

    @property
    def data(self) -> dict[str, Any]:
        """Return what the frame carries."""
        content: dict[str, Any] = json.loads(self.frame.partition(_DATA)[2])
        return content


class Entry(Struct, gc=False):
    """One or several events that happened at once: what they are made of, and once they were read, the events.

    ``make`` turns ``source`` into the events, as many as were announced. The source holds on to little and to nothing
    that changes, and does not lead back here; it is let go once the events are made.
    """

    first: int
    make: Callable[[Any], Sequence[LazyEvent]]
    source: object
    _events: list[Event | LazyEvent] | None = None

    def event(self, number: int) -> Event:
        """Return one of the events, made once for all who read it."""
        if self._events is None:
            self._events = list(self.make(self.source))
            self.source = None
        at = number - self.first
        event = self._events[at]
        if not isinstance(event, Event):
            kind, data = event
            event = self._events[at] = Event(number, kind, frame_of(number, kind, data()))
        return event


def frame_of(number: int | None, kind: str, data: Data) -> bytes:
    """Write an event down, with its number or without. ``data`` must be JSON; what a caller chose may be any text."""
    line = b"" if number is None else b"id: %d\n" % number
    return b"%bevent: %b\n%b%b\n\n" % (line, kind.encode(), _DATA, _json(data))


def dropped(first: int, last: int) -> Event:
    """Make the event that stands for those from ``first`` to ``last``. It carries the last one's number."""
    return Event(last, DROPPED, frame_of(last, DROPPED, {"missed": last - first + 1, "from": first, "to": last}))


def begun_anew(known: int, first: int) -> Event:
    """Make the event for a listener that knows a number which was not given out yet: the server was restarted.

    Nobody can tell what it missed. What is kept follows, from ``first`` on.
    """
    reason = f"Event {known} is not known here: the server was restarted, and numbers began at 1 again."
    data = {"missed": None, "from": None, "to": None, "reason": reason}
    return Event(first - 1, DROPPED, frame_of(first - 1, DROPPED, data))


def _json(data: Data) -> bytes:
    try:
        return msgspec.json.encode(data)
    except (UnicodeEncodeError, OverflowError):  # lone surrogates, numbers beyond 64 bits
        return json.dumps(data, default=str, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


MOST_STREAMS = 500
MOST_KEPT = 1_000
MOST_KEPT_IN_ALL = 60_000
LEAST_KEPT = 30


class EventLimits:
    """Shared by all hubs of a server. ``kept`` is how many events each of them may keep.

    A hub trims what it keeps when it publishes: idle ones may keep more than the others left them.
    """

    __slots__ = ("_hubs", "_lock", "_most_kept_in_all", "kept", "most_kept", "most_streams", "streams")

    def __init__(
        self, most_streams: int = MOST_STREAMS, most_kept: int = MOST_KEPT, most_kept_in_all: int = MOST_KEPT_IN_ALL
    ) -> None:
        self.most_streams = most_streams
        self.most_kept = self.kept = most_kept
        self.streams = 0
        self._most_kept_in_all = most_kept_in_all
        self._hubs = 0
        self._lock = Lock()

    def stream_opened(self) -> None:
        """Count one more stream. Raises MockMisuse ``mock_too_many_streams``."""
        with self._lock:
            if self.streams >= self.most_streams:
                raise MockMisuse(
                    "mock_too_many_streams",
                    f"{self.most_streams} event streams are open already; close one first.",
                )
            self.streams += 1

    def stream_closed(self) -> None:
        """Count one stream less."""
        with self._lock:
            self.streams -= 1

    def count_hubs(self, more: int) -> None:
        """Count so many more hubs, or one less, and share out anew what each may keep."""
        with self._lock:
            self._hubs += more
            self.kept = min(self.most_kept, max(LEAST_KEPT, self._most_kept_in_all // max(1, self._hubs)))
