"""What the audit keeps of the calls of one Global ID: one small step a call, in the order the calls arrived.

Trails are values: a reader that took one needs no lock.
"""

from bisect import insort
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from mockpos.domain.calls import CallRecord, Sent
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.codes import CATALOGUE

MOST_STEPS = 16
"""How many calls of one Global ID are kept; beyond that, some in the middle are only counted."""

_FIRST_STEPS = 8


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
_COMPLETE, _UNKNOWN, _DONE = (
    Sent.COMPLETE,
    Heard.UNKNOWN,
    Heard.DONE,
)  # looked up once: an enum's members are slow to reach
_TRANSPORT = frozenset(code.code for code in CATALOGUE if code.is_transport and not code.retryable)


class Step(NamedTuple):
    """One call. Steps compare by their arrival; ``number`` (the order of recording) decides between equals.

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


def step_of(call: CallRecord, operation: Operation, global_id: str, arrival: float, number: int) -> Step:
    """Keep of a call what an audit may need, without its bytes."""
    code = call.code
    whole = call.sent is _COMPLETE
    heard = _HEARD.get(code, _UNKNOWN)
    committed, replayed, before = call.committed, call.replayed, call.before
    return Step(
        arrival,
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


def is_transport(step: Step) -> bool:
    """Tell whether the answer is a refusal that any HTTP service may give."""
    return step.code in _TRANSPORT


class Trail(NamedTuple):
    """The calls of one Global ID, by arrival.

    ``left_out`` counts the steps that were dropped from the middle. ``rival`` is the first hold of the same tickets
    under another Global ID that arrived after the last step here. ``ended_at`` is when the hold expired, if it did.
    """

    steps: tuple[Step, ...]
    left_out: int = 0
    rival: Step | None = None
    ended_at: Millis | None = None

    def of(self, operation: Operation) -> Iterator[Step]:
        """Iterate over the steps of one operation."""
        return (step for step in self.steps if step.operation is operation)

    def done(self, operation: Operation) -> Step | None:
        """Return the first step that shows an operation done, the one that committed it if that is there."""
        steps = [step for step in self.of(operation) if step.done]
        return next((step for step in steps if step.committed), steps[0] if steps else None)

    @property
    def hold_ended(self) -> bool:
        """True when a release or an invoice of this Global ID took effect."""
        return any(step.done and step.operation is not Operation.HOLD for step in self.steps)

    def unheard_hold(self) -> Step | None:
        """Return the hold whose caller does not know of it, while nothing ended it: a re-submission doubles it."""
        hold = self.done(Operation.HOLD)
        if hold is None or self.hold_ended or any(step.heard is Heard.DONE for step in self.of(Operation.HOLD)):
            return None
        return hold

    def plus(self, step: Step) -> "Trail":
        """Return the trail with one more step, in its place by arrival."""
        if step > self.steps[-1]:
            steps = [*self.steps, step]
        else:
            steps = list(self.steps)
            insort(steps, step)
        if len(steps) <= MOST_STEPS:
            return self._replace(steps=tuple(steps))
        # What changed the state is kept, whatever else goes.
        spare = next((at for at in range(_FIRST_STEPS, MOST_STEPS) if not steps[at].committed), _FIRST_STEPS)
        del steps[spare]
        return self._replace(steps=tuple(steps), left_out=self.left_out + 1)
