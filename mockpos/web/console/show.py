"""The audience's page: seats, sums and calls in large type, no controls, and what a presenter says.

It can be looked at by a view link, which opens nothing else.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from flask import Response, request
from markupsafe import Markup

from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.magic import NAME as MAGIC
from mockpos.scenario.registry import ScenarioRegistry
from mockpos.web.console.call_rows import call_row
from mockpos.web.console.feed import View
from mockpos.web.console.formats import shown
from mockpos.web.console.inventory import Asked, Row
from mockpos.web.console.live import Live
from mockpos.web.console.pages import Pages
from mockpos.web.console.seats import Look, state_cell
from mockpos.web.console.sums import totals

ROWS = 12
CALLS = 12
CAPTION_CHANGED = "caption.changed"


@dataclass(frozen=True, slots=True)
class Caption:
    """What a presenter tells the audience. ``spotlight`` is a search for the listings that matter."""

    broker: str = ""
    title: str = ""
    say: str = ""
    place: str = ""
    spotlight: str = ""
    is_blank: bool = False

    def html(self) -> Markup:
        """Draw it."""
        if self.is_blank:
            return Markup('<div class="blank"></div>')
        parts = [Markup('<p class="place-of">%s</p>') % shown(self.place)] if self.place else []
        parts += [Markup("<h1>%s</h1>") % shown(self.title)] if self.title else []
        parts += [Markup('<p class="say">%s</p>') % shown(self.say)] if self.say else []
        return Markup("").join(parts)


class Show:
    """The audience's page of one server, and its stream. ``caption`` is the default sandbox's."""

    def __init__(self, pages: Pages, live: Live) -> None:
        self._pages = pages
        self._live = live
        self.caption = Caption()

    def tell(self, sandbox: Sandbox, **changes: object) -> None:
        """Change what the audience reads, and let their pages know."""
        self.caption = replace(self.caption, **changes)  # type: ignore[arg-type]  # a caller's mistake raises TypeError
        sandbox.telemetry.events.tell(CAPTION_CHANGED, {"title": self.caption.title, "say": self.caption.say})

    def sums(self, sandbox: Sandbox) -> Markup:
        """Draw the sums of a sandbox."""
        return totals(self._live.inventory(sandbox).total(), 0)

    def page(self) -> str:
        """Show the page to who has a view link, or may use the control plane."""
        sandbox = self._pages.access.viewed()
        inventory = self._live.inventory(sandbox)
        asked, journal = self._asked(), sandbox.telemetry.journal
        page = inventory.page(asked)
        look = Look("", sandbox.clock.now())

        def cell(row: Row) -> Markup:
            return state_cell(row.listing, row.stock, row.holds, look)

        return self._pages.render(
            sandbox, "show", page=page, cell=cell, caption=self.caption, token=request.args.get("t", ""), asked=asked,
            totals=self.sums(sandbox), calls=[call_row("", call) for call in journal.newest(CALLS)],
        )  # fmt: skip

    def stream(self) -> Response:
        """Stream what changes on it."""
        return self._live.stream(self._pages.access.viewed(), View("", self._asked(), with_caption=True))

    def _asked(self) -> Asked:
        return Asked(text=request.args.get("q", self.caption.spotlight)[:200], limit=ROWS)


class Story(NamedTuple):
    """A scenario by its name, with a sentence on what it does, or why it cannot be used."""

    name: str
    summary: str
    fault: str = ""


def stories(registry: ScenarioRegistry) -> list[Story]:
    """List the scenarios that are more than one code of one operation."""
    return [_story(registry, name) for name in registry.names() if name != MAGIC and not is_of_one_code(name)]


def of_one_code(registry: ScenarioRegistry) -> list[Story]:
    """List the scenarios that answer one operation with one code."""
    return [_story(registry, name) for name in registry.names() if is_of_one_code(name)]


def is_of_one_code(name: str) -> bool:
    """Tell by its name whether a scenario is one of an operation and a code: ``hold-listing_sold_out``."""
    return name.partition("-")[2] in CATALOGUE


def _story(registry: ScenarioRegistry, name: str) -> Story:
    try:
        return Story(name, registry.get(name).summary)
    except BadInput as error:
        return Story(name, "", str(error))
