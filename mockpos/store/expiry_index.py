"""When live holds lapse.

Holds stand by the second in which they lapse, as Global IDs only: a million of them must fit in memory. A second is
put in exact order when it begins. Entries of holds that ended early are skipped then; when more than half of a second's
holds have, they are taken out: a hold may last a day, and end after moments.
"""

from collections.abc import Container, Mapping
from heapq import heappop, heappush

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold
from mockpos.store.holds_on_listings import HoldsOnListings

_SECOND = 1000


class ExpiryIndex:
    """A view on the live holds of one world; it can be made anew from them at any time."""

    def __init__(self, live: Mapping[str, Hold]) -> None:
        self._seconds: list[int] = []  # those that have not begun, soonest first
        self._by_second: dict[int, list[str]] = {}
        self._ended: dict[int, int] = {}  # how many of a second's holds ended early, about
        self._begun: list[tuple[Millis, str]] = []  # what lapses in seconds that have begun, soonest first
        self.on_listings = HoldsOnListings()
        for hold in live.values():
            self.add(hold, live)

    def add(self, hold: Hold, live: Mapping[str, Hold]) -> None:
        """Take note of a live hold, new or changed; it may have ended since, in the same commit."""
        second = hold.expires_at // _SECOND
        ids = self._by_second.get(second)
        if ids is None:
            ids = self._by_second[second] = []
            heappush(self._seconds, second)
        ids.append(hold.global_id)
        self.on_listings.add(hold, live)

    def end(self, hold: Hold, live: Container[str]) -> None:
        """Take note that a hold lives no more. ``live`` are the holds that do."""
        self._forget(hold.expires_at // _SECOND, live)
        self.on_listings.end(hold)

    def is_due(self, now: Millis) -> bool:
        """Tell whether anything may have lapsed: the question every call asks, so it must be cheap."""
        return (bool(self._begun) and self._begun[0][0] <= now) or (
            bool(self._seconds) and self._seconds[0] * _SECOND <= now
        )

    def pop_due(self, now: Millis, live: Mapping[str, Hold]) -> list[Hold]:
        """Take out the holds that have lapsed by now, in the order they did."""
        while self._seconds and self._seconds[0] * _SECOND <= now:
            self._begin(heappop(self._seconds), live)
        lapsed: list[Hold] = []
        while self._begun and self._begun[0][0] <= now:
            at, global_id = heappop(self._begun)
            hold = live.get(global_id)
            # a hold that was changed while it lived, or forgotten and held again, may stand here twice
            if hold is not None and hold.expires_at == at and lapsed[-1:] != [hold]:
                lapsed.append(hold)
        return lapsed

    def _forget(self, second: int, live: Container[str]) -> None:
        """Count a hold that ended before its second; take such entries out once they are most of that second's."""
        ids = self._by_second.get(second)
        if ids is None:
            return
        ended = self._ended[second] = self._ended.get(second, 0) + 1
        if 2 * ended > len(ids):
            ids[:] = [global_id for global_id in ids if global_id in live]
            del self._ended[second]

    def _begin(self, second: int, live: Mapping[str, Hold]) -> None:
        """Put in exact order what lapses within a second."""
        self._ended.pop(second, None)
        for global_id in self._by_second.pop(second):
            hold = live.get(global_id)
            if hold is not None and hold.expires_at // _SECOND == second:
                heappush(self._begun, (hold.expires_at, global_id))
