"""Finds the hold that asks again, under a new Global ID, for tickets whose first hold was not heard.

Either may be recorded first: a hold that hangs is recorded long after the client gave it up. So the first holds of
late are kept, a few for each Remote ID and quantity, and the unheard holds that still wait for one.
"""

from itertools import islice

from mockpos.telemetry.audit.history import CallSummary

_MOST_TICKETS = 4096
_MOST_HOLDS = 4

Tickets = tuple[str | None, int | None]


class Resubmissions:
    """First holds and unheard holds, by what they ask for. The caller's lock guards it."""

    __slots__ = ("_firsts", "_unheard")

    def __init__(self) -> None:
        self._firsts: dict[Tickets, tuple[CallSummary, ...]] = {}
        self._unheard: dict[Tickets, tuple[str, ...]] = {}

    def arrived(self, hold: CallSummary) -> tuple[str, ...]:
        """Note the first hold of a Global ID; return the Global IDs that wait for such a one, and forget them."""
        tickets = hold.remote_id, hold.quantity
        earlier = self._firsts.pop(tickets, ())
        self._firsts[tickets] = (*earlier[1 - _MOST_HOLDS :], hold) if earlier else (hold,)
        if len(self._firsts) > _MOST_TICKETS:
            for oldest in list(islice(self._firsts, _MOST_TICKETS // 16)):  # in batches: the front is slow to reach
                del self._firsts[oldest]
        return self._unheard.pop(tickets, ()) if self._unheard else ()

    def find(self, hold: CallSummary, last: CallSummary) -> CallSummary | None:
        """Return the first hold of the same tickets under another Global ID that arrived after ``last``."""
        later = [call for call in self._firsts.get((hold.remote_id, hold.quantity), ()) if call > last]
        return min((call for call in later if call.global_id != hold.global_id), default=None)

    def wait(self, hold: CallSummary) -> None:
        """Let an unheard hold wait for a re-submission."""
        tickets = hold.remote_id, hold.quantity
        waiting = self._unheard.get(tickets, ())
        if hold.global_id not in waiting:
            self._unheard[tickets] = (*waiting, hold.global_id)

    def leave(self, hold: CallSummary) -> None:
        """Let a hold wait no more: its caller knows of it, or it ended."""
        tickets = hold.remote_id, hold.quantity
        waiting = self._unheard.get(tickets)
        if waiting is not None and hold.global_id in waiting:
            others = tuple(global_id for global_id in waiting if global_id != hold.global_id)
            if others:
                self._unheard[tickets] = others
            else:
                del self._unheard[tickets]

    def copy(self) -> "Resubmissions":
        """Return one that is the same now and does not move when this one does."""
        twin = Resubmissions()
        twin._firsts = self._firsts.copy()
        twin._unheard = self._unheard.copy()
        return twin
