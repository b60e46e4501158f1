"""The routes of the console."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Flask, Response, make_response
from flask.sansio.app import App

from mockpos.bootstrap import Mock
from mockpos.contract.model import Contract
from mockpos.domain.errors import MockMisuse
from mockpos.web.console import actions, buying, controls, formats, home, listing_history, numbers, one_call, timeline
from mockpos.web.console.pages import ROOT, Pages, View, with_headers
from mockpos.web.control.guard import Guard
from mockpos.web.keys import KeyReader

_EXTENSION = "mockpos-console"
_VIEWS: dict[tuple[str, str], View] = {
    ("GET", "/"): home.show,
    ("GET", "/stream"): home.stream,
    ("GET", "/listing"): listing_history.show,
    ("GET", "/listing/menu"): listing_history.menu,
    ("GET", "/calls"): timeline.show,
    ("GET", "/calls/<request_id>"): one_call.show,
    ("POST", "/calls/<request_id>/again"): one_call.again,
    ("GET", "/numbers"): numbers.show,
    ("GET", "/controls"): controls.show,
    ("POST", "/controls/check"): controls.check,
    ("POST", "/act/<name>"): actions.act,
    ("POST", "/buy"): buying.begin,
    ("GET", "/buy/<int:number>"): buying.show,
}
_FOR_AN_AUDIENCE: dict[tuple[str, str], View] = {  # a view link opens them too
    ("GET", "/show"): home.show_audience,
    ("GET", "/show/stream"): home.stream_audience,
}


def console_of(app: Flask) -> Pages:
    """Return what the console's pages share, for what is built around them."""
    pages: Pages = app.extensions[_EXTENSION]
    return pages


def make_console(
    mock: Mock, contract: Contract, keys: KeyReader, guard: Guard
) -> tuple[Blueprint, Callable[[], Response | None]]:
    """Return the pages below ``/_mock/console`` with the files they load, and what answers ``/``.

    The first page answers who may see the console, and nobody else.
    """
    pages = Pages(mock, contract, keys, guard)
    blueprint = pages_blueprint("console", pages, ROOT)
    add_views(blueprint, _VIEWS, pages.guard)
    add_views(blueprint, _FOR_AN_AUDIENCE, partial(pages.guard, find=pages.viewed))
    blueprint.record_once(lambda state: _register(state.app, pages))
    return blueprint, lambda: _first_page(pages)


def pages_blueprint(name: str, pages: Pages, prefix: str, import_name: str = __name__) -> Blueprint:
    """Return a blueprint whose refusals are pages and whose answers carry the console's headers."""
    blueprint = Blueprint(
        name, import_name, template_folder="templates", static_folder="static", static_url_path="/static",
        url_prefix=prefix,
    )  # fmt: skip
    blueprint.register_error_handler(MockMisuse, pages.refused)
    blueprint.after_request(with_headers)
    return blueprint


def add_views(blueprint: Blueprint, views: dict[tuple[str, str], View], guard: Callable[[View], View]) -> None:
    """Add views by their method and path, for whom ``guard`` lets see them."""
    for (method, path), view in views.items():
        endpoint = f"{method} {path}".replace(".", "_")
        blueprint.add_url_rule(path, endpoint, guard(view), methods=[method], provide_automatic_options=False)


def _register(app: App, pages: Pages) -> None:
    app.extensions[_EXTENSION] = pages
    app.jinja_env.globals |= {"f": formats, "has_console": True}  # the documentation links to it


def _first_page(pages: Pages) -> Response | None:
    """Answer ``/``; None for who may not use the control plane."""
    if pages.refusal():
        return None
    return with_headers(make_response(pages.answer(home.show, pages.sandbox())))
