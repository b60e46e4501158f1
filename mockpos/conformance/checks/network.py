"""Checks of what networks do to calls, and of how long answers take."""

from mockpos.conformance.check import Amount, Call, Kind, Load, Need, Outcome
from mockpos.conformance.checks.steps import closed, hold, must, refusal, should, success
from mockpos.conformance.judge_run import (
    average_is_short,
    every_call_is_answered,
    it_is_available,
    load_is_borne,
    worst_is_bearable,
)
from mockpos.conformance.sources import AVERAGE, WORST, recommendation
from mockpos.conformance.words import Word
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
    should(
        "NET-01",
        "A client that leaves before it is answered, and sends the same hold again, has one hold.",
        recommendation("connections break: TEvo sends the same call again"),
        hold("leaves before the answer", leaves=True),
        hold("the same hold again", expect=(*success(), _STRICTER)),
        hold("what is left", "b", Amount.REST, expect=success()),
        needs=(Need.TWO_UNITS,),
        after=("HOLD-03",),
    ),
    should(
        "NET-02",
        "A client that sends its request slowly is answered like any other.",
        recommendation("a packet that is sent again costs a second"),
        hold(
            "hold, sent slowly",
            slowly=True,
            expect=(*success(), Outcome(name="stricter: 408", kind=Kind.REFUSED, statuses=(408,))),
        ),
        needs=(Need.TICKETS,),
    ),
    should(
        "NET-03",
        "A malformed body is refused, and is no server error.",
        recommendation("an error of the caller that looks like one of the server is repeated again and again"),
        *(
            Call(
                name=f"a body that is {what}",
                operation=Operation.HOLD,
                hold="unknown",
                listing="unknown",
                body=body,
                expect=(*refusal(), closed()),
            )
            for what, body in _MALFORMED.items()
        ),
        holds=False,
    ),
    should(
        "NET-04",
        "Every call gets a whole answer.",
        recommendation("after a lost answer nobody knows what was done"),
        whole_run=True,
        judge=every_call_is_answered,
    ),
    should(
        "NET-05",
        "The automator is there throughout: it does not answer 502, 503 or 504.",
        recommendation("a buyer does not wait for a second try"),
        whole_run=True,
        judge=it_is_available,
    ),
)

TIMES = (
    should(
        "LOAD-01",
        "Holds and releases that come side by side are answered as well as single ones.",
        recommendation("buyers come in crowds: the times below are measured under this load"),
        Load(),
        needs=(Need.TICKETS,),
        after=("REL-02",),
        judge=load_is_borne,
    ),
    must(
        "TIME-01",
        "Each call is answered within 5 seconds on average.",
        AVERAGE,
        whole_run=True,
        judge=average_is_short,
    ),
    should(
        "TIME-02",
        "No call takes longer than 30 seconds.",
        WORST,
        whole_run=True,
        judge=worst_is_bearable,
    ),
)
