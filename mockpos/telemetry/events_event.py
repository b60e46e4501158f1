"""One event: its number, its kind, and its data, which may be made only when somebody wants to see it."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import cast

import orjson

Data = Mapping[str, object]
Make = Callable[[], Data]
LazyEvent = tuple[str, Make]
"""A kind, and what makes the data when somebody reads it."""

MakeAll = Callable[[], Iterable[LazyEvent]]

DROPPED = "dropped"
"""The kind of the event that tells a listener what it missed."""

EVENT_BYTES = 220
"""An event's object, its place in the row and its number. Measured by a test."""

LAZY_BYTES = 1_100
"""A lazy event with the entity it holds on to, or its text once made. Measured by a test."""

_DATA = b"\ndata: "


class Event:
    """What happened. ``frame`` is its text as server-sent events have it, made once for all who listen."""

    __slots__ = ("_content", "kind", "number", "size")

    def __init__(self, number: int, kind: str, content: bytes | Make, size: int = 0) -> None:
        self.number = number
        self.kind = kind
        self.size = size
        self._content = content

    @property
    def frame(self) -> bytes:
        """The lines id, event and data, and the empty line that ends them."""
        content = self._content
        if not isinstance(content, bytes):
            content = self._content = frame_of(self.number, self.kind, content())
        return content

    @property
    def data(self) -> dict[str, object]:
        """What is told, as JSON would bring it to a listener."""
        frame = self.frame
        return cast(dict[str, object], json.loads(frame[frame.index(_DATA) + len(_DATA) :]))

    def event(self, number: int) -> "Event":
        """Return itself: what stands in the row of kept events is asked for the event of a number."""
        return self

    def __repr__(self) -> str:
        return f"<Event {self.number} {self.kind}>"


class Batch:
    """Several events that happened at once, made together when somebody reads one of them.

    It stands in the row of kept events once for each of them, so that every event has its place by its number.
    """

    __slots__ = ("_events", "_first", "_make", "size")

    def __init__(self, first: int, make: MakeAll) -> None:
        self.size = LAZY_BYTES
        self._first = first
        self._make = make
        self._events: list[Event] | None = None

    def event(self, number: int) -> Event:
        """Return one of the events."""
        events = self._events
        if events is None:
            made = enumerate(self._make(), start=self._first)
            events = self._events = [Event(each, kind, make, LAZY_BYTES) for each, (kind, make) in made]
        return events[number - self._first]


def frame_of(number: int, kind: str, data: Data) -> bytes:
    """Write an event down. ``data`` must be JSON; what a caller chose may be any text."""
    return b"id: %d\nevent: %b%b%b\n\n" % (number, kind.encode(), _DATA, _json(data))


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
        return orjson.dumps(data)
    except orjson.JSONEncodeError:  # lone surrogates, numbers beyond 64 bits
        return json.dumps(data, default=str, ensure_ascii=False).encode("utf-8", "replace")
