"""Judges the evidence of one check. Pure: the same evidence always comes to the same word.

Of a race one contradiction is enough, and only the answers that contradict each other are shown.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mockpos.conformance.check import AS_EXPECTED, Call, Check, Elsewhere, Kind, Outcome, Race, Reason, Word
from mockpos.conformance.evidence import Exchange
from mockpos.domain.catalogue import Operation
from mockpos.domain.counted import counted

_UNAVAILABLE = (429, 502, 503, 504)
"""Statuses that say nothing about a rule: the automator, or something before it, could not take the call."""

ANY_REFUSAL = (Outcome(name=AS_EXPECTED, kind=Kind.REFUSED),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a judgement may look at. ``stopped``: why the check's steps were not carried out to their end."""

    check: Check
    exchanges: Sequence[Exchange]
    facts: Mapping[str, float] = field(default_factory=dict)
    codes: frozenset[str] | None = None
    stopped: tuple[Reason, str] | None = None

    def of(self, step: str) -> list[Exchange]:
        """Return the exchanges of one step, in order."""
        return [exchange for exchange in self.exchanges if exchange.step == step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check comes to. ``outcome`` names what was met, ``proof`` the numbers of the exchanges that show it."""

    word: Word
    outcome: str = ""
    detail: str = ""
    reason: Reason | None = None
    proof: tuple[int, ...] = ()


PASSED = Finding(word=Word.PASS, outcome=AS_EXPECTED)


def cannot_test(reason: Reason, detail: str, *proof: Exchange) -> Finding:
    """Return that nothing is known, and why."""
    numbers = tuple(exchange.number for exchange in proof)
    return Finding(word=Word.CANNOT_TEST, reason=reason, detail=detail, proof=numbers)


def failed(detail: str, proof: Sequence[Exchange]) -> Finding:
    """Return a failure, with the exchanges that show it."""
    return Finding(word=Word.FAIL, detail=detail, proof=tuple(exchange.number for exchange in proof))


def judge(case: Case) -> Finding:
    """Judge a check by its own judgement, or step by step."""
    return case.check.judge(case) if case.check.judge else judge_steps(case)


def judge_steps(case: Case) -> Finding:
    """Judge steps one after the other; the first that is not acceptable decides."""
    met: list[tuple[Outcome, Exchange]] = []
    for step in case.check.steps:
        if not isinstance(step, Call | Elsewhere) or (isinstance(step, Call) and step.leaves):
            continue
        exchanges = case.of(step.name)
        if not exchanges:
            return missing(case, step.name)
        if isinstance(step, Call) and not step.expect:
            broken = precondition(exchanges)
            if broken:
                return broken
            continue
        finding = judge_step(step, exchanges, case, met)
        if finding:
            return finding
    return sum_up(met)


def judge_step(
    step: Call | Elsewhere, exchanges: Sequence[Exchange], case: Case, met: list[tuple[Outcome, Exchange]]
) -> Finding | None:
    """Judge one step's last answer; return what decides against it, or None and add to what was met."""
    last = exchanges[-1]
    expected = step.expect if isinstance(step, Call) else ANY_REFUSAL
    outcome = next((each for each in expected if matches(each, last, case)), None)
    if outcome is not None:
        met.append((outcome, last))
        return None
    unanswered = no_verdict(last)
    if unanswered:
        return unanswered
    wanted = " or ".join(dict.fromkeys(in_words(each) for each in expected))
    proof = (
        *(case.of(each.same_as)[0].number for each in expected if each.same_as and case.of(each.same_as)),
        last.number,
    )
    return Finding(
        word=Word.FAIL,
        outcome=f"{last.status}",
        detail=f"{step.name}: expected {wanted}, got {last.said()}",
        proof=tuple(dict.fromkeys(proof)),
    )


def matches(outcome: Outcome, exchange: Exchange, case: Case) -> bool:
    """Tell whether an answer is this outcome."""
    if exchange.kind is not outcome.kind:
        return False
    if outcome.kind is Kind.NONE and exchange.timed_out:
        return False
    if outcome.statuses and exchange.status not in outcome.statuses:
        return False
    if outcome.same_as:
        first = case.of(outcome.same_as)
        return bool(first) and first[-1].says_the_same_as(exchange)
    return True


def in_words(outcome: Outcome) -> str:
    """Write an expectation for people."""
    if outcome.same_as:
        return "the same answer as before"
    if outcome.statuses:
        return "/".join(str(status) for status in outcome.statuses)
    return {Kind.SUCCESS: "success", Kind.REFUSED: "a refusal (4xx)"}.get(outcome.kind, outcome.kind.value)


def precondition(exchanges: Sequence[Exchange]) -> Finding | None:
    """Return why a step that only prepares did not succeed, or None when it did."""
    failed = next((each for each in exchanges if not each.succeeded), None)
    if failed is None:
        return None
    return no_verdict(failed) or cannot_test(Reason.PRECONDITION, f"{failed.step}: {failed.said()}", failed)


def no_verdict(exchange: Exchange) -> Finding | None:
    """Return why an exchange says nothing about any rule, or None when it does."""
    if exchange.status in _UNAVAILABLE:
        return cannot_test(Reason.PRECONDITION, f"{exchange.step}: {exchange.status}, several times over", exchange)
    if exchange.status is not None:
        return None
    reason = Reason.TIMED_OUT if exchange.timed_out else Reason.UNREACHABLE
    return cannot_test(reason, f"{exchange.step}: {exchange.detail}", exchange)


def missing(case: Case, step: str) -> Finding:
    """Return what a step comes to that was not made."""
    return cannot_test(*(case.stopped or (Reason.PRECONDITION, f"{step} was not made")))


def sum_up(met: Sequence[tuple[Outcome, Exchange]]) -> Finding:
    """Join what was met into one finding: the most telling name, the worst word."""
    names = [outcome.name.format(status=exchange.status) for outcome, exchange in met]
    unusual = list(dict.fromkeys(name for name in names if name != AS_EXPECTED))
    word = Word.WARN if any(outcome.word is Word.WARN for outcome, _ in met) else Word.PASS
    return Finding(
        word=word,
        outcome=", ".join(unusual) or AS_EXPECTED,
        proof=tuple(exchange.number for outcome, exchange in met if outcome.word is Word.WARN),
    )


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
        found = contradiction(case, number, calls, [call for call in calls if call.succeeded])
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
    return failed(f"round {number}: {what} for {counted(capacity, 'ticket')}: {ids}", enough)


def _two_holds(case: Case, number: int, calls: Sequence[Exchange], held: list[Exchange]) -> Finding | None:
    unlike = next((call for call in held if not held[0].says_the_same_as(call)), None)
    if unlike:
        return failed(f"round {number}: one Global ID was answered with two different holds", (held[0], unlike))
    rest = [each for each in case.exchanges if each.step == "what is left" and each.round == number]
    refused = next((each for each in rest if not each.succeeded), None)
    if not held or refused is None:
        return None
    what = f"round {number}: {len(held)} answers to one Global ID took more than one hold's tickets"
    left = f"what should be left was answered {refused.said()}"
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
    if any(call.succeeded for call in calls):
        return PASSED
    unanswered = [finding for call in calls if (finding := no_verdict(call))]
    if len(unanswered) == len(calls):
        return unanswered[0]
    return cannot_test(Reason.PRECONDITION, f"{otherwise}: {calls[0].said()}")


def _ids(held: Sequence[Exchange]) -> str:
    shown = ", ".join(call.global_id for call in held[:_MOST_IDS_SHOWN])
    return shown if len(held) <= _MOST_IDS_SHOWN else f"{shown} and {len(held) - _MOST_IDS_SHOWN} more"


def _count(number: int, noun: str) -> str:
    words = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
    return f"{words.get(number, number)} {noun}s" if number != 1 else f"one {noun}"
