"""The presenter's page: caption, note, what comes next, the minutes, and the wishes it sends to the director."""

import re

from flask import Blueprint, Response, request

from mockpos.demo.director import Director
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.pages import ROOT, Pages, with_headers
from mockpos.web.console.show import Show

_WISHES = ("next", "back", "again", "pause", "improvise", "blank")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def presenter_blueprint(pages: Pages, show_page: Show, director: Director, colour: str) -> Blueprint:
    """Return the presenter's routes. ``colour`` is the prospect's, as #rrggbb, or nothing."""
    blueprint = Blueprint("presenter", __name__, template_folder="templates", url_prefix=f"{ROOT}/present")

    def show(sandbox: Sandbox) -> str:
        return pages.render(sandbox, "demo/present", director=director, totals=show_page.sums(sandbox))

    def state(sandbox: Sandbox) -> str:
        return pages.render(sandbox, "demo/prompter", director=director)

    def wish(sandbox: Sandbox) -> str:
        name = request.form.get("wish", "")
        if name not in _WISHES and not (name.isdecimal() and 1 <= int(name[:3]) <= len(director.story.chapters)):
            raise MockMisuse("mock_bad_input", 422, f"There is no wish {name[:20]!r}.")
        director.wishes.put(name)
        return pages.render(sandbox, "demo/prompter", director=director)

    def colours() -> Response:
        css = f":root {{ --accent: {colour}; --brand: {colour}; }}\n" if colour else ""
        return Response(css, content_type="text/css; charset=utf-8")

    for path, view, method in (("", show, "GET"), ("/state", state, "GET"), ("/do", wish, "POST")):
        blueprint.add_url_rule(path, view.__name__, pages.page(view), methods=[method], provide_automatic_options=False)
    blueprint.add_url_rule("/colours.css", "colours", colours, methods=["GET"], provide_automatic_options=False)
    blueprint.register_error_handler(MockMisuse, pages.refused)
    blueprint.after_request(with_headers)
    return blueprint


def read_colour(text: str) -> str:
    """Check a colour. Raises BadInput."""
    if text and _COLOUR.fullmatch(text) is None:
        raise BadInput(f"--colour: {text[:40]!r} is not a colour such as #0a7d55")
    return text
