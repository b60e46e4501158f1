"""What may be there after a life: as many hypotheses as there are ways an unanswered change may have gone.

A restore or reset cuts a life in two. What was answered before it was asked for is gone with it; what was asked for
after it was answered is there; a call that overlaps it belongs to either side. Pure: it looks at no server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from tests.torture.changes import Change, Facts, Kind
from tests.torture.histories import UNKNOWN_TO_ALL, Call, History, Known
from tests.torture.oracle import after, if_it_took_effect


@dataclass(frozen=True, slots=True)
class Cut:
    """When one world took another's place. ``heard`` is infinite when nobody heard the answer."""

    sent: float
    heard: float
    is_reset: bool

    def is_overlapped_by(self, call: Call) -> bool:
        """Tell whether nobody can know on which side of it the call was carried out."""
        return call.heard >= self.sent and call.sent <= self.heard


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way in which everything may have gone. ``lost`` is the change that nobody heard the answer of."""

    facts: Facts
    cut: Cut | None = None
    lost: Kind | None = None
    lost_is_there: bool = False

    def __str__(self) -> str:
        if self.lost is None:
            return "as every answer said"
        return f"with the unanswered {self.lost} {'wholly there' if self.lost_is_there else 'not there at all'}"


def hypotheses(start: Facts, changes: Sequence[Change]) -> list[Hypothesis]:
    """Return every way the changes of one life may have gone: only the last one can be unanswered."""
    answered = [change for change in changes if not change.is_lost]
    lost = changes[-1] if changes and changes[-1].is_lost else None
    if lost is None:
        return [_hypothesis(start, answered)]
    return [
        _hypothesis(start, answered, lost=lost.kind),
        _hypothesis(start, [*answered, lost], lost=lost.kind, lost_is_there=True),
    ]


def possible(story: History, cut: Cut | None) -> list[Known] | None:
    """Return all that may be true of a Global ID; None when anything whole may be. Raises Unexpected."""
    known, calls = story.known, story.calls
    if cut is not None:
        if any(cut.is_overlapped_by(call) for call in calls):
            return None
        known = UNKNOWN_TO_ALL if cut.is_reset else known
        calls = [call for call in calls if call.sent > cut.heard]
    for call in calls:
        if call.is_lost:
            with_it = if_it_took_effect(known, call)
            return [known] if with_it is None else [known, with_it]
        known = after(known, call)
    return [known]


def _hypothesis(
    start: Facts, changes: Sequence[Change], lost: Kind | None = None, lost_is_there: bool = False
) -> Hypothesis:
    facts, cut = start, None
    for change in changes:
        facts = change.made(facts, start)
        if change.is_another_world:
            cut = Cut(change.sent, inf if change.is_lost else change.heard, change.kind is Kind.RESET)
    return Hypothesis(facts, cut, lost, lost_is_there)
