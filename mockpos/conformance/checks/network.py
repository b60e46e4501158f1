"""Checks of what networks do to calls, and of how long answers take."""

from mockpos.conformance.check import (
    AVERAGE,
    HOLD,
    WORST,
    Amount,
    Call,
    Kind,
    Load,
    Need,
    Outcome,
    Race,
    Word,
    closed,
    hold,
    invoice,
    must,
    recommendation,
    refusal,
    release,
    should,
    success,
)
from mockpos.conformance.judge import no_oversell, one_hold, sold_once, sold_or_released
from mockpos.conformance.judge_run import (
    average_is_short,
    every_call_is_answered,
    it_is_available,
    load_is_borne,
    worst_is_bearable,
)
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


RACES = (
    must(
        "RACE-01",
        "Holds that arrive at the same moment take no more tickets than there are.",
        HOLD,
        Race(
            name="holds at once",
            calls=(hold("hold", quantity=Amount.ALL),),
            copies=8,
            rounds=12,
            own_ids=True,
        ),
        needs=(Need.TICKETS,),
        after=("HOLD-02",),
        judge=no_oversell,
    ),
    should(
        "RACE-02",
        "The same hold, sent several times at the same moment, makes one hold.",
        recommendation("a retry that overtakes its first try must not take tickets twice"),
        Race(
            name="the same hold at once",
            calls=(hold("hold"),),
            copies=6,
            rounds=6,
            after=(hold("what is left", "rest", Amount.REST),),
        ),
        needs=(Need.TWO_UNITS,),
        after=("HOLD-03",),
        judge=one_hold,
    ),
    should(
        "RACE-03",
        "Invoices of one hold under different orders, sent at the same moment, sell it once.",
        recommendation("tickets that are sold twice have one buyer standing at the gate"),
        Race(
            name="invoices at once",
            before=(hold("hold to sell"),),
            calls=(invoice("invoice"),),
            copies=8,
            rounds=2,
            own_orders=True,
            sells=True,
        ),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("INV-06",),
        judge=sold_once,
    ),
    should(
        "RACE-04",
        "An invoice and a release of one hold, sent at the same moment, do not both succeed.",
        recommendation("the tickets would be sold and free at once"),
        Race(
            name="invoice and release at once",
            before=(hold("hold to sell or release"),),
            calls=(invoice("invoice"), release("release")),
            copies=3,
            rounds=3,
            sells=True,
        ),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("REL-06", "INV-05", "RACE-03"),
        judge=sold_or_released,
    ),
)
