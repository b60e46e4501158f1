"""Judges the evidence of one check. Pure: the same evidence always comes to the same word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockpos.conformance.check import AS_EXPECTED, Call, Check, Elsewhere, Kind, Outcome
from mockpos.conformance.evidence import Exchange, kind_of, said, same_answer, succeeded, timed_out
from mockpos.conformance.words import Reason, Word
from mockpos.contract.model import Contract

_UNAVAILABLE = (429, 502, 503, 504)
"""Statuses that say nothing about a rule: the automator, or something before it, could not take the call."""

ANY_REFUSAL = (Outcome(name=AS_EXPECTED, kind=Kind.REFUSED),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a judgement may look at. ``stopped``: why the check's steps were not carried out to their end."""

    check: Check
    contract: Contract
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
            broken = precondition(exchanges, case)
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
        detail=f"{step.name}: expected {wanted}, got {said(last, case.contract)}",
        proof=tuple(dict.fromkeys(proof)),
    )


def matches(outcome: Outcome, exchange: Exchange, case: Case) -> bool:
    """Tell whether an answer is this outcome."""
    if kind_of(exchange, case.contract) is not outcome.kind:
        return False
    if outcome.kind is Kind.NONE and timed_out(exchange):
        return False
    if outcome.statuses and exchange.status not in outcome.statuses:
        return False
    if outcome.same_as:
        first = case.of(outcome.same_as)
        return bool(first) and same_answer(first[-1], exchange, case.contract)
    return True


def in_words(outcome: Outcome) -> str:
    """Write an expectation for people."""
    if outcome.same_as:
        return "the same answer as before"
    if outcome.statuses:
        return "/".join(str(status) for status in outcome.statuses)
    return {Kind.SUCCESS: "success", Kind.REFUSED: "a refusal (4xx)"}.get(outcome.kind, outcome.kind.value)


def precondition(exchanges: Sequence[Exchange], case: Case) -> Finding | None:
    """Return why a step that only prepares did not succeed, or None when it did."""
    failed = next((each for each in exchanges if not succeeded(each, case.contract)), None)
    if failed is None:
        return None
    return no_verdict(failed) or Finding(
        word=Word.CANNOT_TEST,
        reason=Reason.PRECONDITION,
        detail=f"{failed.step}: {said(failed, case.contract)}",
        proof=(failed.number,),
    )


def no_verdict(exchange: Exchange) -> Finding | None:
    """Return why an exchange says nothing about any rule, or None when it does."""
    if exchange.status in _UNAVAILABLE:
        detail = f"{exchange.step}: {exchange.status}, several times over"
        return Finding(word=Word.CANNOT_TEST, reason=Reason.PRECONDITION, detail=detail, proof=(exchange.number,))
    if exchange.status is not None:
        return None
    reason = Reason.TIMED_OUT if timed_out(exchange) else Reason.UNREACHABLE
    return Finding(
        word=Word.CANNOT_TEST, reason=reason, detail=f"{exchange.step}: {exchange.detail}", proof=(exchange.number,)
    )


def missing(case: Case, step: str) -> Finding:
    """Return what a step comes to that was not made."""
    reason, detail = case.stopped or (Reason.PRECONDITION, f"{step} was not made")
    return Finding(word=Word.CANNOT_TEST, reason=reason, detail=detail)


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
