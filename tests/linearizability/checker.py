"""Tells whether a concurrent history is linearizable: whether some one-after-another order explains all its answers.

The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory of Lowe
("Testing for Linearizability", 2017): a set of calls done and a state that were met once are not tried again. A call
may come next when none that is still to come had ended before it began. A call whose answer was lost may come at any
time after it began, with any answer, or never. It knows a model only by ``copy``, ``answer`` and ``key``.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.linearizability.history import History, Record, answer_in_words, difference, shown
from tests.machine.calls import Body, Call

MOST_TRIED = 300_000
"""So many steps are tried for one history."""


class SequentialModel(Protocol):
    """What is right when calls come one after another."""

    def copy(self) -> Any:
        """Return one that is the same now and does not change when this one does."""

    def answer(self, call: Call, /) -> Body:
        """Carry out a call and return its answer."""

    def key(self) -> Hashable:
        """Return what is equal for two that no call can tell apart."""


class NotLinearizable(AssertionError):
    """No order of the calls explains their answers. The message shows the history."""


class TooWild(Exception):
    """There are too many orders to try: too many calls at once, or too many lost answers."""


@dataclass
class Search:
    """The search through the orders of one history. ``order`` is the longest that fits, as places in the history."""

    history: History
    order: tuple[int, ...] = ()
    state: SequentialModel | None = None
    tried: int = 0
    met: set[tuple[int, Hashable]] = field(default_factory=set)

    def run(self, model: SequentialModel) -> bool:
        """Tell whether an order explains everything."""
        known = sum(1 << place for place, record in enumerate(self.history) if not record.is_unknown)
        pending: list[tuple[int, tuple[int, ...], SequentialModel]] = [(0, (), model)]
        while pending:
            done, order, state = pending.pop()
            if self.state is None or self.explained(order) > self.explained(self.order):
                self.order, self.state = order, state
            if done & known == known:
                return True
            for place in reversed(self.next_places(done)):
                then = self.after(state, self.history[place])
                if then is None:
                    continue
                mark = done | 1 << place, then.key()
                if mark not in self.met:
                    self.met.add(mark)
                    pending.append((mark[0], (*order, place), then))
        return False

    def next_places(self, done: int) -> list[int]:
        """Return the calls that may come next: those known first, so that lost ones are guessed about late."""
        left = [place for place in range(len(self.history)) if not done >> place & 1]
        first_end = min(self.history[place].end for place in left)
        may = [place for place in left if self.history[place].start <= first_end]
        return sorted(may, key=lambda place: (self.history[place].is_unknown, self.history[place].end))

    def after(self, state: SequentialModel, record: Record) -> SequentialModel | None:
        """Return the state after a call, or None when its answer would have been another (or made no difference)."""
        self.tried += 1
        if self.tried > MOST_TRIED:
            raise TooWild(f"gave up after {MOST_TRIED} steps:\n{shown(self.history)}")
        then: SequentialModel = state.copy()
        answer = then.answer(record.call)
        if record.is_unknown:
            return then if then.key() != state.key() else None
        return then if answer == record.answer else None

    def explained(self, order: tuple[int, ...]) -> int:
        return sum(not self.history[place].is_unknown for place in order)


def check(model: SequentialModel, history: History) -> tuple[int, ...]:
    """Return an order that explains a history, as places in it. Raises NotLinearizable and TooWild."""
    search = Search(history)
    if search.run(model):
        return search.order
    raise NotLinearizable(_told(search))


def _told(search: Search) -> str:
    """Show the history, the longest order that fits, and why it ends there."""
    history, state = search.history, search.state
    assert state is not None
    done = sum(1 << place for place in search.order)
    lines = []
    for place in search.next_places(done):
        record = history[place]
        if record.answer is not None:
            expected = state.copy().answer(record.call)
            lines.append(f"{place + 1:3} {record.client} {record.call}: {difference(record.answer, expected)}")
            lines.append(f"      said     {answer_in_words(record.answer)}")
            lines.append(f"      expected {answer_in_words(expected)}")
    return "\n".join(
        [
            f"no order of these {len(history)} calls explains what they were answered "
            f"(from, to in ms; ? is a lost answer):",
            shown(history),
            f"the longest that does: {' '.join(str(place + 1) for place in search.order) or 'none'}",
            "then each call that may come next says something that it could not:",
            *lines,
        ]
    )
