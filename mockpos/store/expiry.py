"""When live holds lapse, and which there are on a listing: two views on the live holds of one world.

What ended is taken out of them later, when it costs nothing to notice. Copies share what neither has changed since.
"""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import islice

from mockpos.copy_on_write import CopyOnWriteDict
from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold
from mockpos.store.records import gives_back, read_hold

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

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: CopyOnWriteDict[Lapse | _Several] = CopyOnWriteDict()

    def add(self, remote_id: str, lapse: Lapse) -> None:
        """Take note of a hold that lives now."""
        known = self._held.get(remote_id)
        if known is None:
            self._held.put(remote_id, lapse)
        else:
            several = known if isinstance(known, _Several) else _Several([known], 0, 1, 1, is_in_order=True)
            self._held.put(remote_id, several.with_(lapse))

    def end(self, hold: Hold, live: LiveHolds) -> None:
        """Take note that a hold would give nothing back any more."""
        remote_id = hold.remote_id
        known = self._held.get(remote_id)
        if isinstance(known, _Several):
            left = known.without_one(remote_id, live)
            if left.live:
                self._held.put(remote_id, left)
            else:
                self._held.pop(remote_id)
        elif known == lapse_of(hold):
            self._held.pop(remote_id)

    def on(self, remote_id: str, live: LiveHolds, most: int | None = None) -> list[Hold]:
        """Return the live holds on a listing that would give tickets back, or the first, in the order of holding."""
        return list(islice(self.each(remote_id, live), most))

    def each(self, remote_id: str, live: LiveHolds) -> Iterator[Hold]:
        """Iterate over the live holds on a listing that would give tickets back, in the order of holding."""
        found = (_live_on(remote_id, lapse, live) for lapse in self._lapses(remote_id))
        return (hold for hold in found if hold is not None)

    def due(self, remote_id: str, now: Millis, live: LiveHolds, most: int) -> list[Hold]:
        """Return up to ``most`` of those on a listing that have lapsed by now."""
        known = self._held.get(remote_id)
        is_in_order = not isinstance(known, _Several) or known.is_in_order
        due: list[Hold] = []
        for lapse in self._lapses(remote_id):
            if lapse[0] <= now:
                hold = _live_on(remote_id, lapse, live)
                if hold is not None:
                    due.append(hold)
                if len(due) == most:
                    break
            elif is_in_order:
                break
        return due

    def first_to_lapse(self, remote_id: str, live: LiveHolds) -> Millis | None:
        """Return when the first live hold on a listing lapses that gives tickets back."""
        known = self._held.get(remote_id)
        moments = (lapse[0] for lapse in self._lapses(remote_id) if _live_on(remote_id, lapse, live) is not None)
        is_in_order = not isinstance(known, _Several) or known.is_in_order
        return next(moments, None) if is_in_order else min(moments, default=None)

    def copy(self) -> "HoldsOnListings":
        """Return one that is the same now and does not change with this one."""
        twin = HoldsOnListings.__new__(HoldsOnListings)
        twin._held = self._held.copy()
        return twin

    def _lapses(self, remote_id: str) -> Iterable[Lapse]:
        known = self._held.get(remote_id)
        if known is None:
            return ()
        return known if isinstance(known, _Several) else (known,)


_FEW_ENDED = 64


class _Several:
    """Holds on one listing, in the order they were held; some may have ended, but not the first. It never changes.

    Whoever adds to it appends to its list: earlier versions do not look so far. ``is_in_order`` is True while the holds
    lapse in that order too: always, but for a clock that was set back.
    """

    __slots__ = ("_lapses", "_start", "_stop", "is_in_order", "live")

    def __init__(self, lapses: list[Lapse], start: int, stop: int, live: int, *, is_in_order: bool) -> None:
        self._lapses = lapses
        self._start = start
        self._stop = stop
        self.live = live
        self.is_in_order = is_in_order

    def __iter__(self) -> Iterator[Lapse]:
        lapses = self._lapses
        return (lapses[at] for at in range(self._start, self._stop))

    def with_(self, lapse: Lapse) -> "_Several":
        """Return these and one more."""
        lapses, start, stop = self._lapses, self._start, self._stop
        if len(lapses) != stop:  # another version has gone on in the list
            lapses, start, stop = lapses[start:stop], 0, stop - start
        is_in_order = self.is_in_order and lapse[0] >= lapses[-1][0]
        lapses.append(lapse)
        return _Several(lapses, start, stop + 1, self.live + 1, is_in_order=is_in_order)

    def without_one(self, remote_id: str, live: LiveHolds) -> "_Several":
        """Return what is left when one of them is not among the live ones any more."""
        lapses, start, stop, left = self._lapses, self._start, self._stop, self.live - 1
        while start < stop and _live_on(remote_id, lapses[start], live) is None:
            start += 1
        if start == stop:
            left = 0  # whatever was counted, none lives
        elif stop - start > 2 * left + 16:
            # a Global ID that was forgotten and is held elsewhere counts too, until that ends: who looks at it sees
            lapses = [each for each in lapses[start:stop] if gives_back(live.get(each[1]))]
            start, stop, left = 0, len(lapses), len(lapses)
        elif start > stop - start + _FEW_ENDED:  # the ended ones in front would stay as long as the listing is held
            lapses, start, stop = lapses[start:stop], 0, stop - start
        return _Several(lapses, start, stop, left, is_in_order=self.is_in_order)


def _live_on(remote_id: str, lapse: Lapse, live: LiveHolds) -> Hold | None:
    """Return a hold if it lives, is on this listing and would give tickets back."""
    at, global_id = lapse
    record = live.get(global_id)
    if record is None:
        return None
    hold = read_hold(record)
    return hold if hold.remote_id == remote_id and hold.expires_at == at and not hold.stolen else None
