"""Judges races: one contradiction is enough, and only the answers that contradict each other are shown."""

from collections import defaultdict
from collections.abc import Sequence

from mockpos.conformance.answers import said, same_answer, succeeded
from mockpos.conformance.check import Race
from mockpos.conformance.evidence import Exchange
from mockpos.conformance.judge import AS_EXPECTED, Case, Finding, missing, no_verdict
from mockpos.conformance.words import Reason, Word
from mockpos.domain.catalogue import Operation

_MOST_IDS_SHOWN = 6


def no_oversell(case: Case) -> Finding:
    """Judge whether holds that raced for the same tickets took no more than there were."""
    rounds = _rounds(case)
    if not rounds:
        return missing(case, "the race")
    for number, calls in rounds.items():
        held = [call for call in calls if succeeded(call, case.contract)]
        taken = sum(call.quantity or 0 for call in held)
        capacity = calls[0].capacity
        if capacity is not None and taken > capacity:
            what = f"{_count(len(held), 'hold')} of {held[0].quantity or 0:g} answered {held[0].status}"
            enough = _contradiction(held, capacity)
            ids = f"{'' if len(enough) == len(held) else 'such as '}{_ids(enough)}"
            return _fail(f"round {number}: {what} for {capacity} tickets: {ids}", enough)
    return _someone_got_through(case, [call for calls in rounds.values() for call in calls], "no hold got through")


def one_hold(case: Case) -> Finding:
    """Judge whether concurrent replays of one Global ID made one hold."""
    rounds = _rounds(case)
    if not rounds:
        return missing(case, "the race")
    for number, calls in rounds.items():
        held = [call for call in calls if succeeded(call, case.contract)]
        unlike = next((call for call in held if not same_answer(held[0], call, case.contract)), None)
        if unlike:
            return _fail(f"round {number}: one Global ID was answered with two different holds", (held[0], unlike))
        rest = [each for each in case.exchanges if each.step == "what is left" and each.round == number]
        if held and rest and not all(succeeded(each, case.contract) for each in rest):
            refused = next(each for each in rest if not succeeded(each, case.contract))
            what = f"round {number}: {len(held)} answers to one Global ID took more than one hold's tickets"
            left = f"what should be left was answered {said(refused, case.contract)}"
            return no_verdict(refused) or _fail(f"{what}: {left}", (*held[:2], refused))
    return _someone_got_through(case, [call for calls in rounds.values() for call in calls], "no hold got through")


def sold_once(case: Case) -> Finding:
    """Judge whether invoices of one hold under different orders sold it once."""
    rounds = _rounds(case)
    if not rounds:
        return missing(case, "the race")
    for number, calls in rounds.items():
        sold = [call for call in calls if succeeded(call, case.contract)]
        orders = {call.order_id for call in sold}
        if len(orders) > 1:
            shown = ", ".join(sorted(orders)[:_MOST_IDS_SHOWN])
            return _fail(f"round {number}: one hold was sold under {len(orders)} orders: {shown}", sold)
    return _someone_got_through(case, [call for calls in rounds.values() for call in calls], "no invoice got through")


def sold_or_released(case: Case) -> Finding:
    """Judge whether an invoice that raced a release ended one way."""
    rounds = _rounds(case)
    if not rounds:
        return missing(case, "the race")
    for number, calls in rounds.items():
        well = [call for call in calls if succeeded(call, case.contract)]
        sold = [call for call in well if call.operation == Operation.INVOICE]
        released = [call for call in well if call.operation == Operation.RELEASE]
        if sold and released:
            return _fail(
                f"round {number}: {sold[0].global_id} was answered as invoiced and as released",
                (sold[0], released[0]),
            )
    return _someone_got_through(case, [call for calls in rounds.values() for call in calls], "nothing got through")


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
        return Finding(word=Word.PASS, outcome=AS_EXPECTED)
    unanswered = [finding for call in calls if (finding := no_verdict(call))]
    if len(unanswered) == len(calls):
        return unanswered[0]
    return Finding(
        word=Word.CANNOT_TEST, reason=Reason.PRECONDITION, detail=f"{otherwise}: {said(calls[0], case.contract)}"
    )


def _fail(detail: str, proof: Sequence[Exchange]) -> Finding:
    return Finding(word=Word.FAIL, detail=detail, proof=tuple(exchange.number for exchange in proof))


def _ids(held: Sequence[Exchange]) -> str:
    shown = ", ".join(call.global_id for call in held[:_MOST_IDS_SHOWN])
    return shown if len(held) <= _MOST_IDS_SHOWN else f"{shown} and {len(held) - _MOST_IDS_SHOWN} more"


def _count(number: int, noun: str) -> str:
    words = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
    return f"{words.get(number, number)} {noun}s" if number != 1 else f"one {noun}"
