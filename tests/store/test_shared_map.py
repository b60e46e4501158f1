"""Maps that are changed in place, and whose copies never move."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockpos.store.shared_map import SharedMap

KEYS = st.integers(0, 400).map("TG-{}".format)
"""Enough for nodes of every kind: a node has up to 32 places."""


class Copies(RuleBasedStateMachine):
    """Maps, each beside a dict that has seen the same changes."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[SharedMap[int], dict[str, int]]] = [(SharedMap(), {})]
        self.looked_at: list[tuple[Any, dict[str, int]]] = []

    def pair(self, which: int) -> tuple[SharedMap[int], dict[str, int]]:
        """Return one of the maps there are."""
        return self.pairs[which % len(self.pairs)]

    @rule(which=st.integers(0, 5), key=KEYS, value=st.integers())
    def put(self, which: int, key: str, value: int) -> None:
        kept, known = self.pair(which)
        kept.put(key, value)
        known[key] = value

    @rule(which=st.integers(0, 5), first=st.integers(0, 300), count=st.integers(1, 100))
    def put_many(self, which: int, first: int, count: int) -> None:
        for number in range(first, first + count):
            self.put(which, f"TG-{number}", count)

    @rule(which=st.integers(0, 5), place=st.integers(0, 400), most=st.integers(1, 60))
    def pop_some(self, which: int, place: int, most: int) -> None:
        kept, known = self.pair(which)
        for key in sorted(known)[place % (len(known) or 1) :][:most]:
            assert kept.pop(key) == known.pop(key)

    @rule(which=st.integers(0, 5))
    def copy(self, which: int) -> None:
        kept, known = self.pair(which)
        if len(self.pairs) < 6:
            self.pairs.append((kept.copy(), dict(known)))

    @rule(which=st.integers(0, 5))
    def look_through(self, which: int) -> None:
        kept, known = self.pair(which)
        self.looked_at.append((kept.still(), dict(known)))

    @rule(which=st.integers(0, 5), key=KEYS)
    def look_up(self, which: int, key: str) -> None:
        kept, known = self.pair(which)
        assert kept.get(key) == known.get(key)
        assert (key in kept) == (key in known)

    @invariant()
    def sizes_agree(self) -> None:
        assert [len(kept) for kept, _ in self.pairs] == [len(known) for _, known in self.pairs]

    def teardown(self) -> None:
        for seen, known in self.looked_at:
            assert dict(seen) == known
        for kept, known in self.pairs:
            assert dict(kept.still()) == known
            assert all(kept[key] == value for key, value in known.items())


Copies.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestCopies = Copies.TestCase
