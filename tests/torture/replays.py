"""After a restart every caller asks again: what was answered has to come again, what was lost is answered now."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.torture.client import Client
from tests.torture.findings import Finding
from tests.torture.histories import Call, History, Known, Operation, State
from tests.torture.oracle import Unexpected, after


@dataclass(slots=True)
class Replays:
    """What became of the calls that were repeated. ``confirmed`` counts them by what they proved."""

    confirmed: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def ask_again(self, client: Client, story: History, truth: Known, lost: Call | None) -> Known:
        """Repeat what a caller of this story would; return what is true then."""
        known = truth
        try:
            if lost is not None:
                known = _make(client, story.global_id, known, lost.again())
            for call in _proofs(known):
                known = _make(client, story.global_id, known, call)
                self.confirmed[str(known.state)] += 1
        except Unexpected as surprise:
            self.findings.append(Finding("replay", f"{story.global_id}: {surprise}"))
        return known


def _make(client: Client, global_id: str, known: Known, call: Call) -> Known:
    call.answer = client.call(*call.request(global_id))
    return after(known, call)


def _proofs(known: Known) -> Iterator[Call]:
    """Yield the calls whose answers prove a state, and change nothing."""
    hold = Call(Operation.HOLD, known.remote_id or "TG-A", known.quantity or 1)
    match known.state:
        case State.HELD | State.EXPIRED:
            yield hold
        case State.RELEASED | State.TOMBSTONE:
            yield Call(Operation.RELEASE)
            yield hold
        case State.INVOICED:
            yield Call(Operation.INVOICE, order_id=known.order_id)
            yield Call(Operation.RELEASE)
