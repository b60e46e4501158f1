"""Events as server-sent events: the format, heartbeats, resuming, the end."""

import threading

from mockpos.telemetry.events.event import EventLimits
from mockpos.telemetry.events.hub import EventHub
from mockpos.telemetry.events.subscription import stream

SERVER = {"instance": "1f2e", "version": "0.1.0", "sandbox": "default"}
OPENING = b'event: server\ndata: {"instance":"1f2e","version":"0.1.0","sandbox":"default"}\n\n'


def test_a_stream_opens_with_the_number_of_the_last_event_and_brings_what_follows() -> None:
    hub = EventHub()
    hub.tell("early", {})
    pieces = stream(hub.subscribe(), SERVER)
    assert next(pieces) == b"retry: 2000\nid: 1\n" + OPENING
    hub.tell("a", {"n": 1})
    hub.tell("b", {"n": 2})
    assert next(pieces) == b'id: 2\nevent: a\ndata: {"n":1}\n\nid: 3\nevent: b\ndata: {"n":2}\n\n'


def test_a_stream_that_resumes_replays_at_once_and_says_what_is_gone() -> None:
    hub = EventHub(EventLimits(most_kept=2))
    for _ in range(5):
        hub.tell("a", {})
    pieces = stream(hub.subscribe(1), SERVER)
    assert next(pieces) + next(pieces) == (
        b"retry: 2000\n" + OPENING + b'id: 3\nevent: dropped\ndata: {"missed":2,"from":2,"to":3}\n\n'
        b"id: 4\nevent: a\ndata: {}\n\nid: 5\nevent: a\ndata: {}\n\n"
    )


def test_silence_is_filled_with_comments() -> None:
    hub = EventHub()
    pieces = stream(hub.subscribe(), SERVER, heartbeat_s=0.01)
    next(pieces)
    assert [next(pieces), next(pieces)] == [b": alive\n"] * 2


def test_a_stream_ends_with_its_hub() -> None:
    hub = EventHub()
    pieces = stream(hub.subscribe(), SERVER, heartbeat_s=20)
    timer = threading.Timer(0.05, hub.close)
    timer.start()
    assert len(list(pieces)) == 1
    timer.join()
    assert hub.limits.streams == 0


def test_closing_a_stream_unsubscribes_even_one_that_never_began() -> None:
    hub = EventHub()
    for begun in (False, True):
        pieces = stream(hub.subscribe(), SERVER)
        if begun:
            next(pieces)
        assert hub.limits.streams == 1
        pieces.close()  # type: ignore[attr-defined]  # WSGI servers look for it as well
        assert hub.limits.streams == 0


def test_a_piece_is_bounded() -> None:
    hub = EventHub()
    for _ in range(1000):
        hub.tell("a", {"text": "x" * 250})
    pieces = stream(hub.subscribe(0), SERVER)
    assert all(len(next(pieces)) < 64 * 1024 for _ in range(5))
