"""The events of one sandbox: numbers, resuming, what is dropped and told, threads, bounds."""

import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockpos.domain.errors import MockMisuse
from mockpos.telemetry.events import EventHub
from mockpos.telemetry.events_audience import Audience
from mockpos.telemetry.events_event import Event
from mockpos.telemetry.events_subscription import Subscription


def numbers(events: list[Event]) -> list[tuple[str, int]]:
    return [(event.kind, event.number) for event in events]


@pytest.fixture
def hub() -> Iterator[EventHub]:
    hub = EventHub()
    yield hub
    hub.close()
    assert hub.audience.listeners == 0


def test_events_are_numbered_from_one_whether_anybody_listens_or_not(hub: EventHub) -> None:
    assert hub.publish("a", {}) == 1
    with hub.subscribe() as subscription:
        assert hub.publish_lazy("b", lambda: {"x": 1}) == 2
        event = subscription.next_event(1)
        assert event is not None
        assert (event.number, event.kind, event.data) == (2, "b", {"x": 1})
        assert event.frame == b'id: 2\nevent: b\ndata: {"x":1}\n\n'


def test_a_lazy_event_is_made_once_for_all_and_only_when_read(hub: EventHub) -> None:
    made: list[int] = []

    def make() -> dict[str, object]:
        made.append(1)
        return {}

    with hub.subscribe() as one, hub.subscribe() as other:
        hub.publish_lazy("a", make)
        assert made == []
        assert [event.data for event in one.take(0) + other.take(0)] == [{}, {}]
    assert made == [1]


def test_data_published_is_what_it_was_at_that_moment(hub: EventHub) -> None:
    data = {"n": 1}
    hub.publish("a", data)
    data["n"] = 2
    with hub.subscribe(0) as subscription:
        assert [event.data for event in subscription.take(0)] == [{"n": 1}]


@pytest.mark.parametrize("odd", ["\ud800", "a\nb\r\n", 2**70, "\u2028"])
def test_any_data_can_be_told(hub: EventHub, odd: object) -> None:
    hub.publish("a", {"odd": odd})
    with hub.subscribe(0) as subscription:
        (event,) = subscription.take(0)
    assert event.frame.count(b"\n") == 4
    assert event.data == {"odd": "?" if odd == "\ud800" else odd}


def test_who_resumes_gets_what_followed(hub: EventHub) -> None:
    for _ in range(5):
        hub.publish("a", {})
    with hub.subscribe(3) as subscription:
        assert numbers(subscription.take(0)) == [("a", 4), ("a", 5)]
        assert subscription.take(0) == []


def test_who_resumes_too_late_is_told_what_is_gone() -> None:
    hub = EventHub(keep=3)
    for _ in range(10):
        hub.publish("a", {})
    with hub.subscribe(2) as subscription:
        events = subscription.take(0)
    assert numbers(events) == [("dropped", 7), ("a", 8), ("a", 9), ("a", 10)]
    assert events[0].data == {"missed": 5, "from": 3, "to": 7}


def test_a_number_of_another_life_is_answered_by_all_that_is_kept(hub: EventHub) -> None:
    hub.publish("a", {})
    with hub.subscribe(5000) as subscription:
        events = subscription.take(0)
    assert numbers(events) == [("dropped", 0), ("a", 1)]
    assert events[0].data["missed"] is None


def test_a_slow_listener_loses_the_oldest_and_is_told() -> None:
    hub = EventHub(keep=4)
    with hub.subscribe() as slow, hub.subscribe() as quick:
        for number in range(1, 11):
            hub.publish("a", {})
            assert numbers(quick.take(0)) == [("a", number)]
        assert numbers(slow.take(0, most=2)) == [("dropped", 6), ("a", 7)]
        hub.publish("a", {})
        assert numbers(slow.take(0)) == [("a", number) for number in range(8, 12)]


def test_bytes_are_bounded_and_shared_by_the_hubs_of_a_server() -> None:
    audience = Audience(max_bytes=100_000)
    hubs = [EventHub(audience) for _ in range(4)]
    for _ in range(100):
        for hub in hubs:
            hub.publish("a", {"text": "x" * 1000})
    kept = [hub.last + 1 - hub.first for hub in hubs]
    assert len(set(kept)) == 1
    assert 15 <= kept[0] <= 25
    for hub in hubs[1:]:
        hub.close()
    for _ in range(100):
        hubs[0].publish("a", {"text": "x" * 1000})
    assert hubs[0].last + 1 - hubs[0].first > 70


def test_one_event_larger_than_the_share_is_still_told() -> None:
    hub = EventHub(Audience(max_bytes=1000))
    with hub.subscribe() as subscription:
        hub.publish("a", {})
        hub.publish("big", {"text": "x" * 10_000})
        assert numbers(subscription.take(0)) == [("dropped", 1), ("big", 2)]


def test_sizes_are_not_less_than_what_events_occupy() -> None:
    def grown(lazy: bool) -> tuple[int, int]:
        tracemalloc.start()
        hub, before = EventHub(), tracemalloc.get_traced_memory()[0]
        for number in range(1000):
            data = {"global_id": f"g-{number:040}", "number": number}
            _ = hub.publish_lazy("call", lambda data=data: data) if lazy else hub.publish("call", data)
        with hub.subscribe(0) as subscription:
            while subscription.take(0):
                pass
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        return grown, hub._bytes

    for lazy in (False, True):
        occupied, counted = grown(lazy)
        assert occupied <= counted


def test_listeners_are_bounded_and_make_room_when_they_leave() -> None:
    audience = Audience(limit=2)
    hub, other = EventHub(audience), EventHub(audience)
    first, _ = hub.subscribe(), other.subscribe()
    with pytest.raises(MockMisuse, match="2 event streams") as refused:
        hub.subscribe()
    assert (refused.value.code, refused.value.status) == ("mock_too_many_streams", 503)
    first.close()
    first.close()
    assert audience.listeners == 1
    hub.subscribe().close()


def test_a_waiting_thread_is_woken_by_an_event_by_close_and_by_the_hub_s_end() -> None:
    hub = EventHub()
    for wake, kind in (
        (lambda sub: hub.publish("a", {}), "a"),
        (lambda sub: sub.close(), None),
        (lambda sub: hub.close(), None),
    ):
        subscription = hub.subscribe()
        got: list[Event | None] = []
        thread = threading.Thread(target=lambda sub=subscription, got=got: got.append(sub.next_event(20)))
        thread.start()
        while not hub.delayed_calls:
            time.sleep(0.001)
        wake(subscription)
        thread.join(5)
        assert not thread.is_alive()
        assert [event and event.kind for event in got] == [kind]
        assert subscription.ended is (kind is None)
        subscription.close()
    assert hub.delayed_calls == 0


def test_what_was_kept_is_still_read_after_the_end(hub: EventHub) -> None:
    with hub.subscribe() as subscription:
        hub.publish("a", {})
        hub.close()
        assert not subscription.ended
        assert numbers(subscription.take(5)) == [("a", 1)]
        assert subscription.ended
        assert subscription.next_event(5) is None


def test_no_event_in_time_is_none(hub: EventHub) -> None:
    with hub.subscribe() as subscription:
        assert subscription.next_event(0.01) is None
        assert not subscription.ended


def account(subscription: Subscription, events: list[Event], told: list[int], missed: set[int]) -> None:
    for event in events:
        if event.kind == "dropped":
            first, last = int(str(event.data["from"])), int(str(event.data["to"]))
            assert event.data["missed"] == last - first + 1
            assert event.number == last
            missed.update(range(first, last + 1))
        else:
            assert event.data == {"n": event.number}
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
    hub = EventHub(keep=keep)
    for number in range(1, earlier + 1):
        hub.publish("a", {"n": number})
    since = min(since, earlier)
    told: list[int] = []
    missed: set[int] = set()
    subscription = hub.subscribe(since)
    last_id = since
    for step, count in [*steps, ("drain", 0)]:
        if step == "publish":
            for _ in range(count):
                number = hub.last + 1
                hub.publish_lazy("a", lambda number=number: {"n": number})
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
    hub = EventHub(keep=50)
    told: list[list[int]] = [[] for _ in range(4)]
    missed: list[set[int]] = [set() for _ in range(4)]

    def listen(at: int, subscription: Subscription) -> None:
        with subscription:
            while events := subscription.take(20):
                account(subscription, events, told[at], missed[at])

    def publish() -> None:
        for _ in range(500):
            with gate:
                hub.publish("a", {"n": hub.last + 1})

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
    assert hub.audience.listeners == 0


def test_listeners_cost_a_publisher_next_to_nothing() -> None:
    def seconds(listeners: int) -> float:
        hub = EventHub()
        for _ in range(listeners):
            hub.subscribe()
        best = 1.0
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(2000):
                hub.publish_lazy("a", dict)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(500) < 5 * seconds(0) + 0.01
