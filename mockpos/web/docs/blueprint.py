"""The routes of the documentation. What stands on the pages is made in pages.py, loaded at the first request."""

import re
from collections.abc import Callable
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from mockpos.contract.model import Contract
from mockpos.scenario.selector import ScenarioSelector
from mockpos.services.quick_start import QuickStart
from mockpos.settings import DEFAULT_URL
from mockpos.web.control.guard import Guard

if TYPE_CHECKING:
    from mockpos.web.docs.pages import Pages

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",  # the icons in Swagger UI's style sheet
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",  # the search
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # ask each time, and get a 304 while nothing has changed
}

_HTML, _PLAIN, _JSON = "text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json"
PAGES = {"/docs/start": "landing", "/docs": "reference", "/docs/codes": "codes", "/docs/scenarios": "scenarios",
          "/docs/tests": "your_tests", "/docs/contracts": "contracts",
          "/docs/broker-files": "broker_files", "/docs/automator": "automator",
          "/docs/settings": "settings"}  # fmt: skip
SCHEMA_PATH = "/docs/scenarios/schema.json"
BASE_URL = "http://mockpos.invalid"
"""Stands on the pages for the address that they are asked for at."""

_PLAIN_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def docs_blueprint(
    contract: Contract,
    guard: Guard,
    selector: ScenarioSelector,
    quick_start: QuickStart,
    home: Callable[[], Response | None],
) -> Blueprint:
    """Return ``/``, the pages below ``/docs``, ``/openapi.json`` and the files they load.

    ``home`` may answer ``/`` instead, for those who may see more than documentation. What the pages hold and invoice
    is what ``quick_start`` finds in the inventory.
    """
    blueprint = Blueprint(
        "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static"
    )

    @cache
    def pages() -> "Pages":
        from mockpos.web.docs.pages import Pages

        return Pages(contract, guard, selector, quick_start)

    def page(name: str) -> Response:
        return _answer(pages(), pages().html(name), _HTML)

    def control() -> Response:
        if guard.needs_token(request.environ.get("REMOTE_ADDR") or ""):  # what it protects elsewhere, it protects here
            guard.check(request.environ)
        return page("control")

    def search() -> Response:
        return Response(pages().search(request.args.get("q", "").strip()[:100]), content_type=_HTML)

    def schema() -> Response:
        text = resources.files("mockpos.scenario").joinpath("schema.json").read_bytes()
        return fresh(Response(text, content_type=_JSON))

    views: dict[str, Callable[[], Response]] = {
        "/": lambda: home() or page("landing"),
        **{path: partial(page, name) for path, name in PAGES.items()},
        "/docs/control": control,
        "/docs/search": search,
        "/llms.txt": lambda: _answer(pages(), pages().text("llms"), _PLAIN),
        "/llms-full.txt": lambda: _answer(pages(), pages().text("llms-full"), _PLAIN),
        "/openapi.json": lambda: _answer(pages(), pages().openapi(), _JSON),
        SCHEMA_PATH: schema,
    }
    for path, view in views.items():
        blueprint.add_url_rule(path, endpoint=path.replace(".", "_"), view_func=view)
    blueprint.after_request(_with_headers)
    return blueprint


def _answer(pages: "Pages", text: str, content_type: str) -> Response:
    """Answer a page with what differs from call to call: the address that was asked, ids that nobody has used."""
    for word, value in {BASE_URL: base_url(), **pages.new_ids()}.items():
        text = text.replace(word, value)
    return fresh(Response(text, content_type=content_type))


def fresh(response: Response) -> Response:
    """Return an answer that is not sent again while it stays the same."""
    response.add_etag()
    response.make_conditional(request)
    return response


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def base_url() -> str:
    """Return the address this page was asked for at, for the commands on it; never anything a shell would act on."""
    host = request.host
    return f"{request.scheme}://{host}" if _PLAIN_HOST.fullmatch(host) else DEFAULT_URL
