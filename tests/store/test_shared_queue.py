"""Queues whose copies never move, beside deques that have seen the same changes."""

from collections import deque
from itertools import count, islice

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockpos.store import shared_queue
from mockpos.store.shared_queue import SharedQueue

WHICH = st.integers(0, 3)


class Queues(RuleBasedStateMachine):
    """A few queues, copied from each other."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[SharedQueue, deque[str]]] = [(SharedQueue(), deque())]
        self.names = map(str, count())

    def pair(self, which: int) -> tuple[SharedQueue, deque[str]]:
        """Return one of the queues there are."""
        return self.pairs[which % len(self.pairs)]

    @rule(which=WHICH, many=st.integers(1, 9))
    def append(self, which: int, many: int) -> None:
        kept, known = self.pair(which)
        for key in islice(self.names, many):
            kept.append(key)
            known.append(key)

    @rule(which=WHICH, many=st.integers(1, 9))
    def take_out(self, which: int, many: int) -> None:
        kept, known = self.pair(which)
        for _ in range(min(many, len(known))):
            assert kept.popleft() == known.popleft()

    @rule(which=WHICH)
    def copy(self, which: int) -> None:
        kept, known = self.pair(which)
        if len(self.pairs) < 4:
            self.pairs.append((kept.copy(), known.copy()))

    @rule(which=WHICH, place=st.integers(0, 30))
    def look_from(self, which: int, place: int) -> None:
        kept, known = self.pair(which)
        assert list(kept.from_place(place)) == list(known)[place:]

    @invariant()
    def agree(self) -> None:
        for kept, known in self.pairs:
            assert len(kept) == len(known)
            assert list(kept.from_place(0)) == list(known)


Queues.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


class TestQueues(Queues.TestCase):  # type: ignore[misc,name-defined]  # made at run time
    """With chunks of four keys, so that a few make many."""

    @pytest.fixture(autouse=True)
    def small_chunks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shared_queue, "_CHUNK", 4)


def test_an_empty_one_has_nothing_to_take_out() -> None:
    queue = SharedQueue()
    for _ in range(2):
        with pytest.raises(IndexError):
            queue.popleft()
        queue.append("only")
        assert queue.popleft() == "only"


def test_a_copy_shares_what_is_full() -> None:
    queue = SharedQueue()
    for number in range(10_000):
        queue.append(str(number))
    twin = queue.copy()
    assert all(ours is theirs for ours, theirs in zip(queue._full, twin._full, strict=True))
    assert len(twin._newest) == 10_000 % 1024
