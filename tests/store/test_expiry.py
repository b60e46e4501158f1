"""When live holds lapse, and which there are on a listing, against the plainest way to tell."""

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.store import expiry
from mockpos.store.expiry import LapseQueue
from mockpos.store.world import Limits, World
from tests.conftest import NOON, a_listing, a_live_hold

LISTINGS = ("TG-1", "TG-2")
IDS = st.integers(0, 30)
MANY = 10_000


@dataclass
class Twins:
    """A world, and its live holds as a dictionary that saw the same."""

    world: World
    live: dict[str, Hold]

    def copy(self) -> "Twins":
        return Twins(self.world.copy(), dict(self.live))


class Holds(RuleBasedStateMachine):
    """Holds come, are stolen and end on two listings of a few worlds, by a clock that may be set back."""

    def __init__(self) -> None:
        super().__init__()
        world = World(Limits(closed_holds=1))  # so that a Global ID may be held again
        world.fill(map(a_listing, LISTINGS))
        self.twins = [Twins(world, {})]

    def one(self, which: int) -> Twins:
        """Return one of the worlds there are."""
        return self.twins[which % len(self.twins)]

    @rule(which=st.integers(0, 2), number=IDS, remote_id=st.sampled_from(LISTINGS), lapses=st.integers(0, 40))
    def place(self, which: int, number: int, remote_id: str, lapses: int) -> None:
        twins = self.one(which)
        if f"g{number}" not in twins.live:
            hold = a_live_hold(f"g{number}", lapses_in_ms=lapses, remote_id=remote_id)
            twins.live[hold.global_id] = hold
            twins.world.apply([hold], NOON)

    @rule(which=st.integers(0, 2), number=IDS)
    def steal(self, which: int, number: int) -> None:
        twins = self.one(which)
        hold = twins.live.get(f"g{number}")
        if hold is not None:
            twins.live[hold.global_id] = hold._replace(stolen=True)
            twins.world.apply([hold._replace(stolen=True)], NOON)

    @rule(which=st.integers(0, 2), number=IDS, early=st.booleans())
    def end(self, which: int, number: int, early: bool) -> None:
        twins = self.one(which)
        hold = twins.live.pop(f"g{number}", None)
        if hold is not None:
            ended = hold._replace(status=HoldStatus.RELEASED)
            twins.world.apply([ended._replace(expires_at=NOON) if early else ended], NOON)

    @rule(which=st.integers(0, 2), until=st.integers(0, 40), most=st.integers(1, 4))
    def lapse(self, which: int, until: int, most: int) -> None:
        twins = self.one(which)
        due = sorted(
            (hold for hold in twins.live.values() if hold.expires_at <= NOON + until),
            key=lambda hold: (hold.expires_at, hold.global_id),
        )
        assert twins.world.lapses.is_due(Millis(NOON + until)) or not due
        popped = twins.world.lapses.pop_due(Millis(NOON + until), twins.world.live, most)
        assert popped == due[:most]
        for hold in popped:
            del twins.live[hold.global_id]
        twins.world.apply([hold._replace(status=HoldStatus.EXPIRED) for hold in popped], NOON)

    @rule(which=st.integers(0, 2), remote_id=st.sampled_from(LISTINGS), first=IDS)
    def sell_out(self, which: int, remote_id: str, first: int) -> None:
        for number in range(first, first + 25):
            self.place(which, number, remote_id, number)

    @rule(which=st.integers(0, 2))
    def copy(self, which: int) -> None:
        if len(self.twins) < 3:
            self.twins.append(self.one(which).copy())

    @invariant()
    def agrees(self) -> None:
        for twins in self.twins:
            world = twins.world
            assert {hold.global_id: hold for hold in world.each_live()} == twins.live
            for remote_id in LISTINGS:
                on_it = [hold for hold in twins.live.values() if hold.remote_id == remote_id and not hold.stolen]
                assert {*world.on_listings.on(remote_id, world.live)} == {*on_it}
                first = world.on_listings.first_to_lapse(remote_id)
                assert first == min((hold.expires_at for hold in on_it), default=None)


Holds.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


class TestHolds(Holds.TestCase):  # type: ignore[misc,name-defined]  # made at run time
    """With few that ended before they are left out."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(expiry, "_FEW", 4)


def test_holds_that_ended_are_not_kept_until_they_would_have_lapsed() -> None:
    world = World(Limits(closed_holds=1))
    for number in range(MANY):
        hold = a_live_hold(f"g{number}", lapses_in_ms=86_400_000 + number)
        world.apply([hold], NOON)
        world.apply([hold._replace(status=HoldStatus.RELEASED)], NOON)
    assert len(world.lapses._heap) < MANY / 2
    assert len(world.on_listings._held) == 0


def test_a_listing_that_is_always_held_keeps_no_more_than_its_live_holds() -> None:
    """It kept the moment and the Global ID of every hold it ever had: 200 bytes each, without limit."""
    world = World(Limits(closed_holds=1))
    holds = [a_live_hold(f"g{number}", lapses_in_ms=86_400_000 + number) for number in range(2_000)]
    for number, hold in enumerate(holds):
        world.apply([hold], NOON)
        if number >= 10:
            world.apply([holds[number - 10]._replace(status=HoldStatus.RELEASED)], NOON)
    assert len(list(world.on_listings._lapses(holds[0].remote_id))) == 10
    assert world.on_listings.on(holds[0].remote_id, world.live) == holds[-10:]


def test_a_listing_whose_last_hold_ended_forgets_those_whose_ids_are_held_elsewhere() -> None:
    """A forgotten Global ID that is held on another listing was counted here for ever, and broke the next hold."""
    world = World(Limits(closed_holds=1))
    world.fill(a_listing(remote_id, 100) for remote_id in LISTINGS)
    for number in range(40):
        world.apply([a_live_hold(f"g-{number}")], NOON)
    ends = [5, *(number for number in range(1, 40) if number != 5), 0]
    for number in ends:
        world.apply([a_live_hold(f"g-{number}")._replace(status=HoldStatus.RELEASED)], NOON)
        if number == 6:
            world.apply([a_live_hold("g-5", remote_id=LISTINGS[1])], NOON)
    copy = world.copy()
    for each in (world, copy):
        each.apply([a_live_hold("new")], NOON)
        assert [hold.global_id for hold in each.on_listings.on(LISTINGS[0], each.live)] == ["new"]


def test_what_lapses_in_one_world_has_yet_to_lapse_in_its_copy() -> None:
    queue, live = LapseQueue(), World(Limits()).live
    queue.add((Millis(1), "g-1"))
    copy = queue.copy()
    queue.pop_due(Millis(1), live, 10)
    queue.add((Millis(2), "g-2"))
    assert (copy.is_due(Millis(1)), queue.is_due(Millis(1))) == (True, False)
