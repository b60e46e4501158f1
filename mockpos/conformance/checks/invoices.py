"""Checks of the invoice. They share one sale; each ticket-unit that is bought stands in the plan beforehand."""

from mockpos.conformance.check import Amount, Check, Need, UntilLapsed
from mockpos.conformance.checks.steps import hold, invoice, refusal, release, same_as, success
from mockpos.conformance.sources import INVOICE, recommendation
from mockpos.conformance.words import Level

_SOLD_TWICE = recommendation("tickets that are sold twice have one buyer standing at the gate")

INVOICES = (
    Check(
        id="INV-01",
        rule="An invoice of a live hold is answered with success.",
        level=Level.MUST,
        source=INVOICE,
        needs=(Need.TWO_UNITS, Need.INVOICE),
        after=("REL-02",),
        steps=(hold("hold", "sale"), invoice("invoice", "sale", "sale", expect=success())),
    ),
    Check(
        id="INV-02",
        rule="Tickets that were invoiced cannot be held by another buyer.",
        level=Level.MUST,
        source=INVOICE,
        needs=(Need.TICKETS, Need.INVOICE),
        after=("INV-01", "HOLD-02"),
        steps=(
            hold("hold all that is left", "b", Amount.ALL),
            hold("hold one more", "c", expect=refusal(409)),
        ),
    ),
    Check(
        id="INV-03",
        rule="The same invoice again, with the same Order ID, gets the same answer and sells nothing more.",
        source=recommendation("the order exists already: a caller whose answer was lost has to send the invoice again"),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("INV-01", "HOLD-02"),
        uses_sale=True,
        steps=(
            invoice("the same invoice again", "sale", "sale", expect=same_as("invoice")),
            hold("hold all that is left", "b", Amount.ALL, expect=success()),
        ),
    ),
    Check(
        id="INV-04",
        rule="An invoice of a Global ID that was never held is refused.",
        source=recommendation("there is nothing to sell; a success would leave TEvo with an order without tickets"),
        needs=(Need.INVOICE,),
        holds=False,
        steps=(invoice("invoice of an unknown Global ID", "unknown", expect=refusal(404, 410)),),
    ),
    Check(
        id="INV-05",
        rule="An invoice of a hold that was released is refused.",
        source=_SOLD_TWICE,
        needs=(Need.TICKETS, Need.INVOICE),
        after=("REL-02",),
        steps=(hold("hold"), release("release"), invoice("invoice after the release", expect=refusal(409, 404, 410))),
    ),
    Check(
        id="INV-06",
        rule="A second order for a hold that was invoiced is refused.",
        source=_SOLD_TWICE,
        needs=(Need.INVOICE,),
        after=("INV-01",),
        uses_sale=True,
        steps=(invoice("invoice under a second order", "sale", "second", expect=refusal(409)),),
    ),
    Check(
        id="REL-06",
        rule="A release after the invoice is refused, and the tickets stay sold.",
        source=recommendation("a release that un-sells takes the tickets from a buyer whose order is confirmed"),
        needs=(Need.TICKETS, Need.INVOICE),
        after=("INV-02",),
        uses_sale=True,
        steps=(
            release("release after the invoice", "sale", expect=refusal(409)),
            hold("hold all that is left", "b", Amount.ALL),
            hold("hold one more", "c", expect=refusal(409)),
        ),
    ),
    Check(
        id="INV-07",
        rule="A hold lapses when it said: its tickets are free again, once, and it cannot be sold once they are taken.",
        source=_SOLD_TWICE,
        needs=(Need.TICKETS, Need.INVOICE, Need.EXPIRY),
        after=("HOLD-02", "INV-01"),
        steps=(
            hold("hold that lapses", "a", Amount.ALL),
            UntilLapsed("a"),
            hold("hold all, after it lapsed", "b", Amount.ALL, expect=success()),
            hold("hold one more", "c", expect=refusal(409)),
            invoice("invoice of the lapsed hold", "a", expect=refusal(410, 409, 404)),
        ),
    ),
)
