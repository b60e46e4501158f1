"""When live holds lapse, and which there are on a listing: two views on the live holds of one world.

The queue of lapses leaves what ended in place until it costs nothing to notice; the listings' holds are exact. Copies
share what neither has changed since.
"""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import islice, takewhile

from mockpos.copy_on_write import CopyOnWriteDict
from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold
from mockpos.store.records import read_hold

LiveHolds = CopyOnWriteDict[bytes]
"""Live holds by Global ID, as records."""

Lapse = tuple[Millis, str]
"""When a hold lapses, and its Global ID. One held again, once its first life is forgotten, lapses at another moment."""

_FEW = 4096


def lapse_of(hold: Hold) -> Lapse:
    """Return when a hold lapses."""
    return hold.expires_at, hold.global_id


class LapseQueue:
    """When each live hold lapses: a heap of moments and Global IDs."""

    __slots__ = ("_heap", "_is_shared")

    def __init__(self) -> None:
        self._heap: list[Lapse] = []
        self._is_shared = False

    def add(self, lapse: Lapse) -> None:
        """Take note of a hold that lives now."""
        self._own()
        heappush(self._heap, lapse)

    def is_due(self, now: Millis) -> bool:
        """Tell whether anything may have lapsed: the question every call asks, so it must be cheap."""
        return bool(self._heap) and self._heap[0][0] <= now

    def pop_due(self, now: Millis, live: LiveHolds, most: int) -> list[Hold]:
        """Take out up to ``most`` holds that have lapsed by now, in the order they did."""
        self._own()
        lapsed: list[Hold] = []
        while len(lapsed) < most and self.is_due(now):
            at, global_id = heappop(self._heap)
            record = live.get(global_id)
            if record is None:
                continue
            hold = read_hold(record)
            # a Global ID that was forgotten and held again may stand here twice
            if hold.expires_at == at and not (lapsed and lapsed[-1].global_id == global_id):
                lapsed.append(hold)
        return lapsed

    def put_back(self, holds: Iterable[Hold]) -> None:
        """Take note again of holds that could not be let end."""
        for hold in holds:
            self.add(lapse_of(hold))

    def tidy(self, live: LiveHolds) -> None:
        """Leave out what ended early, once that is a quarter of all."""
        if len(self._heap) > len(live) + len(live) // 4 + _FEW:
            self._heap = [lapse for lapse in self._heap if live.get(lapse[1]) is not None]
            self._is_shared = False
            heapify(self._heap)

    def copy(self) -> "LapseQueue":
        """Return one that is the same now and does not change with this one."""
        twin = LapseQueue()
        twin._heap = self._heap
        twin._is_shared = self._is_shared = True
        return twin

    def _own(self) -> None:
        if self._is_shared:
            self._heap = self._heap.copy()
            self._is_shared = False


class HoldsOnListings:
    """The live holds on each listing that would give tickets back, so not those whose tickets were sold elsewhere.

    Most listings have one or none.
    """

    __slots__ = ("_held", "_owner")

    def __init__(self) -> None:
        self._held: CopyOnWriteDict[Lapse | _Several] = CopyOnWriteDict()
        self._owner = object()

    def add(self, remote_id: str, lapse: Lapse) -> None:
        """Take note of a hold that lives now."""
        known = self._held.get(remote_id)
        if known is None:
            self._held.put(remote_id, lapse)
        elif isinstance(known, _Several):
            self._own(remote_id, known).add(lapse)
        else:
            several = _Several(self._owner, {known: None})
            several.add(lapse)
            self._held.put(remote_id, several)

    def end(self, hold: Hold) -> None:
        """Take note that a hold would give nothing back any more."""
        remote_id, lapse = hold.remote_id, lapse_of(hold)
        known = self._held.get(remote_id)
        if isinstance(known, _Several):
            several = self._own(remote_id, known)
            several.lapses.pop(lapse, None)
            if not several.lapses:
                self._held.pop(remote_id)
        elif known == lapse:
            self._held.pop(remote_id)

    def on(self, remote_id: str, live: LiveHolds, most: int | None = None) -> list[Hold]:
        """Return the live holds on a listing that would give tickets back, or the first, in the order of holding."""
        return list(islice(self.each(remote_id, live), most))

    def each(self, remote_id: str, live: LiveHolds) -> Iterator[Hold]:
        """Iterate over the live holds on a listing that would give tickets back, in the order of holding."""
        return (read_hold(live[global_id]) for _, global_id in self._lapses(remote_id))

    def due(self, remote_id: str, now: Millis, live: LiveHolds, most: int) -> list[Hold]:
        """Return up to ``most`` of those on a listing that have lapsed by now."""
        lapses = self._lapses(remote_id)
        if self._is_in_order(remote_id):
            lapses = takewhile(lambda lapse: lapse[0] <= now, lapses)
        due = (global_id for at, global_id in lapses if at <= now)
        return [read_hold(live[global_id]) for global_id in islice(due, most)]

    def first_to_lapse(self, remote_id: str) -> Millis | None:
        """Return when the first live hold on a listing lapses that gives tickets back."""
        moments = (at for at, _ in self._lapses(remote_id))
        return next(iter(moments), None) if self._is_in_order(remote_id) else min(moments, default=None)

    def copy(self) -> "HoldsOnListings":
        """Return one that is the same now and does not change with this one."""
        twin = HoldsOnListings.__new__(HoldsOnListings)
        twin._held = self._held.copy()
        twin._owner, self._owner = object(), object()  # what both have now is neither's own
        return twin

    def _own(self, remote_id: str, several: "_Several") -> "_Several":
        """Return the holds on a listing as they may be changed here."""
        if several.owner is not self._owner:
            several = _Several(self._owner, several.lapses.copy(), is_in_order=several.is_in_order)
            self._held.put(remote_id, several)
        return several

    def _lapses(self, remote_id: str) -> Iterable[Lapse]:
        known = self._held.get(remote_id)
        if known is None:
            return ()
        return known.lapses if isinstance(known, _Several) else (known,)

    def _is_in_order(self, remote_id: str) -> bool:
        known = self._held.get(remote_id)
        return not isinstance(known, _Several) or known.is_in_order


class _Several:
    """Holds on one listing, in the order they were held. Only its owner may change it.

    ``is_in_order`` is True while they lapse in that order too: always, but for a clock that was set back.
    """

    __slots__ = ("is_in_order", "lapses", "owner")

    def __init__(self, owner: object, lapses: dict[Lapse, None], *, is_in_order: bool = True) -> None:
        self.owner = owner
        self.lapses = lapses
        self.is_in_order = is_in_order

    def add(self, lapse: Lapse) -> None:
        """Take in one more."""
        self.is_in_order = self.is_in_order and lapse[0] >= next(reversed(self.lapses), lapse)[0]
        self.lapses[lapse] = None
