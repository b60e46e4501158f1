"""When holds lapse, and what the index keeps of those that ended before."""

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold
from mockpos.store.expiry_index import ExpiryIndex
from tests.conftest import NOON, a_live_hold


def hold(number: int, *, lapses_in_ms: int) -> Hold:
    return a_live_hold(f"g{number}", lapses_in_ms=lapses_in_ms)


def test_holds_that_ended_are_kept_no_longer_than_as_many_live() -> None:
    holds = [hold(number, lapses_in_ms=86_400_000 + number % 1000) for number in range(4000)]
    live = {each.global_id: each for each in holds}
    index = ExpiryIndex(live)
    for each in holds[:-5]:
        del live[each.global_id]
        index.end(each, live)
        (kept,) = index._by_second.values()
        assert len(kept) <= 2 * len(live) + 1
    assert index.pop_due(Millis(NOON + 86_402_000), live) == holds[-5:]


def test_what_lapses_in_another_second_than_it_was_to_does_no_harm() -> None:
    holds = [hold(number, lapses_in_ms=1000 * number) for number in (1, 2, 3)]
    live = {each.global_id: each for each in holds}
    index = ExpiryIndex(live)
    del live["g1"]
    index.end(hold(1, lapses_in_ms=3000), live)  # the point of sale let it lapse at another moment
    assert index.pop_due(Millis(NOON + 2000), live) == holds[1:2]
    assert index.pop_due(Millis(NOON + 3000), live) == holds[2:]
