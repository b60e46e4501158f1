"""Checks of the hold and of the hold release."""

from mockpos.conformance.check import Amount, Check, Need, Restart
from mockpos.conformance.checks.steps import hold, lenient, refusal, release, same_as, success
from mockpos.conformance.judge_run import holds_are_those_asked_for
from mockpos.conformance.sources import HOLD, RELEASE, recommendation
from mockpos.conformance.words import Level, Word

_REPEAT = recommendation("a caller whose answer was lost can only send the same call again")
_INPUT = recommendation("a request that makes no sense should be refused, and should change nothing")

BASIC = (
    Check(
        id="HOLD-01",
        rule="A hold of tickets that are free is answered with success.",
        level=Level.MUST,
        source=HOLD,
        needs=(Need.TICKETS,),
        steps=(hold("pre-flight: hold", listing="smallest", quantity=Amount.ALL, expect=success()),),
    ),
    Check(
        id="REL-01",
        rule="A release of a live hold is answered with success.",
        level=Level.MUST,
        source=RELEASE,
        needs=(Need.TICKETS,),
        steps=(
            hold("pre-flight: hold", listing="smallest", quantity=Amount.ALL),
            release("pre-flight: release", expect=success()),
        ),
    ),
    Check(
        id="REL-02",
        rule="Tickets that were released can be held again.",
        level=Level.MUST,
        source=RELEASE,
        needs=(Need.TICKETS,),
        after=("HOLD-01", "REL-01"),
        steps=(
            hold("pre-flight: hold", listing="smallest", quantity=Amount.ALL),
            release("pre-flight: release"),
            hold("hold the same tickets again", "b", Amount.ALL, listing="smallest", expect=success()),
        ),
    ),
    Check(
        id="HOLD-02",
        rule="Tickets that are held cannot be held by another buyer.",
        level=Level.MUST,
        source=HOLD,
        needs=(Need.TICKETS,),
        after=("REL-02",),
        steps=(hold("hold all", "a", Amount.ALL), hold("hold one more", "b", expect=refusal(409))),
    ),
)

HOLDS = (
    Check(
        id="HOLD-03",
        rule="The same hold again, with the same Global ID, gets the same answer and takes nothing more.",
        source=_REPEAT,
        needs=(Need.TWO_UNITS,),
        after=("HOLD-02",),
        steps=(
            hold("hold"),
            hold("the same hold again", expect=same_as("hold")),
            hold("what is left", "b", Amount.REST, expect=success()),
        ),
    ),
    Check(
        id="HOLD-04",
        rule="Another quantity under the Global ID of a live hold is refused.",
        source=recommendation("one Global ID stands for one hold: nobody could say what a release would give back"),
        needs=(Need.TWO_UNITS,),
        after=("HOLD-02",),
        steps=(hold("hold"), hold("another quantity", quantity=Amount.ANOTHER, expect=refusal(409))),
    ),
    Check(
        id="HOLD-05",
        rule="A hold of a Remote ID that does not exist is refused.",
        source=recommendation("TEvo tells a buyer that tickets are gone only when the hold is refused"),
        holds=False,
        steps=(hold("hold of an unknown Remote ID", listing="unknown", quantity=1, expect=refusal(404, 410)),),
    ),
    Check(
        id="HOLD-06",
        rule="A hold of more tickets than there are is refused, and takes none.",
        source=recommendation("a hold of part of what was asked for cannot be sold"),
        needs=(Need.TICKETS,),
        after=("HOLD-02",),
        steps=(
            hold("hold of one too many", quantity=Amount.ONE_MORE, expect=refusal(409, 422)),
            hold("hold all", "b", Amount.ALL, expect=success()),
        ),
    ),
    Check(
        id="HOLD-07",
        rule="A hold of a sold-out listing is refused.",
        source=recommendation("the commonest refusal there is"),
        needs=(Need.SOLD_OUT,),
        steps=(hold("hold of a sold-out listing", listing="sold-out", quantity=1, expect=refusal(409, 410, 404)),),
    ),
    Check(
        id="HOLD-08",
        rule="A quantity that the listing's split does not allow is refused.",
        source=recommendation("a single seat that is left over is hard to sell"),
        needs=(Need.SPLITS,),
        after=("HOLD-02",),
        steps=(hold("hold of a wrong split", quantity=Amount.WRONG_SPLIT, expect=refusal(422, 409)),),
    ),
    *(
        Check(
            id=f"HOLD-{number:02}",
            rule=f"A quantity of {shown} is refused.",
            source=_INPUT,
            needs=(Need.TICKETS,),
            steps=(hold(f"hold of {shown}", quantity=quantity, expect=refusal(422, 400)),),
        )
        for number, shown, quantity in ((9, "0", 0), (10, "-1", -1), (11, "2.5", 2.5))
    ),
    Check(
        id="HOLD-12",
        rule="A Global ID whose hold was released cannot be held again.",
        source=recommendation("a hold that arrives late, after its release, would stay for ever"),
        needs=(Need.TICKETS,),
        after=("REL-02",),
        steps=(
            hold("hold"),
            release("release"),
            hold("the same hold again", expect=lenient(*refusal(409, 410), word=Word.WARN)),
        ),
    ),
    Check(
        id="HOLD-13",
        rule="A hold survives a restart of the automator.",
        source=recommendation("a hold that was confirmed is a promise: TEvo's order is made of it"),
        needs=(Need.TICKETS, Need.RESTART),
        after=("HOLD-02",),
        steps=(
            hold("hold all", "a", Amount.ALL),
            Restart(),
            hold("hold one more", "b", expect=refusal(409)),
            release("release", "a", expect=success()),
        ),
    ),
    Check(
        id="HOLD-14",
        rule="A hold's success repeats the Global ID, Remote ID and quantity that were asked for, where it names them.",
        source=recommendation("a caller that is answered about other tickets sells what nobody holds for it"),
        whole_run=True,
        judge=holds_are_those_asked_for,
    ),
)

RELEASES = (
    Check(
        id="REL-03",
        rule="A release that is repeated is no server error and frees nothing twice.",
        source=_REPEAT,
        needs=(Need.TICKETS,),
        after=("HOLD-02",),
        steps=(
            hold("hold"),
            release("release"),
            release("release again", expect=lenient(*refusal(404, 409, 410), name="as expected")),
            hold("hold all", "b", Amount.ALL),
            hold("hold one more", "c", expect=refusal(409)),
        ),
    ),
    Check(
        id="REL-04",
        rule="A release of a Global ID that was never held is no server error.",
        source=recommendation("TEvo may release a hold whose request never arrived"),
        holds=False,
        steps=(release("release of an unknown Global ID", "unknown", expect=lenient(*refusal(404))),),
    ),
    Check(
        id="REL-05",
        rule="A hold that arrives after its release takes nothing.",
        source=recommendation("calls overtake each other on the way: a hold that arrives late would stay for ever"),
        needs=(Need.TICKETS,),
        after=("REL-02", "REL-04"),
        steps=(
            release("release before the hold", expect=lenient(*refusal(404))),
            hold("the late hold", expect=refusal(409, 410)),
        ),
    ),
)
