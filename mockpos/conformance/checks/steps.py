"""Short ways to write the steps that many checks have."""

from typing import Any

from mockpos.conformance.check import Amount, Call, Check, Kind, Outcome, Step
from mockpos.conformance.judge import AS_EXPECTED
from mockpos.conformance.sources import Source
from mockpos.conformance.words import Level, Word
from mockpos.domain.catalogue import Operation


def must(check_id: str, rule: str, source: Source, *steps: Step, **more: Any) -> Check:
    """Return a rule that TEvo's page states, with the steps that test it."""
    return Check(id=check_id, rule=rule, level=Level.MUST, source=source, steps=steps, **more)


def should(check_id: str, rule: str, source: Source, *steps: Step, **more: Any) -> Check:
    """Return a rule that mockpos recommends, with the steps that test it."""
    return Check(id=check_id, rule=rule, level=Level.SHOULD, source=source, steps=steps, **more)


def hold(name: str, gid: str = "a", quantity: Amount | float = Amount.UNIT, **more: Any) -> Call:
    """Return a step that asks for a hold."""
    return Call(name=name, operation=Operation.HOLD, hold=gid, quantity=quantity, **more)


def release(name: str, gid: str = "a", **more: Any) -> Call:
    """Return a step that asks for a release."""
    return Call(name=name, operation=Operation.RELEASE, hold=gid, **more)


def invoice(name: str, gid: str = "a", order: str = "1", **more: Any) -> Call:
    """Return a step that asks for an invoice."""
    return Call(name=name, operation=Operation.INVOICE, hold=gid, order=order, **more)


def success() -> tuple[Outcome, ...]:
    """Return what a call that has to work may answer: the contract's status, or with a remark another 2xx."""
    return (
        Outcome(name=AS_EXPECTED, kind=Kind.SUCCESS),
        Outcome(name="differs: {status}", kind=Kind.OTHER_SUCCESS, word=Word.WARN),
    )


def refusal(*usual: int) -> tuple[Outcome, ...]:
    """Return what a refused call may answer: a usual status, or another 4xx by its name, 401 with a remark."""
    return (
        Outcome(name=AS_EXPECTED, kind=Kind.REFUSED, statuses=usual),
        Outcome(name="differs: {status}, as if the key were wrong", kind=Kind.REFUSED, statuses=(401,), word=Word.WARN),
        Outcome(name="differs: {status}", kind=Kind.REFUSED),
    )


def same_as(step: str) -> tuple[Outcome, ...]:
    """Return what a repeated call may answer: what it answered before, or with a remark a refusal."""
    return (
        Outcome(name=AS_EXPECTED, kind=Kind.SUCCESS, same_as=step),
        Outcome(name=AS_EXPECTED, kind=Kind.OTHER_SUCCESS, same_as=step),
        Outcome(name="stricter: {status}", kind=Kind.REFUSED, word=Word.WARN),
    )


def lenient(*outcomes: Outcome, name: str = "lenient: {status}", word: Word = Word.PASS) -> tuple[Outcome, ...]:
    """Return outcomes, and a success beside them that is acceptable too."""
    return (
        *outcomes,
        Outcome(name=name, kind=Kind.SUCCESS, word=word),
        Outcome(name=name, kind=Kind.OTHER_SUCCESS, word=word),
    )


def closed() -> Outcome:
    """Return the outcome of a server that closes the connection instead of answering."""
    return Outcome(name="stricter: it closes the connection", kind=Kind.NONE)
