"""The routes of the documentation. What stands on the pages is made in pages.py, at the first request."""

import re
from collections.abc import Callable
from functools import cached_property, partial
from importlib import resources

from flask import Blueprint, Response, render_template, request

from mockpos.contract.model import Contract
from mockpos.scenario.selector import ScenarioSelector
from mockpos.services.quick_start import QuickStart
from mockpos.web.control.guard import TOKEN_HEADER, Guard
from mockpos.web.docs.pages import BASE_URL, SCHEMA_PATH, Pages
from mockpos.web.docs.reference import code_spans, highlighted

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

_HTML = "text/html; charset=utf-8"
PAGES = {"/docs/start": "landing", "/docs": "reference", "/docs/codes": "codes", "/docs/scenarios": "scenarios",
          "/docs/tests": "your_tests", "/docs/contracts": "contracts",
          "/docs/broker-files": "broker_files", "/docs/automator": "automator",
          "/docs/settings": "settings"}  # fmt: skip
_TEXTS = {"/llms.txt": "llms", "/llms-full.txt": "llms-full"}
_PLAIN_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def docs_blueprint(
    contract: Contract,
    api_key: str | None = None,
    selector: ScenarioSelector | None = None,
    quick_start: QuickStart | None = None,
    home: Callable[[], Response | None] = lambda: None,
) -> Blueprint:
    """Return ``/``, the pages below ``/docs``, ``/openapi.json`` and the files they load.

    ``home`` may answer ``/`` instead, for those who may see more than documentation.

    ``api_key`` is the key that the pages fill in and show; without it the one of a mock started without settings.
    The page of scenarios lists what ``selector`` knows; without one, what mockpos ships. What the pages hold and
    invoice is what ``quick_start`` finds in the inventory.
    """
    blueprint = Blueprint(
        "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static"
    )
    pages = Pages(contract, api_key, selector, quick_start)
    blueprint.add_url_rule("/", endpoint="home", view_func=lambda: home() or _page(pages, "landing"), methods=["GET"])
    for path, name in PAGES.items():
        blueprint.add_url_rule(path, endpoint=name, view_func=partial(_page, pages, name), methods=["GET"])
    blueprint.add_url_rule("/docs/search", endpoint="search", view_func=partial(_search, pages), methods=["GET"])
    for path, name in _TEXTS.items():
        blueprint.add_url_rule(path, endpoint=name, view_func=partial(_text, pages, name), methods=["GET"])
    blueprint.add_url_rule("/openapi.json", endpoint="openapi", view_func=partial(_document, pages), methods=["GET"])
    blueprint.add_url_rule(SCHEMA_PATH, endpoint="schema", view_func=_schema, methods=["GET"])
    blueprint.after_request(_with_headers)
    return blueprint


def _page(pages: Pages, name: str) -> Response:
    html = pages.html(name).replace(BASE_URL, base_url())
    return _fresh(Response(_with_new_ids(html, pages), content_type=_HTML))


def _search(pages: Pages) -> Response:
    return Response(pages.search(request.args.get("q", "").strip()[:100]), content_type=_HTML)


def _text(pages: Pages, name: str) -> Response:
    text = pages.text(name).replace(BASE_URL, base_url())
    return _fresh(Response(_with_new_ids(text, pages), content_type="text/plain; charset=utf-8"))


def _document(pages: Pages) -> Response:
    text = pages.openapi().replace(BASE_URL, base_url())
    return _fresh(Response(_with_new_ids(text, pages), content_type="application/json"))


def _with_new_ids(text: str, pages: Pages) -> str:
    for word, new_id in pages.new_ids().items():
        text = text.replace(word, new_id)
    return text


def _schema() -> Response:
    text = resources.files("mockpos.scenario").joinpath("schema.json").read_bytes()
    return _fresh(Response(text, content_type="application/json"))


def _fresh(response: Response) -> Response:
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
    return f"{request.scheme}://{host}" if _PLAIN_HOST.fullmatch(host) else "http://127.0.0.1:8000"


PATH = "/docs/control"


class _ControlPage:
    """Made when it is first asked for."""

    def __init__(self, contract: Contract, guard: Guard) -> None:
        self._contract = contract
        self._guard = guard

    def __call__(self) -> Response:
        """Answer the page; what the token protects elsewhere, it protects here."""
        if self._guard.needs_token(request.environ.get("REMOTE_ADDR") or ""):
            self._guard.check(request.environ)
        response = Response(self._html.replace(BASE_URL, base_url()), content_type="text/html; charset=utf-8")
        response.add_etag()
        response.make_conditional(request)
        return response

    @cached_property
    def _html(self) -> str:
        from mockpos.web.control.openapi import errors_of
        from mockpos.web.control.table import CONTROL_CALLS
        from mockpos.web.docs.control import control_reference

        found = control_reference(CONTROL_CALLS, self._contract.key, BASE_URL, needs_token=self._guard.always_asks)
        told = dict.fromkeys(code for call in CONTROL_CALLS for code in errors_of(call))
        return render_template(
            "docs/control.html",
            reference={"contract": self._contract},
            control=found,
            token_header=TOKEN_HEADER,
            key_header=self._contract.key.header,
            mock_codes=sorted(told, key=lambda code: code.status),
            code_spans=code_spans,
            highlighted=highlighted,
        )


def control_page_blueprint(contract: Contract, guard: Guard) -> Blueprint:
    """Return the route of the page."""
    blueprint = Blueprint("control_docs", __name__)
    blueprint.add_url_rule(
        PATH, endpoint="page", view_func=_ControlPage(contract, guard), methods=["GET"],
        provide_automatic_options=False,
    )  # fmt: skip
    blueprint.after_request(_with_headers)
    blueprint.record_once(lambda state: state.app.jinja_env.globals.update(has_control_page=True))  # links to it
    return blueprint
