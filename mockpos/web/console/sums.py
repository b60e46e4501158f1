"""The sums of an inventory and of each event, as they stand on a page."""

from decimal import Decimal

from markupsafe import Markup

from mockpos.web.console.formats import dom_id, thousands
from mockpos.web.console.inventory import Group, Sums


def totals(sums: Sums, calls_a_second: float) -> Markup:
    """Draw the sums of a sandbox, and how many calls came in a second."""
    parts = Markup("")
    for word, state, seats, money in zip(("free", "held", "sold"), "fhs", sums.seats, sums.money, strict=True):
        parts += Markup(
            '<div class="total %s"><dt><i></i>%s</dt><dd>%s <span>%s</span></dd></div>'
        ) % (state, word, f"{seats:,}", thousands(money))  # fmt: skip
    return parts + Markup(
        '<div class="total rate"><dt>calls a second</dt><dd id="rate">%s</dd></div>'
    ) % f"{calls_a_second:,.1f}"  # fmt: skip


def group_sums(group: Group, sums: Sums) -> Markup:
    """Draw the sums of one event."""
    free, held, sold = sums.seats
    return Markup(
        '<p class="sums" id="e-%s"><span class="f">%s free</span><span class="h">%s held</span>'
        '<span class="s">%s sold</span><span>%s of %s</span></p>'
    ) % (
        dom_id(group.key), f"{free:,}", f"{held:,}", f"{sold:,}", thousands(sums.money[2]),
        thousands(sum(sums.money, start=Decimal(0))),
    )  # fmt: skip
