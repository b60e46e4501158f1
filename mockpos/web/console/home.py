"""The first page: the inventory with its seats, live calls beside it, and what can be done with both.

For an audience the same in large type, without controls, with what a presenter says.
"""

from collections.abc import Callable

from flask import Response, request
from markupsafe import Markup

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.controls import stories
from mockpos.web.console.drawing import Look, group_sums, state_cell, totals
from mockpos.web.console.feed import View
from mockpos.web.console.formats import call_row
from mockpos.web.console.inventory import SHOWN, Asked, Row
from mockpos.web.console.pages import ROOT, Pages

_NEWEST = 30
_AUDIENCE_ROWS = _AUDIENCE_CALLS = 12


def show(pages: Pages, sandbox: Sandbox) -> str:
    """Show a page of the inventory."""
    inventory, asked = pages.live.inventory(sandbox), _asked_listings()
    sandbox.store.expire_due()
    page = inventory.page(asked)
    for_sale = (row for row in page.rows if row.not_for_sale is None and row.stock.available > 1)
    root = sandbox.base_path + ROOT
    return pages.render(
        sandbox, "home", page=page, asked=asked, shown=SHOWN, first=next(for_sale, next(iter(page.rows), None)),
        group_sums=lambda group: group_sums(group, inventory.sums(group)), cell=_cells(sandbox, root),
        calls=[call_row(root, call) for call in sandbox.telemetry.journal.newest(_NEWEST)],
        totals=totals(inventory.total(), 0), stories=stories(sandbox), total=sandbox.store.listing_count(),
    )  # fmt: skip


def stream(pages: Pages, sandbox: Sandbox) -> Response:
    """Stream what changes on a page: of the listings it shows, or of calls alone."""
    asked = _asked_listings() if request.args.get("page") == "inventory" else None
    return pages.live.stream(sandbox, View(sandbox.base_path + ROOT, asked))


def show_audience(pages: Pages, sandbox: Sandbox) -> str:
    """Show the audience's page, which a view link opens too."""
    inventory, asked = pages.live.inventory(sandbox), _asked_by_audience(pages)
    calls = [call_row("", call) for call in sandbox.telemetry.journal.newest(_AUDIENCE_CALLS)]
    return pages.render(
        sandbox, "show", page=inventory.page(asked), cell=_cells(sandbox, ""), caption=pages.live.caption, calls=calls,
        asked=asked, token=request.args.get("t", ""), totals=totals(inventory.total(), 0),
    )  # fmt: skip


def stream_audience(pages: Pages, sandbox: Sandbox) -> Response:
    """Stream what changes on the audience's page, until its link is revoked."""
    links, token = pages.access.links, request.args.get("t", "")
    by_link = links.sandbox(token) is not None
    view = View("", _asked_by_audience(pages), with_caption=True)
    return pages.live.stream(sandbox, view, lambda: not by_link or links.sandbox(token) is not None)


def _cells(sandbox: Sandbox, root: str) -> Callable[[Row], Markup]:
    look = Look(root, sandbox.clock.now())
    return lambda row: state_cell(row, look)


def _asked_listings() -> Asked:
    """Read from the query which listings are asked for; what makes no sense asks for all."""
    given = request.args
    shown = given.get("show", "all")
    return Asked(given.get("q", "").strip()[:200], shown if shown in SHOWN else "all", given.get("after", ""))


def _asked_by_audience(pages: Pages) -> Asked:
    given, caption = request.args, pages.live.caption
    after = given.get("after", caption.after)
    return Asked(given.get("q", caption.spotlight)[:200], after=after, limit=_AUDIENCE_ROWS)
