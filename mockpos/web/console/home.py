"""The first page: the inventory with its seats, live calls beside it, and what can be done with both.

For an audience the same in large type, without controls, with what a presenter says.
"""

from flask import Response, request

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.controls import stories
from mockpos.web.console.feed import View
from mockpos.web.console.inventory import SHOWN, Asked
from mockpos.web.console.pages import ROOT, Pages

_NEWEST = 30
_AUDIENCE_ROWS = _AUDIENCE_CALLS = 12


def show(pages: Pages, sandbox: Sandbox) -> str:
    """Show a page of the inventory."""
    inventory, asked = pages.live.inventory(sandbox), _asked_listings()
    sandbox.store.expire_due()
    page = inventory.page(asked)
    for_sale = (row for row in page.rows if row.not_for_sale is None and row.stock.available > 1)
    return pages.render(
        sandbox, "home", page=page, asked=asked, shown=SHOWN, first=next(for_sale, next(iter(page.rows), None)),
        inventory=inventory, calls=sandbox.telemetry.journal.newest(_NEWEST), stories=stories(pages, sandbox),
        total=sandbox.store.listing_count(),
    )  # fmt: skip


def stream(pages: Pages, sandbox: Sandbox) -> Response:
    """Stream what changes on a page: of the listings it shows, or of calls alone."""
    asked = _asked_listings() if request.args.get("page") == "inventory" else None
    return pages.live.stream(sandbox, View(sandbox.base_path + ROOT, asked))


def show_audience(pages: Pages, sandbox: Sandbox) -> str:
    """Show the audience's page, which a view link opens too."""
    inventory, asked = pages.live.inventory(sandbox), _asked_by_audience(pages)
    return pages.render(
        sandbox, "show", page=inventory.page(asked), inventory=inventory, caption=pages.live.caption, asked=asked,
        calls=sandbox.telemetry.journal.newest(_AUDIENCE_CALLS), token=request.args.get("t", ""),
    )  # fmt: skip


def stream_audience(pages: Pages, sandbox: Sandbox) -> Response:
    """Stream what changes on the audience's page, until its link is revoked."""
    links, token = pages.links, request.args.get("t", "")
    by_link = links.sandbox(token) is not None
    view = View("", _asked_by_audience(pages), with_caption=True)
    return pages.live.stream(sandbox, view, lambda: not by_link or links.sandbox(token) is not None)


def _asked_listings() -> Asked:
    """Read from the query which listings are asked for; what makes no sense asks for all."""
    given = request.args
    shown = given.get("show", "all")
    return Asked(given.get("q", "").strip()[:200], shown if shown in SHOWN else "all", given.get("after", ""))


def _asked_by_audience(pages: Pages) -> Asked:
    given, caption = request.args, pages.live.caption
    after = given.get("after", caption.after)
    return Asked(given.get("q", caption.spotlight)[:200], after=after, limit=_AUDIENCE_ROWS)
