"""The presenter's page: caption, note, what comes next, the minutes, and the wishes it sends to the director."""

import re

from flask import Blueprint, Response, request

from mockpos.demo.director import Director
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.blueprint import add_views, pages_blueprint
from mockpos.web.console.pages import ROOT, Pages

_CALLS = 12
_THEME = """:root {{ --accent: oklch(from {0} min(l, 0.48) c h); --accent-ink: #ffffff; }}
@media (prefers-color-scheme: dark) {{ :root {{ --accent: oklch(from {0} max(l, 0.75) c h); --accent-ink: #0d121b; }} }}
"""  # as near to the prospect's colour as can be read on the grounds of both themes
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def presenter_blueprint(pages: Pages, director: Director, colour: str) -> Blueprint:
    """Return the presenter's routes. ``colour`` is the prospect's, as #rrggbb, or nothing."""

    def show(pages: Pages, sandbox: Sandbox) -> str:
        calls, inventory = sandbox.telemetry.journal.newest(_CALLS), pages.live.inventory(sandbox)
        return pages.render(sandbox, "demo/present", director=director, inventory=inventory, calls=calls)

    def state(pages: Pages, sandbox: Sandbox) -> str:
        return pages.render(sandbox, "demo/prompter", director=director)

    def wish(pages: Pages, sandbox: Sandbox) -> str:
        name = request.form.get("wish", "")
        if name not in director.wishes:
            raise MockMisuse("mock_bad_input", f"There is no wish {name[:20]!r}.")
        director.wished.put(name)
        return state(pages, sandbox)

    blueprint = pages_blueprint("presenter", pages, f"{ROOT}/present", __name__)
    add_views(blueprint, {("GET", ""): show, ("GET", "/state"): state, ("POST", "/do"): wish}, pages.guard)
    theme = _THEME.format(colour) if colour else ""
    blueprint.add_url_rule("/colours.css", view_func=lambda: Response(theme, mimetype="text/css"), endpoint="colours")
    return blueprint


def read_colour(text: str) -> str:
    """Check a colour. Raises BadInput."""
    if text and _COLOUR.fullmatch(text) is None:
        raise BadInput(f"--colour: {text[:40]!r} is not a colour such as #0a7d55")
    return text
