"""The seat strip of a listing: one mark a seat, by colour and by pattern free, held or sold; and the sums of many.

Written by hand and not by templates: they are made anew for every change that somebody looks at.
"""

from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from mockpos.domain.counted import counted
from mockpos.domain.hold import Hold
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import runs_of
from mockpos.web.console.formats import dom_id, link, short, thousands
from mockpos.web.console.inventory import MOST_HOLDS as KNOWN_HOLDS
from mockpos.web.console.inventory import Group, Row, Sums

MOST_MARKS = 30
"""Seats of more tickets than this are drawn as one bar."""

MOST_HOLDS = 3
_WORDS = {"f": "free", "h": "held", "s": "sold"}


class Run(NamedTuple):
    """Neighbouring seats in one state; ``hold`` where they are held."""

    state: str
    start: int
    stop: int
    hold: Hold | None = None


class Look(NamedTuple):
    """Where and when something is drawn.

    The console's root, or nothing where no link leads on; the sandbox's time; whether it just changed.
    """

    root: str
    now: int
    changed: bool = False


def runs(row: Row) -> list[Run]:
    """Return a listing's seats from the first to the last; without numbers: the free ones, the held, the sold."""
    listing, stock, found, at = row.listing, row.stock, [], 0
    if listing.numbering is None:
        for state, count in (("f", stock.available), ("h", stock.held), ("s", stock.sold)):
            if count:
                found.append(Run(state, at, at + count))
                at += count
        return found
    known = [Run("f", *run) for run in runs_of(stock.free)]
    known += [Run("h", start, stop, hold) for hold in row.holds if not hold.stolen for start, stop in hold.seats]
    for run in sorted(known, key=lambda run: run.start):
        if run.start > at:
            found.append(Run("s", at, run.start))
        found.append(run)
        at = run.stop
    return [*found, Run("s", at, listing.quantity)] if at < listing.quantity else found


def strip(row: Row, *, numbers: bool = False) -> Markup:
    """Draw a listing's seats; with ``numbers`` each mark carries its printed number."""
    listing, stock = row.listing, row.stock
    if listing.quantity > MOST_MARKS:
        numbers, marks = False, _bar(listing.quantity, stock)
    else:
        marks = Markup("").join([_marks(listing, run, numbers) for run in runs(row)])
    return Markup('<span class="strip%s" role="img" aria-label="%d free, %d held, %d sold">%s</span>') % (
        " numbered" if numbers else "", stock.available, stock.held, stock.sold, marks,
    )  # fmt: skip


def state_cell(row: Row, look: Look) -> Markup:
    """Draw what changes of a listing: its seats, how many are free, who holds some and for how long."""
    live = [hold for hold in row.holds if not hold.stolen]
    chips = [_chip(hold, look) for hold in live[:MOST_HOLDS]]
    if len(live) > MOST_HOLDS:
        more = " or more" if len(row.holds) == KNOWN_HOLDS else ""
        chips.append(Markup('<span class="more">+%s%s</span>') % (counted(len(live) - MOST_HOLDS, "hold"), more))
    return Markup('<div class="state%s" id="s-%s">%s<span class="free"><b>%d</b> of %d free</span>%s</div>') % (
        " changed" if look.changed else "", dom_id(row.listing.remote_id), strip(row),
        row.stock.available, row.listing.quantity, Markup("").join(chips),
    )  # fmt: skip


def _marks(listing: Listing, run: Run, numbers: bool) -> Markup:
    where = ""
    if listing.numbering is not None:
        first, last = listing.numbering.label(run.start), listing.numbering.label(run.stop - 1)
        where = f"seat {first} " if first == last else f"seats {first}-{last} "
    title = f"{where}{_WORDS[run.state]}"
    by = Markup(" by %s") % short(run.hold.global_id) if run.hold is not None else ""
    if numbers and listing.numbering is not None:
        label = listing.numbering.label
        inner = Markup("").join(Markup("<i>%s</i>") % label(at) for at in range(run.start, run.stop))
    else:
        inner = Markup("<i></i>") * (run.stop - run.start)
    return Markup('<span class="%s" title="%s%s">%s</span>') % (run.state, title, by, inner)


def _bar(quantity: int, stock: Stock) -> Markup:
    free, held = 240 * stock.available / quantity, 240 * stock.held / quantity
    rects = [("f", 0.0, free), ("h", free, held), ("s", free + held, 240 - free - held)]
    rect = Markup('<rect class="%s" x="%.1f" width="%.1f" height="14"/>')
    drawn = Markup("").join(rect % part for part in rects if part[2])
    return Markup('<svg viewBox="0 0 240 14" width="240" height="14" aria-hidden="true">%s</svg>') % drawn


def _chip(hold: Hold, look: Look) -> Markup:
    """Name a hold, and how long it still lives; the page counts down by itself."""
    left = max(0, hold.expires_at - look.now) // 1000
    name, until = short(hold.global_id, 20), Markup('<time data-until="%d">%d:%02d</time>') % (
        hold.expires_at, *divmod(left, 60),
    )  # fmt: skip
    if not look.root:
        return Markup('<span class="hold">%s %s</span>') % (name, until)
    where = link(look.root, "/calls", global_id=hold.global_id)
    return Markup('<a class="hold" href="%s">%s %s</a>') % (where, name, until)


def totals(sums: Sums, calls_a_second: float) -> Markup:
    """Draw the sums of a sandbox, and how many calls came in a second."""
    total = Markup('<div class="total %s"><dt><i></i>%s</dt><dd>%s <span>%s</span></dd></div>')
    states = zip("fhs", ("free", "held", "sold"), sums.seats, sums.money, strict=True)
    drawn = [total % (state, word, f"{seats:,}", thousands(money)) for state, word, seats, money in states]
    rate = Markup('<div class="total rate"><dt>calls a second</dt><dd id="rate">%s</dd></div>')
    return Markup("").join([*drawn, rate % f"{calls_a_second:,.1f}"])


def group_sums(group: Group, sums: Sums) -> Markup:
    """Draw the sums of one event."""
    sold, all_of_it = thousands(sums.money[2]), thousands(sum(sums.money, Decimal(0)))
    return Markup(
        '<p class="sums" id="e-%s"><span class="f">%s free</span><span class="h">%s held</span>'
        '<span class="s">%s sold</span><span>%s of %s</span></p>'
    ) % (dom_id(group.key), *(f"{seats:,}" for seats in sums.seats), sold, all_of_it)
