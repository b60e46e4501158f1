"""What a checkout is judged by: how the purchase ended, what the audit found, and whether it waited when asked to."""

from dataclasses import dataclass

from mockpos.conformance.sources import Source, recommendation
from mockpos.conformance.words import Level


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``finding`` is the audit's kind of finding that breaks it, where it is one of the audit's."""

    id: str
    rule: str
    source: Source
    finding: str = ""

    level = Level.SHOULD


ENDS_WELL = Rule(
    "BUY-01",
    "The purchase ends as it has to, and never with more tickets than were asked for.",
    recommendation("the buyer has the tickets and the order, or neither"),
)
WAITS = Rule(
    "BUY-08",
    "A call that was answered with Retry-After is not sent again sooner.",
    recommendation("an automator that is overrun recovers only when its callers wait"),
)

RULES = (
    ENDS_WELL,
    Rule(
        "BUY-02",
        "Every hold that is not invoiced is released, also one whose answer was never heard.",
        recommendation("tickets that nobody releases cannot be sold until the hold lapses"),
        "orphaned_hold",
    ),
    Rule(
        "BUY-03",
        "A call whose answer was lost is followed up: the same call again, or a release.",
        recommendation("after a lost answer nobody knows whether tickets are held or sold"),
        "unacknowledged_commit",
    ),
    Rule(
        "BUY-04",
        "A hold whose answer was lost is repeated under the same Global ID.",
        recommendation("under a new one the same buyer holds twice as many tickets"),
        "double_hold",
    ),
    Rule(
        "BUY-05",
        "An invoice is repeated until it is answered for good; if it is refused, the hold is released.",
        recommendation("the order exists already: without an invoice its buyer has no tickets"),
        "invoice_missing",
    ),
    Rule(
        "BUY-06",
        "A hold is invoiced under one Order ID only.",
        recommendation("a second order for the same tickets has a buyer who gets none"),
        "second_order",
    ),
    Rule(
        "BUY-07",
        "A call that was refused for good is not repeated.",
        recommendation("it cannot succeed, and each try keeps a buyer waiting"),
        "kept_calling_after_refusal",
    ),
    WAITS,
)
