"""Dictionaries and lists of keys whose copies share what none has changed, beside plain ones that saw the same."""

from itertools import count, islice

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockpos import copy_on_write
from mockpos import copy_on_write as key_list
from mockpos.copy_on_write import BoundedDict, CopyOnWriteDict, KeyList

KEYS = st.integers(0, 60).map("TG-{}".format)
WHICH = st.integers(0, 5)


class Copies(RuleBasedStateMachine):
    """Dictionaries, each beside a plain one that has seen the same changes."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[CopyOnWriteDict[int], dict[str, int]]] = [(CopyOnWriteDict(), {})]

    def pair(self, which: int) -> tuple[CopyOnWriteDict[int], dict[str, int]]:
        """Return one of those there are."""
        return self.pairs[which % len(self.pairs)]

    @rule(which=WHICH, key=KEYS, value=st.integers())
    def put(self, which: int, key: str, value: int) -> None:
        kept, known = self.pair(which)
        kept.put(key, value)
        known[key] = value

    @rule(which=WHICH, first=st.integers(0, 40), many=st.integers(1, 20))
    def put_many(self, which: int, first: int, many: int) -> None:
        for number in range(first, first + many):
            self.put(which, f"TG-{number}", many)

    @rule(which=WHICH, place=st.integers(0, 60), most=st.integers(1, 20))
    def pop_some(self, which: int, place: int, most: int) -> None:
        kept, known = self.pair(which)
        for key in sorted(known)[place % (len(known) or 1) :][:most]:
            assert kept.pop(key) == known.pop(key)

    @rule(which=WHICH, key=KEYS)
    def pop_what_is_not_there(self, which: int, key: str) -> None:
        kept, known = self.pair(which)
        if key not in known:
            with pytest.raises(KeyError):
                kept.pop(key)

    @rule(which=WHICH)
    def copy(self, which: int) -> None:
        kept, known = self.pair(which)
        if len(self.pairs) < 6:
            self.pairs.append((kept.copy(), dict(known)))

    @rule(which=WHICH)
    def drop(self, which: int) -> None:
        if len(self.pairs) > 1:
            del self.pairs[which % len(self.pairs)]

    @invariant()
    def agree(self) -> None:
        for kept, known in self.pairs:
            assert len(kept) == len(known)
            assert dict(kept.items()) == known
            assert sorted(kept.values()) == sorted(known.values())
            assert all(kept[key] == value and key in kept for key, value in known.items())
            assert all(kept.get(key) == known.get(key) for key in map("TG-{}".format, range(0, 60, 7)))


Copies.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


class TestCopies(Copies.TestCase):  # type: ignore[misc,name-defined]  # made at run time
    """With few entries that are kept apart, so that some move on and some are parted from the rest."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(copy_on_write, "_FEW", 4)
        monkeypatch.setattr(copy_on_write, "_MOVED_AT_ONCE", 2)


def test_what_a_copy_that_is_gone_shared_is_changed_in_place_again() -> None:
    kept: CopyOnWriteDict[int] = CopyOnWriteDict()
    for number in range(1000):
        kept.put(f"TG-{number}", number)
    entries = kept._shared.entries
    view = kept.copy()
    for number in range(400):
        kept.put(f"TG-{number}", -number)
    assert entries["TG-7"] == 7 == view["TG-7"]
    del view
    for _ in range(400):
        kept.put("TG-0", 0)
    assert kept._shared.entries is entries, "nothing was copied"
    assert (entries["TG-7"], len(kept._changed)) == (-7, 0)


def test_who_is_left_alone_by_one_that_went_its_own_way_changes_in_place_again() -> None:
    kept: CopyOnWriteDict[int] = CopyOnWriteDict()
    for number in range(1000):
        kept.put(f"TG-{number}", number)
    entries, twin = kept._shared.entries, kept.copy()
    for number in range(600):  # more than half: it takes a dictionary of its own
        twin.put(f"TG-{number}", -number)
    assert twin._shared.entries is not entries
    kept.put("TG-7", 70)
    assert (kept._shared.entries, entries["TG-7"], twin["TG-7"]) == (entries, 70, -7)


class Lists(RuleBasedStateMachine):
    """Lists of keys, copied from each other, beside plain ones."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[KeyList, list[str]]] = [(KeyList(), [])]
        self.names = map(str, count())

    def pair(self, which: int) -> tuple[KeyList, list[str]]:
        """Return one of those there are."""
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
            assert kept.popleft() == known.pop(0)

    @rule(which=WHICH, every=st.integers(2, 4))
    def leave_out(self, which: int, every: int) -> None:
        kept, known = self.pair(which)
        del known[::every]
        kept.keep(set(known))

    @rule(which=WHICH)
    def copy(self, which: int) -> None:
        kept, known = self.pair(which)
        if len(self.pairs) < 4:
            self.pairs.append((kept.copy(), known.copy()))

    @rule(which=WHICH, place=st.integers(0, 30), most=st.integers(1, 10))
    def look(self, which: int, place: int, most: int) -> None:
        kept, known = self.pair(which)
        assert kept.part(place, most) == known[place : place + most]
        assert kept.at(place) == (known[place] if place < len(known) else None)
        if place < len(known):
            assert kept.place_of(known[place]) == place

    @invariant()
    def agree(self) -> None:
        for kept, known in self.pairs:
            assert (len(kept), list(kept)) == (len(known), known)


Lists.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


class TestLists(Lists.TestCase):  # type: ignore[misc,name-defined]  # made at run time
    """With few keys that are taken out before the rest moves up."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(key_list, "_FEW", 4)


def test_the_oldest_entries_are_forgotten_and_numbers_stay() -> None:
    kept: BoundedDict[int] = BoundedDict(3)
    for number in range(5):
        kept.put(f"g{number}", number)
        assert [key for key, _ in kept.pop_excess()] == ([f"g{number - 3}"] if number > 2 else [])
    kept.put("g2", 20)
    assert list(kept.items()) == [("g2", 20), ("g3", 3), ("g4", 4)]
    assert kept.forgotten == 2
    assert kept.items_from(3, 5) == [(3, "g3", 3), (4, "g4", 4)]
    twin = kept.copy()
    kept.forget({"g3"})
    assert [key for key, _ in kept.items()] == ["g2", "g4"]
    assert [key for key, _ in twin.items()] == ["g2", "g3", "g4"]


def test_what_is_let_go_stays_with_those_who_share_it() -> None:
    mine: CopyOnWriteDict[int] = CopyOnWriteDict()
    for number in range(2000):
        mine.put(str(number), number)
    other = mine.copy()
    mine.put("0", -1)
    other.put("1", -2)
    turns: list[int] = []
    mine.let_go(lambda: turns.append(1))
    assert (len(other), other["0"], other["1"], other["1999"]) == (2000, 0, -2, 1999)
    del mine
    last = other.copy()
    del other
    last.let_go(lambda: turns.append(1))
    assert len(turns) > 4
