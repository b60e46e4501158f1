"""Checks of what happens at the same moment."""

from mockpos.conformance.check import Amount, Need, Race
from mockpos.conformance.checks.steps import hold, invoice, must, release, should
from mockpos.conformance.judge_races import no_oversell, one_hold, sold_once, sold_or_released
from mockpos.conformance.sources import HOLD, recommendation

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
