"""Checks of the hold and of the hold release."""

from mockpos.conformance.check import (
    HOLD,
    RELEASE,
    Amount,
    Need,
    Restart,
    Word,
    hold,
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
