"""Checks of what networks do to calls, and of how long answers take."""

from mockpos.conformance.check import Amount, Call, Check, Kind, Load, Need, Outcome
from mockpos.conformance.checks.steps import closed, hold, refusal, success
from mockpos.conformance.judge_run import (
    average_is_short,
    every_call_is_answered,
    it_is_available,
    load_is_borne,
    worst_is_bearable,
)
from mockpos.conformance.sources import AVERAGE, WORST, recommendation
from mockpos.conformance.words import Level, Word
from mockpos.domain.catalogue import Operation

_STRICTER = Outcome(name="stricter: {status}", kind=Kind.REFUSED, word=Word.WARN)
_MALFORMED = {
    "cut off": b'{"remote_id": ',
    "empty": b"",
    "an array": b"[]",
    "a string": b'"hold"',
    "null": b"null",
    "not UTF-8": b'{"remote_id": "\xff\xfe"}',
    "nested 5,000 deep": b"[" * 5_000,
    "without its fields": b"{}",
    "objects for fields": b'{"remote_id": {}, "quantity": [], "global_id": {"a": 1}}',
    "100 KB long": b'{"remote_id": "' + b"x" * 100_000 + b'"}',
}

NETWORK = (
    Check(
        id="NET-01",
        rule="A client that leaves before it is answered, and sends the same hold again, has one hold.",
        source=recommendation("connections break: TEvo sends the same call again"),
        needs=(Need.TWO_UNITS,),
        after=("HOLD-03",),
        steps=(
            hold("leaves before the answer", leaves=True),
            hold("the same hold again", expect=(*success(), _STRICTER)),
            hold("what is left", "b", Amount.REST, expect=success()),
        ),
    ),
    Check(
        id="NET-02",
        rule="A client that sends its request slowly is answered like any other.",
        source=recommendation("a packet that is sent again costs a second"),
        needs=(Need.TICKETS,),
        steps=(
            hold(
                "hold, sent slowly",
                slowly=True,
                expect=(*success(), Outcome(name="stricter: 408", kind=Kind.REFUSED, statuses=(408,))),
            ),
        ),
    ),
    Check(
        id="NET-03",
        rule="A malformed body is refused, and is no server error.",
        source=recommendation("an error of the caller that looks like one of the server is repeated again and again"),
        holds=False,
        steps=tuple(
            Call(name=f"a body that is {what}", operation=Operation.HOLD, hold="unknown", listing="unknown", body=body,
                 expect=(*refusal(), closed()))
            for what, body in _MALFORMED.items()
        ),
    ),
    Check(
        id="NET-04",
        rule="Every call gets a whole answer.",
        source=recommendation("after a lost answer nobody knows what was done"),
        whole_run=True,
        judge=every_call_is_answered,
    ),
    Check(
        id="NET-05",
        rule="The automator is there throughout: it does not answer 502, 503 or 504.",
        source=recommendation("a buyer does not wait for a second try"),
        whole_run=True,
        judge=it_is_available,
    ),
)  # fmt: skip

TIMES = (
    Check(
        id="LOAD-01",
        rule="Holds and releases that come side by side are answered as well as single ones.",
        source=recommendation("buyers come in crowds: the times below are measured under this load"),
        needs=(Need.TICKETS,),
        after=("REL-02",),
        steps=(Load(),),
        judge=load_is_borne,
    ),
    Check(
        id="TIME-01",
        rule="Each call is answered within 5 seconds on average.",
        level=Level.MUST,
        source=AVERAGE,
        whole_run=True,
        judge=average_is_short,
    ),
    Check(
        id="TIME-02",
        rule="No call takes longer than 30 seconds.",
        source=WORST,
        whole_run=True,
        judge=worst_is_bearable,
    ),
)
