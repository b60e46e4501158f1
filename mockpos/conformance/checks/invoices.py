"""Checks of the invoice. They share one sale; each ticket-unit that is bought stands in the plan beforehand."""

from mockpos.conformance.check import Amount, Need, UntilLapsed
from mockpos.conformance.checks.steps import hold, invoice, must, refusal, release, same_as, should, success
from mockpos.conformance.sources import INVOICE, recommendation

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
