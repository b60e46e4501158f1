"""The presenter's page: caption, note, what comes next, the minutes, and the wishes it sends to the director."""

import re

from flask import Blueprint, Response, request

from mockpos.demo.director import Director
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.blueprint import add_views, pages_blueprint
from mockpos.web.console.drawing import totals
from mockpos.web.console.formats import call_row
from mockpos.web.console.pages import ROOT, Pages

_CALLS = 12
_WISHES = ("next", "back", "again", "pause", "improvise", "blank")
_READABLE = 4.8
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def presenter_blueprint(pages: Pages, director: Director, colour: str) -> Blueprint:
    """Return the presenter's routes. ``colour`` is the prospect's, as #rrggbb, or nothing."""

    def show(pages: Pages, sandbox: Sandbox) -> str:
        newest = sandbox.telemetry.journal.newest(_CALLS)
        calls = [call_row(f"{sandbox.base_path}{ROOT}", call) for call in newest]
        sums = totals(pages.live.inventory(sandbox).total(), 0)
        return pages.render(sandbox, "demo/present", director=director, totals=sums, calls=calls)

    def state(pages: Pages, sandbox: Sandbox) -> str:
        return pages.render(sandbox, "demo/prompter", director=director)

    def wish(pages: Pages, sandbox: Sandbox) -> str:
        name = request.form.get("wish", "")
        if name not in _WISHES and not (name.isdecimal() and 1 <= int(name[:3]) <= len(director.story.chapters)):
            raise MockMisuse("mock_bad_input", f"There is no wish {name[:20]!r}.")
        director.wishes.put(name)
        return state(pages, sandbox)

    blueprint = pages_blueprint("presenter", pages, f"{ROOT}/present", __name__)
    views = {("GET", ""): show, ("GET", "/state"): state, ("POST", "/do"): wish}
    add_views(blueprint, {rule: pages.page(view) for rule, view in views.items()})
    theme = _theme(colour) if colour else ""
    blueprint.add_url_rule("/colours.css", view_func=lambda: Response(theme, mimetype="text/css"), endpoint="colours")
    return blueprint


def _theme(colour: str) -> str:
    """Write the prospect's colour as the accent of both themes, as near to it as can be read on their grounds."""
    themes = []
    for ground, ink, toward in ("#f3f5f9", "#ffffff", 0), ("#151c28", "#0d121b", 255):
        parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        while _contrast(parts, ground) < _READABLE:
            parts = [part + (toward - part) // 10 + (toward > part) for part in parts]
        accent = "".join(f"{max(0, min(255, part)):02x}" for part in parts)
        themes.append(f":root {{ --accent: #{accent}; --accent-ink: {ink}; }}")
    return f"{themes[0]}\n@media (prefers-color-scheme: dark) {{ {themes[1]} }}\n"


def _contrast(parts: list[int], ground: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    other = [int(ground[at : at + 2], 16) for at in (1, 3, 5)]
    light = [
        sum(
            share * (part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4)  # sRGB's curve
            for share, part in zip((0.2126, 0.7152, 0.0722), colour, strict=True)
        )
        for colour in (parts, other)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


def read_colour(text: str) -> str:
    """Check a colour. Raises BadInput."""
    if text and _COLOUR.fullmatch(text) is None:
        raise BadInput(f"--colour: {text[:40]!r} is not a colour such as #0a7d55")
    return text
