"""Which live holds there are on each listing, as Global IDs only: a million of them must fit in memory.

Most listings have one or none. The one is kept as it is; an object and a dict for it would take 300 bytes more.
"""

from collections.abc import Mapping

from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold


class _Several:
    """The live holds on one listing, by Global ID, in the order they were noted.

    ``ordered`` is True while that is also the order in which they lapse: always, but after a start, or for a clock that
    was set back.
    """

    __slots__ = ("ids", "latest", "ordered")

    def __init__(self, *holds: Hold) -> None:
        self.ids: dict[str, None] = {}
        self.latest = Millis(0)
        self.ordered = True
        for hold in holds:
            self.add(hold)

    def add(self, hold: Hold) -> None:
        """Take note of one more, or of one that changed."""
        if hold.expires_at < self.latest or hold.global_id in self.ids:
            self.ordered = False
        self.ids[hold.global_id] = None
        self.latest = hold.expires_at


class HoldsOnListings:
    """A view on the live holds of one world. ``live`` are these holds, by Global ID."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[str, str | _Several] = {}

    def add(self, hold: Hold, live: Mapping[str, Hold]) -> None:
        """Take note of a live hold, new or changed; it may have ended since, in the same commit."""
        known = self._held.get(hold.remote_id)
        if known is None:
            self._held[hold.remote_id] = hold.global_id
        elif isinstance(known, _Several):
            known.add(hold)
        elif known != hold.global_id:
            earlier = live.get(known)
            self._held[hold.remote_id] = hold.global_id if earlier is None else _Several(earlier, hold)

    def end(self, hold: Hold) -> None:
        """Take note that a hold lives no more."""
        known = self._held.get(hold.remote_id)
        if isinstance(known, _Several):
            known.ids.pop(hold.global_id, None)
            if not known.ids:
                del self._held[hold.remote_id]
        elif known == hold.global_id:
            del self._held[hold.remote_id]

    def on(self, remote_id: str, live: Mapping[str, Hold]) -> list[Hold]:
        """Return the live holds on a listing, in no order."""
        known = self._held.get(remote_id)
        if known is None:
            return []
        return [live[known]] if isinstance(known, str) else [live[global_id] for global_id in known.ids]

    def first_to_lapse(self, remote_id: str, live: Mapping[str, Hold]) -> Millis | None:
        """Return when the first live hold on a listing lapses that gives tickets back: a stolen one does not."""
        known = self._held.get(remote_id)
        if known is None:
            return None
        ids = (known,) if isinstance(known, str) else known.ids
        lapses = (hold.expires_at for hold in map(live.__getitem__, ids) if not hold.stolen)
        in_order = isinstance(known, str) or known.ordered
        return next(lapses, None) if in_order else min(lapses, default=None)
