"""When live holds lapse: over all listings, and the first on one listing.

Entries of holds that ended early are left in place and skipped; when they
outnumber the live ones the heaps are made anew, so memory follows the live holds.
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from immutables import Map

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold

_Entry = tuple[Millis, str]
_TOLERATED_LEFTOVERS = 1024


class ExpiryIndex:
    """A view on the live holds of one world; it can be made anew from them at any time."""

    def __init__(self, live: Iterable[Hold] = ()) -> None:
        self._due: list[_Entry] = []
        self._by_listing: dict[str, list[_Entry]] = {}
        self._fill(live)

    def add(self, hold: Hold) -> None:
        """Take note of a new live hold."""
        entry = (hold.expires_at, hold.global_id)
        heappush(self._due, entry)
        heappush(self._by_listing.setdefault(hold.remote_id, []), entry)

    def is_due(self, now: Millis) -> bool:
        """Tell whether anything may have lapsed: the question every call asks, so it must be cheap."""
        return bool(self._due) and self._due[0][0] <= now

    def pop_due(self, now: Millis, live: Map[str, Hold]) -> list[Hold]:
        """Take out the holds that have lapsed by now, in the order they did."""
        lapsed: list[Hold] = []
        while self._due and self._due[0][0] <= now:
            hold = _alive(heappop(self._due), live)
            if hold is not None and lapsed[-1:] != [hold]:  # an id forgotten and held again may stand here twice
                lapsed.append(hold)
        return lapsed

    def first_on(self, remote_id: str, live: Map[str, Hold]) -> Millis | None:
        """Return when the first live hold on a listing lapses."""
        heap = self._by_listing.get(remote_id, [])
        while heap and _alive(heap[0], live) is None:
            heappop(heap)
        return heap[0][0] if heap else None

    def on(self, remote_id: str, live: Map[str, Hold]) -> list[Hold]:
        """Return the live holds on a listing, in no order."""
        found = (_alive(entry, live) for entry in self._by_listing.get(remote_id, []))
        return list({hold.global_id: hold for hold in found if hold is not None}.values())

    def tidy(self, live: Map[str, Hold]) -> None:
        """Drop what ended holds left behind, once that is most of what is here."""
        if len(self._due) > 2 * len(live) + _TOLERATED_LEFTOVERS:
            self._due.clear()
            self._by_listing.clear()
            self._fill(live.values())

    def _fill(self, live: Iterable[Hold]) -> None:
        for hold in live:
            entry = (hold.expires_at, hold.global_id)
            self._due.append(entry)
            self._by_listing.setdefault(hold.remote_id, []).append(entry)
        heapify(self._due)
        for heap in self._by_listing.values():
            heapify(heap)


def _alive(entry: _Entry, live: Map[str, Hold]) -> Hold | None:
    """Return the hold that an entry speaks of, when it is alive and still lapses then."""
    hold = live.get(entry[1])
    return hold if hold is not None and hold.expires_at == entry[0] else None
