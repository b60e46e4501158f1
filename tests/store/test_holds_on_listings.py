"""Which live holds there are on a listing, and which of them lapses first, against the plainest way to tell."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockpos.domain.hold import Hold
from mockpos.store.holds_on_listings import HoldsOnListings
from tests.conftest import a_live_hold

LISTINGS = ("TG-1", "TG-2")
IDS = st.integers(0, 5)


class Holds(RuleBasedStateMachine):
    """Holds come, change and end on two listings, by a clock that may be set back."""

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[str, Hold] = {}
        self.kept = HoldsOnListings()

    @rule(number=IDS, remote_id=st.sampled_from(LISTINGS), lapses=st.integers(0, 20), stolen=st.booleans())
    def place_or_change(self, number: int, remote_id: str, lapses: int, stolen: bool) -> None:
        known = self.live.get(f"g{number}")
        hold = a_live_hold(
            f"g{number}", lapses_in_ms=lapses, remote_id=known.remote_id if known else remote_id, stolen=stolen
        )
        self.live[hold.global_id] = hold
        self.kept.add(hold, self.live)

    @rule(number=IDS)
    def end(self, number: int) -> None:
        hold = self.live.pop(f"g{number}", None)
        if hold is not None:
            self.kept.end(hold)

    @rule(number=IDS, remote_id=st.sampled_from(LISTINGS))
    def end_one_that_never_lived(self, number: int, remote_id: str) -> None:
        if f"g{number}" not in self.live:
            self.place_or_change(number, remote_id, 0, False)
            self.end(number)

    @invariant()
    def agrees(self) -> None:
        for remote_id in LISTINGS:
            on_it = [hold for hold in self.live.values() if hold.remote_id == remote_id]
            assert sorted(self.kept.on(remote_id, self.live)) == sorted(on_it)
            lapses = [hold.expires_at for hold in on_it if not hold.stolen]
            assert self.kept.first_to_lapse(remote_id, self.live) == min(lapses, default=None)


Holds.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestHolds = Holds.TestCase


def test_a_hold_that_ended_in_the_commit_that_placed_it_leaves_nothing() -> None:
    ended, later = a_live_hold("gone"), a_live_hold("later")
    kept = HoldsOnListings()
    kept.add(ended, {"later": later})
    kept.add(later, {"later": later})
    assert kept.on("TG-1", {"later": later}) == [later]
