"""Gives back what a run held, says what could not be given back, and after a failure finds out what is left."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockpos.conformance import ledger as states
from mockpos.conformance.evidence import Exchange
from mockpos.conformance.ledger import Entry
from mockpos.conformance.options import Stock
from mockpos.conformance.target import Ask, Stopped, Target
from mockpos.domain.catalogue import Operation

if TYPE_CHECKING:
    from mockpos.conformance.executor import Execution
    from mockpos.conformance.run import Run

CLEAN_UP = "clean-up"
_NO_SUCH_HOLD = (404, 410)
_TRIES = 3
_PAUSE_S = 1.0


def release_entry(target: Target, entry: Entry, check: str) -> list[Exchange]:
    """Release one Global ID, in a few tries; the ledger says afterwards how it stands."""
    ask = Ask(
        check=check, step=CLEAN_UP, operation=Operation.RELEASE.value, global_id=entry.global_id,
        remote_id=entry.remote_id, quantity=entry.quantity, tries=1,
    )  # fmt: skip
    made = []
    for attempt in range(_TRIES):
        if attempt:
            target.sleep(_PAUSE_S * attempt)
        made.append(target.call(ask))
        if made[-1].timed_out or (made[-1].status is not None and made[-1].status < 500):
            break
    _settle(target, entry, made[-1])
    return made


def release_all(target: Target) -> list[Entry]:
    """Release whatever the ledger says may still be held, whatever else was stopped; return what is left behind."""
    target.stop.clear()
    target.deadline = float("inf")
    target.giving_back = True
    target.forgive()
    entries = target.ledger.open_entries()
    doubtful = [entry.global_id for entry in entries if entry.state == states.ASKED]
    if _release_each(target, entries) and doubtful:
        target.sleep(_PAUSE_S)  # a hold nobody heard of may have been on its way still when its release came
        known = [target.ledger.entries[global_id] for global_id in doubtful]
        _release_each(target, [entry for entry in known if entry.state in (states.RELEASED, states.GONE)])
    return target.ledger.open_entries()


def _release_each(target: Target, entries: Sequence[Entry]) -> bool:
    """Release holds one after the other; return False, with the others as they are, once nothing is answered."""
    for number, entry in enumerate(entries):
        try:
            last = release_entry(target, entry, CLEAN_UP)[-1]
            why = last.detail if last.status is None else ""
        except Stopped as stopped:
            why = str(stopped)
        if why:
            for other in entries[number:]:
                other.detail = f"its release was not answered: {why}"
            return False
    return True


def _settle(target: Target, entry: Entry, last: Exchange) -> None:
    if last.succeeded:
        return  # noted as released when it was answered
    if entry.state not in (states.ASKED, states.HELD, states.SELLING):
        return
    if last.status in _NO_SUCH_HOLD or (entry.state == states.ASKED and last.status == 409):
        target.ledger.mark(entry.global_id, states.GONE)
    elif entry.state == states.SELLING and last.status == 409:
        target.ledger.mark(entry.global_id, states.SOLD)
    else:
        entry.detail = f"its release was answered: {last.said()}"


_WHAT_IS_LEFT = "what is left after a failure"
_MOST_TRIES = 6


def find_what_is_left(run: "Run", stock: Stock, execution: "Execution") -> None:
    """Set the listing's total to what can be held and not one unit more; to None where that is found nowhere near."""
    if stock.total is None:
        return
    try:
        stock.total = _found(run, stock, execution)
    except Stopped:
        stock.total = None


def _found(run: "Run", stock: Stock, execution: "Execution") -> int | None:
    total = stock.total or 0
    if _can_hold(run, stock, total, execution):
        for step in range(1, _MOST_TRIES):
            if not _can_hold(run, stock, total + step * stock.unit, execution):
                return total + (step - 1) * stock.unit
        return None
    for step in range(1, _MOST_TRIES):
        fewer = total - step * stock.unit
        if fewer < stock.unit:
            return None
        if _can_hold(run, stock, fewer, execution):
            return fewer
    return None


def _can_hold(run: "Run", stock: Stock, quantity: int, execution: "Execution") -> bool:
    """Hold a quantity, in pieces where it takes several, and give it back."""
    for part in stock.parts(quantity):
        name = f"s{len(execution.ids)}"
        execution.ids[name] = run.global_id(execution.check.id, name)
        ask = Ask(
            check=execution.check.id, step=_WHAT_IS_LEFT, operation=Operation.HOLD.value, global_id=execution.ids[name],
            remote_id=stock.remote_id, quantity=part,
        )  # fmt: skip
        exchange = run.target.call(ask)
        execution.exchanges.append(exchange)
        if not exchange.succeeded:
            execution.give_back()
            return False
    execution.give_back()
    return True
