"""Judges races: one contradiction is enough, and only the answers that contradict each other are shown."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from mockpos.conformance.check import Race
from mockpos.conformance.evidence import Exchange, said, same_answer, succeeded
from mockpos.conformance.judge import PASSED, Case, Finding, failed, missing, no_verdict
from mockpos.conformance.words import Reason, Word
from mockpos.domain.catalogue import Operation

_MOST_IDS_SHOWN = 6


Contradiction = Callable[[Case, int, Sequence[Exchange], list[Exchange]], Finding | None]
"""Finds one among the calls of a round, of which the last are those that succeeded. It is given the round's number."""


def no_oversell(case: Case) -> Finding:
    """Judge whether holds that raced for the same tickets took no more than there were."""
    return _judged(case, _oversold, "no hold got through")


def one_hold(case: Case) -> Finding:
    """Judge whether concurrent replays of one Global ID made one hold."""
    return _judged(case, _two_holds, "no hold got through")


def sold_once(case: Case) -> Finding:
    """Judge whether invoices of one hold under different orders sold it once."""
    return _judged(case, _sold_twice, "no invoice got through")


def sold_or_released(case: Case) -> Finding:
    """Judge whether an invoice that raced a release ended one way."""
    return _judged(case, _sold_and_released, "nothing got through")


def _judged(case: Case, contradiction: Contradiction, otherwise: str) -> Finding:
    rounds = _rounds(case)
    if not rounds:
        return missing(case, "the race")
    for number, calls in rounds.items():
        found = contradiction(case, number, calls, [call for call in calls if succeeded(call, case.contract)])
        if found:
            return found
    return _someone_got_through(case, [call for calls in rounds.values() for call in calls], otherwise)


def _oversold(case: Case, number: int, calls: Sequence[Exchange], held: list[Exchange]) -> Finding | None:
    taken = sum(call.quantity or 0 for call in held)
    capacity = calls[0].capacity
    if capacity is None or taken <= capacity:
        return None
    what = f"{_count(len(held), 'hold')} of {held[0].quantity or 0:g} answered {held[0].status}"
    enough = _contradiction(held, capacity)
    ids = f"{'' if len(enough) == len(held) else 'such as '}{_ids(enough)}"
    return failed(f"round {number}: {what} for {capacity} tickets: {ids}", enough)


def _two_holds(case: Case, number: int, calls: Sequence[Exchange], held: list[Exchange]) -> Finding | None:
    unlike = next((call for call in held if not same_answer(held[0], call, case.contract)), None)
    if unlike:
        return failed(f"round {number}: one Global ID was answered with two different holds", (held[0], unlike))
    rest = [each for each in case.exchanges if each.step == "what is left" and each.round == number]
    refused = next((each for each in rest if not succeeded(each, case.contract)), None)
    if not held or refused is None:
        return None
    what = f"round {number}: {len(held)} answers to one Global ID took more than one hold's tickets"
    left = f"what should be left was answered {said(refused, case.contract)}"
    return no_verdict(refused) or failed(f"{what}: {left}", (*held[:2], refused))


def _sold_twice(case: Case, number: int, calls: Sequence[Exchange], sold: list[Exchange]) -> Finding | None:
    orders = {call.order_id for call in sold}
    if len(orders) <= 1:
        return None
    shown = ", ".join(sorted(orders)[:_MOST_IDS_SHOWN])
    return failed(f"round {number}: one hold was sold under {len(orders)} orders: {shown}", sold)


def _sold_and_released(case: Case, number: int, calls: Sequence[Exchange], well: list[Exchange]) -> Finding | None:
    sold = next((call for call in well if call.operation == Operation.INVOICE), None)
    released = next((call for call in well if call.operation == Operation.RELEASE), None)
    if sold is None or released is None:
        return None
    return failed(f"round {number}: {sold.global_id} was answered as invoiced and as released", (sold, released))


def _contradiction(held: Sequence[Exchange], capacity: int) -> list[Exchange]:
    """Return the fewest of the holds, in order, that are more than there is."""
    enough: list[Exchange] = []
    while sum(call.quantity or 0 for call in enough) <= capacity:
        enough.append(held[len(enough)])
    return enough


def _rounds(case: Case) -> dict[int, list[Exchange]]:
    race = next(step for step in case.check.steps if isinstance(step, Race))
    rounds: dict[int, list[Exchange]] = defaultdict(list)
    for exchange in case.exchanges:
        if exchange.step == race.name:
            rounds[exchange.round].append(exchange)
    return dict(rounds)


def _someone_got_through(case: Case, calls: Sequence[Exchange], otherwise: str) -> Finding:
    if any(succeeded(call, case.contract) for call in calls):
        return PASSED
    unanswered = [finding for call in calls if (finding := no_verdict(call))]
    if len(unanswered) == len(calls):
        return unanswered[0]
    return Finding(
        word=Word.CANNOT_TEST, reason=Reason.PRECONDITION, detail=f"{otherwise}: {said(calls[0], case.contract)}"
    )


def _ids(held: Sequence[Exchange]) -> str:
    shown = ", ".join(call.global_id for call in held[:_MOST_IDS_SHOWN])
    return shown if len(held) <= _MOST_IDS_SHOWN else f"{shown} and {len(held) - _MOST_IDS_SHOWN} more"


def _count(number: int, noun: str) -> str:
    words = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
    return f"{words.get(number, number)} {noun}s" if number != 1 else f"one {noun}"
