"""The routes of the console."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import Blueprint, Flask, Response, make_response
from flask.sansio.app import App

from mockpos.bootstrap import Mock
from mockpos.contract.model import Contract
from mockpos.domain.errors import MockMisuse
from mockpos.web.console.access import Access
from mockpos.web.console.actions import Actions
from mockpos.web.console.buying import Buying
from mockpos.web.console.controls import Controls
from mockpos.web.console.home import Home
from mockpos.web.console.live import Live
from mockpos.web.console.lives import Lives
from mockpos.web.console.numbers import Numbers
from mockpos.web.console.one_call import OneCall
from mockpos.web.console.pages import ROOT, Pages, View, with_headers
from mockpos.web.console.show import Show
from mockpos.web.console.timeline import Timeline
from mockpos.web.control.guard import Guard
from mockpos.web.keys import KeyReader

_EXTENSION = "mockpos-console"


class ConsoleRoutes(NamedTuple):
    """The console of one server. ``home`` answers ``/`` for who may see the console, and nobody else."""

    blueprint: Blueprint
    home: Callable[[], Response | None]
    show: Show
    pages: Pages


def console_of(app: Flask) -> ConsoleRoutes:
    """Return the console of an application, for what is built around it."""
    console: ConsoleRoutes = app.extensions[_EXTENSION]
    return console


def make_console(mock: Mock, contract: Contract, keys: KeyReader, guard: Guard) -> ConsoleRoutes:
    """Return the pages below ``/_mock/console``, the files they load, and the first page."""
    access = Access(mock, keys, guard)
    pages = Pages(access)
    live = Live(mock.monotonic, lambda: show.caption.html())
    show = Show(pages, live)
    blueprint = Blueprint(
        "console", __name__, template_folder="templates", static_folder="static", static_url_path="/static",
        url_prefix=ROOT,
    )  # fmt: skip
    home = Home(pages, live)
    for (method, path), view in _views(pages, live, home, contract).items():
        blueprint.add_url_rule(
            path, endpoint=f"{method} {path}".replace(".", "_"), view_func=pages.page(view), methods=[method],
            provide_automatic_options=False,
        )  # fmt: skip
    for path, shown in (("/show", show.page), ("/show/stream", show.stream)):  # a view link opens them too
        blueprint.add_url_rule(path, path[1:], view_func=shown, methods=["GET"], provide_automatic_options=False)
    blueprint.register_error_handler(MockMisuse, pages.refused)
    blueprint.after_request(with_headers)
    console = ConsoleRoutes(blueprint, lambda: _first_page(access, home), show, pages)
    blueprint.record_once(lambda state: _register(state.app, console))
    return console


def _register(app: App, console: ConsoleRoutes) -> None:
    app.extensions[_EXTENSION] = console
    app.jinja_env.globals["has_console"] = True  # the documentation links to it


def _views(pages: Pages, live: Live, home: Home, contract: Contract) -> Mapping[tuple[str, str], View]:
    buying, lives, actions = Buying(pages, live, contract), Lives(pages, live), Actions(pages)
    timeline, one_call, numbers, controls = (
        Timeline(pages),
        OneCall(pages, contract),
        Numbers(pages, live),
        Controls(pages),
    )
    return {
        ("GET", "/"): home.show,
        ("GET", "/stream"): home.stream,
        ("GET", "/listing"): lives.show,
        ("GET", "/listing/menu"): lives.menu,
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


def _first_page(access: Access, home: Home) -> Response | None:
    """Answer ``/``; None for who may not use the control plane."""
    if not access.is_open():
        return None
    return with_headers(make_response(home.show(access.sandbox())))
