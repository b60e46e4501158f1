"""The calls of one Global ID, in the order they arrived, as the audit keeps them: a small summary of each.

Histories are values: a reader that took one needs no lock.
"""

from bisect import insort
from collections.abc import Iterator
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from mockpos.domain.calls import Sent
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.codes import CATALOGUE
from mockpos.telemetry.call_record import CallRecord

MOST_CALLS = 16
"""How many calls of one Global ID are kept; beyond that, some in the middle are only counted."""

_FIRST_CALLS = 8


class Heard(Enum):
    """What the caller learned from an answer."""

    DONE = "done"
    REFUSED = "refused"  # for good
    LATER = "later"  # refused, nothing changed, to be repeated
    UNKNOWN = "unknown"


def _heard(code: str) -> Heard:
    known = CATALOGUE[code]
    if known.outcome_unknown:
        return Heard.UNKNOWN
    return Heard.LATER if known.retryable else Heard.REFUSED


_HEARD = {code: _heard(code) for code in CATALOGUE.names()} | dict.fromkeys(
    ("held", "released", "invoiced"), Heard.DONE
)
_COMPLETE, _UNKNOWN, _DONE = Sent.COMPLETE, Heard.UNKNOWN, Heard.DONE  # an enum's members are slow to reach
_TRANSPORT = frozenset(code.code for code in CATALOGUE if code.is_transport and not code.retryable)


class CallSummary(Struct, frozen=True, order=True, gc=False):
    """What an audit needs of one call. They compare by arrival, and equal ones by ``number``, the order of recording.

    ``done``: the state is known to have, at its end, what the call asked for. ``committed``: this call made it so.
    ``body`` tells apart requests that were refused for their form, and is 0 for all others.
    """

    arrival: float
    number: int
    operation: Operation
    heard: Heard
    whole: bool
    done: bool
    committed: bool
    code: str
    global_id: str
    request_id: str
    remote_id: str | None
    quantity: int | None
    order_id: str | None
    at: Millis
    body: int
    invoiced_before: bool


def summarise(call: CallRecord, operation: Operation, global_id: str, number: int) -> CallSummary:
    """Keep of a call what an audit may need, without its bytes."""
    code = call.code
    whole = call.sent is _COMPLETE
    heard = _HEARD.get(code, _UNKNOWN)
    committed, replayed, before = call.committed, call.replayed, call.before
    return CallSummary(
        call.arrival,
        number,
        operation,
        heard if whole else _UNKNOWN,
        whole,
        committed or (heard is _DONE and (whole or replayed)),
        committed and not replayed,
        code,
        global_id,
        call.request_id,
        call.remote_id,
        call.quantity,
        call.order_id,
        call.at,
        hash((call.target, call.body)) if code in _TRANSPORT else 0,
        before is not None and before.hold_status == "invoiced",
    )


def is_transport(call: CallSummary) -> bool:
    """Tell whether the answer is a refusal that any HTTP service may give."""
    return call.code in _TRANSPORT


class CallHistory(Struct, frozen=True, gc=False):
    """The calls of one Global ID, by arrival.

    ``left_out`` counts the calls that were dropped from the middle. ``resubmission`` is the first hold of the same
    tickets under another Global ID that arrived after the last call here. ``ended_at`` is when the hold expired.
    """

    calls: tuple[CallSummary, ...]
    left_out: int = 0
    resubmission: CallSummary | None = None
    ended_at: Millis | None = None

    def of(self, operation: Operation) -> Iterator[CallSummary]:
        """Iterate over the calls of one operation."""
        return (call for call in self.calls if call.operation is operation)

    def done(self, operation: Operation) -> CallSummary | None:
        """Return the first call that shows an operation done, the one that committed it if that is there."""
        calls = [call for call in self.of(operation) if call.done]
        return next((call for call in calls if call.committed), calls[0] if calls else None)

    @property
    def is_one_known_hold(self) -> bool:
        """True for the most common history: one hold that took its tickets, and its caller knows."""
        first = self.calls[0]
        return len(self.calls) == 1 and first.operation is Operation.HOLD and first.committed and first.heard is _DONE

    @property
    def needs_nothing_more(self) -> bool:
        """True where a glance shows that nothing is pending or suspicious; False may mean that it has to be judged.

        A hold that took nothing; or the common way: held and heard, then released or invoiced and heard.
        """
        first, last = self.calls[0], self.calls[-1]
        if len(self.calls) == 1:
            return first.operation is Operation.HOLD and not first.done
        ended = last.committed and last.heard is _DONE and last.operation is not Operation.HOLD
        return (
            len(self.calls) == 2
            and ended
            and first.operation is Operation.HOLD
            and first.committed
            and first.heard is _DONE
        )

    @property
    def hold_ended(self) -> bool:
        """True when a release or an invoice of this Global ID took effect."""
        return any(call.done and call.operation is not Operation.HOLD for call in self.calls)

    def unheard_hold(self) -> CallSummary | None:
        """Return the hold whose caller does not know of it, while nothing ended it: a re-submission doubles it."""
        hold = self.done(Operation.HOLD)
        if hold is None or self.hold_ended or any(call.heard is Heard.DONE for call in self.of(Operation.HOLD)):
            return None
        return hold

    def plus(self, call: CallSummary) -> "CallHistory":
        """Return the history with one more call, in its place by arrival."""
        if call > self.calls[-1]:
            calls = [*self.calls, call]
        else:
            calls = list(self.calls)
            insort(calls, call)
        if len(calls) <= MOST_CALLS:
            return replace(self, calls=tuple(calls))
        # What changed the state is kept, whatever else goes.
        spare = next((at for at in range(_FIRST_CALLS, MOST_CALLS) if not calls[at].committed), _FIRST_CALLS)
        del calls[spare]
        return replace(self, calls=tuple(calls), left_out=self.left_out + 1)
