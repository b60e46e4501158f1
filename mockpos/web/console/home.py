"""The first page: the inventory with its seats, live calls beside it, and what can be done with both."""

from flask import Response, request

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.call_rows import call_row
from mockpos.web.console.feed import View
from mockpos.web.console.inventory import SHOWN, Asked, Page, Row
from mockpos.web.console.live import Live
from mockpos.web.console.pages import ROOT, Pages
from mockpos.web.console.seats import Look, state_cell
from mockpos.web.console.show import stories
from mockpos.web.console.sums import group_sums, totals

NEWEST = 30


class Home:
    """The inventory's page and its stream."""

    def __init__(self, pages: Pages, live: Live) -> None:
        self._pages = pages
        self._live = live

    def show(self, sandbox: Sandbox) -> str:
        """Show a page of the inventory."""
        inventory, asked = self._live.inventory(sandbox), asked_listings()
        sandbox.expire_due()
        page = inventory.page(asked)
        root = sandbox.base_path + ROOT
        look = Look(root, sandbox.clock.now())
        newest = sandbox.telemetry.journal.newest(NEWEST)
        return self._pages.render(
            sandbox, "home", page=page, asked=asked, shown=SHOWN, first=_first_to_buy(page),
            group_sums=lambda group: group_sums(group, inventory.sums(group)),
            cell=lambda row: state_cell(row.listing, row.stock, row.holds, look),
            calls=[call_row(root, call) for call in newest],
            totals=totals(inventory.total(), 0), stories=stories(sandbox.selector.registry),
            total=sandbox.store.listing_count(),
        )  # fmt: skip

    def stream(self, sandbox: Sandbox) -> Response:
        """Stream what changes on a page: of the listings it shows, or of calls alone."""
        asked = asked_listings() if request.args.get("page") == "inventory" else None
        return self._live.stream(sandbox, View(sandbox.base_path + ROOT, asked))


def _first_to_buy(page: Page) -> Row | None:
    """Return a listing of which a buyer gets tickets, where the page has one."""
    rows = page.rows
    return next((row for row in rows if row.not_for_sale is None and row.stock.available > 1), next(iter(rows), None))


def asked_listings() -> Asked:
    """Read from the query which listings are asked for; what makes no sense asks for all."""
    given = request.args
    shown = given.get("show", "all")
    return Asked(given.get("q", "").strip()[:200], shown if shown in SHOWN else "all", given.get("after", ""))
