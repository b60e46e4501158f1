"""``/docs/control``: the page of the control plane, open where that is open, and behind the same token elsewhere."""

from functools import cached_property

from flask import Blueprint, Response, render_template, request

from mockpos.contract.model import Contract
from mockpos.web.control.guard import TOKEN_HEADER, Guard
from mockpos.web.docs.blueprint import _with_headers, base_url
from mockpos.web.docs.markup import code_spans, highlighted
from mockpos.web.docs.pages import BASE_URL

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
        from mockpos.web.control.openapi_answers import errors_of
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
