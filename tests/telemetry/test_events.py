"""The events of one sandbox: numbers, resuming, what is dropped and told, threads, bounds."""

import json
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockpos.domain.errors import MockMisuse
from mockpos.telemetry.events.event import LEAST_KEPT, Data, Event, EventLimits
from mockpos.telemetry.events.hub import EventHub
from mockpos.telemetry.events.subscription import Subscription
from tests.telemetry.records import calls_made


def a_hub(keep: int = 1000) -> EventHub:
    return EventHub(EventLimits(most_kept=keep, most_kept_in_all=keep))


def data_of(event: Event) -> Any:
    return json.loads(event.frame.partition(b"\ndata: ")[2])


def tell_lazily(hub: EventHub, kind: str, make: Callable[[], Data]) -> None:
    hub.publish(lambda source: [(kind, source)], make)


def numbers(events: list[Event]) -> list[tuple[str, int]]:
    return [(event.kind, event.number) for event in events]


@pytest.fixture
def hub() -> Iterator[EventHub]:
    hub = EventHub()
    yield hub
    hub.close()
    assert hub.limits.streams == 0


def test_events_are_numbered_from_one_whether_anybody_listens_or_not(hub: EventHub) -> None:
    hub.tell("a", {})
    with hub.subscribe() as subscription:
        tell_lazily(hub, "b", lambda: {"x": 1})
        assert subscription.take(1) == [Event(2, "b", b'id: 2\nevent: b\ndata: {"x":1}\n\n')]


def test_an_event_is_made_once_for_all_and_only_when_read(hub: EventHub) -> None:
    made: list[int] = []

    def make() -> dict[str, object]:
        made.append(1)
        return {}

    with hub.subscribe() as one, hub.subscribe() as other:
        tell_lazily(hub, "a", make)
        assert made == []
        assert [data_of(event) for event in one.take(0) + other.take(0)] == [{}, {}]
    assert made == [1]


def test_what_happened_at_once_has_numbers_in_a_row(hub: EventHub) -> None:
    with hub.subscribe() as subscription:
        hub.publish(lambda kinds: [(kind, dict) for kind in kinds], "abc", 3)
        hub.tell("d", {})
        assert numbers(subscription.take(0)) == [("a", 1), ("b", 2), ("c", 3), ("d", 4)]


@pytest.mark.parametrize("odd", ["\ud800", "a\nb\r\n", 2**70, "\u2028"])
def test_any_data_can_be_told(hub: EventHub, odd: object) -> None:
    hub.tell("a", {"odd": odd})
    with hub.subscribe(0) as subscription:
        (event,) = subscription.take(0)
    assert event.frame.count(b"\n") == 4
    assert data_of(event) == {"odd": "?" if odd == "\ud800" else odd}


def test_who_resumes_gets_what_followed(hub: EventHub) -> None:
    for _ in range(5):
        hub.tell("a", {})
    with hub.subscribe(3) as subscription:
        assert numbers(subscription.take(0)) == [("a", 4), ("a", 5)]
        assert subscription.take(0) == []


def test_who_resumes_too_late_is_told_what_is_gone() -> None:
    hub = a_hub(3)
    for _ in range(10):
        hub.tell("a", {})
    with hub.subscribe(2) as subscription:
        events = subscription.take(0)
    assert numbers(events) == [("dropped", 7), ("a", 8), ("a", 9), ("a", 10)]
    assert data_of(events[0]) == {"missed": 5, "from": 3, "to": 7}


def test_a_number_of_another_life_is_answered_by_all_that_is_kept(hub: EventHub) -> None:
    hub.tell("a", {})
    with hub.subscribe(5000) as subscription:
        events = subscription.take(0)
    assert numbers(events) == [("dropped", 0), ("a", 1)]
    assert data_of(events[0])["missed"] is None


def test_a_slow_listener_loses_the_oldest_and_is_told() -> None:
    hub = a_hub(4)
    with hub.subscribe() as slow, hub.subscribe() as quick:
        for number in range(1, 11):
            hub.tell("a", {})
            assert numbers(quick.take(0)) == [("a", number)]
        assert numbers(slow.take(0, most=2)) == [("dropped", 6), ("a", 7)]
        hub.tell("a", {})
        assert numbers(slow.take(0)) == [("a", number) for number in range(8, 12)]


def test_events_are_bounded_in_number_over_all_hubs_of_a_server() -> None:
    limits = EventLimits(most_kept=100, most_kept_in_all=200)
    hubs = [EventHub(limits) for _ in range(4)]
    for _ in range(150):
        for hub in hubs:
            hub.tell("a", {})
    assert [hub.last + 1 - hub.first for hub in hubs] == [50] * 4
    for hub in hubs[2:]:
        hub.close()
        hub.close()
    for _ in range(150):
        hubs[0].tell("a", {})
    assert hubs[0].last + 1 - hubs[0].first == 100
    crowd = [EventHub(limits) for _ in range(100)]
    for _ in range(150):
        crowd[0].tell("a", {})
    assert crowd[0].last + 1 - crowd[0].first == LEAST_KEPT


def test_a_full_ring_takes_no_more_memory_whatever_follows() -> None:
    hub = a_hub(100)
    data: dict[str, object] = {"text": "x" * 1000}
    tracemalloc.start()
    for _ in range(200):
        hub.tell("a", dict(data))
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(2000):
        hub.tell("a", dict(data))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000


def test_listeners_are_bounded_and_make_room_when_they_leave() -> None:
    limits = EventLimits(most_streams=2)
    hub, other = EventHub(limits), EventHub(limits)
    first, _ = hub.subscribe(), other.subscribe()
    with pytest.raises(MockMisuse, match="2 event streams") as refused:
        hub.subscribe()
    assert refused.value.code == "mock_too_many_streams"
    first.close()
    first.close()
    assert limits.streams == 1
    hub.subscribe().close()


def test_a_waiting_thread_is_woken_by_an_event_by_close_and_by_the_hub_s_end() -> None:
    hub = EventHub()
    wakes: list[tuple[Callable[[Subscription], None], list[str]]] = [
        (lambda subscription: hub.tell("a", {}), ["a"]),
        (lambda subscription: subscription.close(), []),
        (lambda subscription: hub.close(), []),
    ]
    for wake, kinds in wakes:
        subscription = hub.subscribe()
        got: list[Event] = []
        thread = threading.Thread(target=lambda subscription=subscription, got=got: got.extend(subscription.take(20)))
        thread.start()
        while not len(hub.waiting):
            time.sleep(0.001)
        wake(subscription)
        thread.join(5)
        assert not thread.is_alive()
        assert [event.kind for event in got] == kinds
        assert subscription.ended is (not kinds)
        subscription.close()
    assert len(hub.waiting) == 0


def test_what_was_kept_is_still_read_after_the_end(hub: EventHub) -> None:
    with hub.subscribe() as subscription:
        hub.tell("a", {})
        hub.close()
        assert not subscription.ended
        assert numbers(subscription.take(5)) == [("a", 1)]
        assert subscription.ended
        assert subscription.take(5) == []


def test_no_event_in_time_is_none(hub: EventHub) -> None:
    with hub.subscribe() as subscription:
        assert subscription.take(0.01) == []
        assert not subscription.ended


def account(subscription: Subscription, events: list[Event], told: list[int], missed: set[int]) -> None:
    for event in events:
        if event.kind == "dropped":
            first, last = data_of(event)["from"], data_of(event)["to"]
            assert data_of(event)["missed"] == last - first + 1
            assert event.number == last
            missed.update(range(first, last + 1))
        else:
            assert data_of(event) == {"n": event.number}
            told.append(event.number)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.integers(1, 8)),
        st.tuples(st.just("take"), st.integers(1, 6)),
        st.tuples(st.just("reconnect"), st.just(0)),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(steps=STEPS, keep=st.integers(1, 12), earlier=st.integers(0, 20), since=st.integers(0, 20))
def test_every_event_is_delivered_in_order_or_counted_as_dropped(
    steps: list[tuple[str, int]], keep: int, earlier: int, since: int
) -> None:
    hub = a_hub(keep)
    for number in range(1, earlier + 1):
        hub.tell("a", {"n": number})
    since = min(since, earlier)
    told: list[int] = []
    missed: set[int] = set()
    subscription = hub.subscribe(since)
    last_id = since
    for step, count in [*steps, ("drain", 0)]:
        if step == "publish":
            for _ in range(count):
                number = hub.last + 1
                tell_lazily(hub, "a", lambda number=number: {"n": number})
        elif step == "reconnect":
            subscription.close()
            subscription = hub.subscribe(last_id)
        else:
            while events := subscription.take(0, most=count or 5):
                assert len(events) <= (count or 5)
                account(subscription, events, told, missed)
                last_id = events[-1].number
                if step == "take":
                    break
    assert told == sorted(set(told))
    assert not missed & set(told)
    assert sorted({*told, *missed}) == list(range(since + 1, hub.last + 1))
    assert hub.last + 1 - hub.first <= keep


def test_threads_that_publish_and_listen_lose_and_double_nothing() -> None:
    hub = a_hub(50)
    told: list[list[int]] = [[] for _ in range(4)]
    missed: list[set[int]] = [set() for _ in range(4)]

    def listen(at: int, subscription: Subscription) -> None:
        with subscription:
            while events := subscription.take(20):
                account(subscription, events, told[at], missed[at])

    def publish() -> None:
        for _ in range(500):
            with gate:
                hub.tell("a", {"n": hub.last + 1})

    gate = threading.Lock()
    listeners = [threading.Thread(target=listen, args=(at, hub.subscribe())) for at in range(4)]
    publishers = [threading.Thread(target=publish) for _ in range(4)]
    for thread in [*listeners, *publishers]:
        thread.start()
    for thread in publishers:
        thread.join()
    hub.close()
    for thread in listeners:
        thread.join(10)
    for at in range(4):
        assert told[at] == sorted(told[at])
        assert sorted([*told[at], *missed[at]]) == list(range(1, 2001))
    assert hub.limits.streams == 0


def test_listeners_cost_a_publisher_no_step_more() -> None:
    def steps(listeners: int) -> int:
        hub = EventHub()
        for _ in range(listeners):
            hub.subscribe()
        return calls_made(lambda: tell_lazily(hub, "a", dict))

    assert steps(500) == steps(1) <= 40
