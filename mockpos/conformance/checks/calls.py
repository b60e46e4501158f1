"""Checks of the hold, of the hold release and of the invoice.

The checks of the invoice share one sale; each ticket-unit that is bought stands in the plan beforehand.
"""

from mockpos.conformance.check import (
    HOLD,
    INVOICE,
    RELEASE,
    Amount,
    Need,
    Restart,
    UntilLapsed,
    Word,
    hold,
    invoice,
    lenient,
    must,
    recommendation,
    refusal,
    release,
    same_as,
    should,
    success,
)
from mockpos.conformance.judge_run import holds_are_those_asked_for

_REPEAT = recommendation("a caller whose answer was lost can only send the same call again")
_INPUT = recommendation("a request that makes no sense should be refused, and should change nothing")

BASIC = (
    must(
        "HOLD-01",
        "A hold of tickets that are free is answered with success.",
        HOLD,
        hold("pre-flight: hold", listing="smallest", quantity=Amount.ALL, expect=success()),
        needs=(Need.TICKETS,),
    ),
    must(
        "REL-01",
        "A release of a live hold is answered with success.",
        RELEASE,
        hold("pre-flight: hold", listing="smallest", quantity=Amount.ALL),
        release("pre-flight: release", expect=success()),
        needs=(Need.TICKETS,),
    ),
    must(
        "REL-02",
        "Tickets that were released can be held again.",
        RELEASE,
        hold("pre-flight: hold", listing="smallest", quantity=Amount.ALL),
        release("pre-flight: release"),
        hold("hold the same tickets again", "b", Amount.ALL, listing="smallest", expect=success()),
        needs=(Need.TICKETS,),
        after=("HOLD-01", "REL-01"),
    ),
    must(
        "HOLD-02",
        "Tickets that are held cannot be held by another buyer.",
        HOLD,
        hold("hold all", "a", Amount.ALL),
        hold("hold one more", "b", expect=refusal(409)),
        needs=(Need.TICKETS,),
        after=("REL-02",),
    ),
)

HOLDS = (
    should(
        "HOLD-03",
        "The same hold again, with the same Global ID, gets the same answer and takes nothing more.",
        _REPEAT,
        hold("hold"),
        hold("the same hold again", expect=same_as("hold")),
        hold("what is left", "b", Amount.REST, expect=success()),
        needs=(Need.TWO_UNITS,),
        after=("HOLD-02",),
    ),
    should(
        "HOLD-04",
        "Another quantity under the Global ID of a live hold is refused.",
        recommendation("one Global ID stands for one hold: nobody could say what a release would give back"),
        hold("hold"),
        hold("another quantity", quantity=Amount.ANOTHER, expect=refusal(409)),
        needs=(Need.TWO_UNITS,),
        after=("HOLD-02",),
    ),
    should(
        "HOLD-05",
        "A hold of a Remote ID that does not exist is refused.",
        recommendation("TEvo tells a buyer that tickets are gone only when the hold is refused"),
        hold("hold of an unknown Remote ID", listing="unknown", quantity=1, expect=refusal(404, 410)),
        holds=False,
    ),
    should(
        "HOLD-06",
        "A hold of more tickets than there are is refused, and takes none.",
        recommendation("a hold of part of what was asked for cannot be sold"),
        hold("hold of one too many", quantity=Amount.ONE_MORE, expect=refusal(409, 422)),
        hold("hold all", "b", Amount.ALL, expect=success()),
        needs=(Need.TICKETS,),
        after=("HOLD-02",),
    ),
    should(
        "HOLD-07",
        "A hold of a sold-out listing is refused.",
        recommendation("the commonest refusal there is"),
        hold("hold of a sold-out listing", listing="sold-out", quantity=1, expect=refusal(409, 410, 404)),
        needs=(Need.SOLD_OUT,),
    ),
    should(
        "HOLD-08",
        "A quantity that the listing's split does not allow is refused.",
        recommendation("a single seat that is left over is hard to sell"),
        hold("hold of a wrong split", quantity=Amount.WRONG_SPLIT, expect=refusal(422, 409)),
        needs=(Need.SPLITS,),
        after=("HOLD-02",),
    ),
    *(
        should(
            f"HOLD-{number:02}",
            f"A quantity of {shown} is refused.",
            _INPUT,
            hold(f"hold of {shown}", quantity=quantity, expect=refusal(422, 400)),
            needs=(Need.TICKETS,),
        )
        for number, shown, quantity in ((9, "0", 0), (10, "-1", -1), (11, "2.5", 2.5))
    ),
    should(
        "HOLD-12",
        "A Global ID whose hold was released cannot be held again.",
        recommendation("a hold that arrives late, after its release, would stay for ever"),
        hold("hold"),
        release("release"),
        hold("the same hold again", expect=lenient(*refusal(409, 410), word=Word.WARN)),
        needs=(Need.TICKETS,),
        after=("REL-02",),
    ),
    should(
        "HOLD-13",
        "A hold survives a restart of the automator.",
        recommendation("a hold that was confirmed is a promise: TEvo's order is made of it"),
        hold("hold all", "a", Amount.ALL),
        Restart(),
        hold("hold one more", "b", expect=refusal(409)),
        release("release", "a", expect=success()),
        needs=(Need.TICKETS, Need.RESTART),
        after=("HOLD-02",),
    ),
    should(
        "HOLD-14",
        "A hold's success repeats the Global ID, Remote ID and quantity that were asked for, where it names them.",
        recommendation("a caller that is answered about other tickets sells what nobody holds for it"),
        whole_run=True,
        judge=holds_are_those_asked_for,
    ),
)

RELEASES = (
    should(
        "REL-03",
        "A release that is repeated is no server error and frees nothing twice.",
        _REPEAT,
        hold("hold"),
        release("release"),
        release("release again", expect=lenient(*refusal(404, 409, 410), name="as expected")),
        hold("hold all", "b", Amount.ALL),
        hold("hold one more", "c", expect=refusal(409)),
        needs=(Need.TICKETS,),
        after=("HOLD-02",),
    ),
    should(
        "REL-04",
        "A release of a Global ID that was never held is no server error.",
        recommendation("TEvo may release a hold whose request never arrived"),
        release("release of an unknown Global ID", "unknown", expect=lenient(*refusal(404))),
        holds=False,
    ),
    should(
        "REL-05",
        "A hold that arrives after its release takes nothing.",
        recommendation("calls overtake each other on the way: a hold that arrives late would stay for ever"),
        release("release before the hold", expect=lenient(*refusal(404))),
        hold("the late hold", expect=refusal(409, 410)),
        needs=(Need.TICKETS,),
        after=("REL-02", "REL-04"),
    ),
)


_SOLD_TWICE = recommendation("tickets that are sold twice have one buyer standing at the gate")

INVOICES = (
    must(
        "INV-01",
        "An invoice of a live hold is answered with success.",
        INVOICE,
        hold("hold", "sale"),
        invoice("invoice", "sale", "sale", expect=success()),
        needs=(Need.TWO_UNITS, Need.INVOICE),
        after=("REL-02",),
    ),
    must(
        "INV-02",
        "Tickets that were invoiced cannot be held by another buyer.",
        INVOICE,
        hold("hold all that is left", "b", Amount.ALL),
        hold("hold one more", "c", expect=refusal(409)),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("INV-01", "HOLD-02"),
    ),
    should(
        "INV-03",
        "The same invoice again, with the same Order ID, gets the same answer and sells nothing more.",
        recommendation("the order exists already: a caller whose answer was lost has to send the invoice again"),
        invoice("the same invoice again", "sale", "sale", expect=same_as("invoice")),
        hold("hold all that is left", "b", Amount.ALL, expect=success()),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("INV-01", "HOLD-02"),
        uses_sale=True,
    ),
    should(
        "INV-04",
        "An invoice of a Global ID that was never held is refused, and sells nobody else's hold.",
        recommendation("there is nothing to sell; a success would leave TEvo with an order without tickets"),
        hold("hold"),
        invoice("invoice of an unknown Global ID", "unknown", expect=refusal(404, 410)),
        release("release of the hold beside it", expect=success()),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("REL-02",),
    ),
    should(
        "INV-05",
        "An invoice of a hold that was released is refused.",
        _SOLD_TWICE,
        hold("hold"),
        release("release"),
        invoice("invoice after the release", expect=refusal(409, 404, 410)),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("REL-02",),
    ),
    should(
        "INV-06",
        "A second order for a hold that was invoiced is refused.",
        _SOLD_TWICE,
        invoice("invoice under a second order", "sale", "second", expect=refusal(409)),
        needs=(Need.INVOICE,),
        after=("INV-01",),
        uses_sale=True,
    ),
    should(
        "REL-06",
        "A release after the invoice is refused, and the tickets stay sold.",
        recommendation("a release that un-sells takes the tickets from a buyer whose order is confirmed"),
        release("release after the invoice", "sale", expect=refusal(409)),
        hold("hold all that is left", "b", Amount.ALL),
        hold("hold one more", "c", expect=refusal(409)),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("INV-02",),
        uses_sale=True,
    ),
    should(
        "INV-07",
        "A hold lapses when it said: its tickets are free again, once, and it cannot be sold once they are taken.",
        _SOLD_TWICE,
        hold("hold that lapses", "a", Amount.ALL),
        UntilLapsed("a"),
        hold("hold all, after it lapsed", "b", Amount.ALL, expect=success()),
        hold("hold one more", "c", expect=refusal(409)),
        invoice("invoice of the lapsed hold", "a", expect=refusal(410, 409, 404)),
        needs=(Need.TICKETS, Need.INVOICE, Need.EXPIRY),
        after=("HOLD-02", "INV-01"),
    ),
)
