"""What every page of the console has around it, and how a page is answered: headers, token, errors as HTML."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, render_template, request

from mockpos.contract.model import Contract
from mockpos.domain.codes import MOCK_CODES
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.access import Access
from mockpos.web.console.live import Live, drawn
from mockpos.web.console.purchases import Purchases

ROOT = "/_mock/console"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  # looked up, not bound
Answer = Response | str
View = Callable[..., Answer]
"""Answers for a page or a button: called with the pages, the sandbox and the parts of the path."""


class Pages:
    """What the views of one server's console share."""

    def __init__(self, access: Access, contract: Contract) -> None:
        self.access = access
        self.contract = contract
        self.call = access.call
        self.live = Live(access.mock.monotonic)
        self.purchases = Purchases(contract)

    def render(self, sandbox: Sandbox, template: str, **more: Any) -> str:
        """Render a page or a fragment of one sandbox; a template of another room comes with its folder."""
        name = template if "/" in template else f"console/{template}"
        root = sandbox.base_path + ROOT
        return render_template(f"{name}.html", pages=self, sandbox=sandbox, root=root, drawn=drawn(), **more)

    def own_url(self) -> str:
        """Return where this server listens, whatever name the browser knows it by."""
        host = self.access.mock.settings.host
        return f"http://{_EVERYWHERE.get(host, host)}:{request.environ['SERVER_PORT']}"

    def page(self, view: View) -> View:
        """Guard a view of a sandbox: without the token a page is an empty frame that asks for it."""

        @wraps(view)
        def guarded(**path: Any) -> Answer:
            asks = request.method == "GET" and "HX-Request" not in request.headers
            if asks and self.access.lacks_token():
                return render_template("console/token.html", root=request.script_root + ROOT)
            return self.answer(view, self.access.sandbox(), **path)

        return guarded

    def answer(self, view: View, sandbox: Sandbox, **path: Any) -> Answer:
        """Let a view answer, and note before it looks which event was the newest: its stream goes on after that."""
        g.since = sandbox.telemetry.events.last
        return view(self, sandbox, **path)

    def viewed(self, view: View) -> Callable[[], Answer]:
        """Guard a view that a view link opens too."""
        return wraps(view)(lambda: self.answer(view, self.access.viewed()))

    def refused(self, error: MockMisuse) -> Response:
        """Answer a refusal as HTML: a message in the page, or a page of its own."""
        template = "refused_partial" if "HX-Request" in request.headers else "refused"
        told = {"bad": error.detail, "title": error.code, "root": request.script_root + ROOT}
        return make_response(render_template(f"console/{template}.html", **told), MOCK_CODES[error.code].status)


def with_headers(response: Response) -> Response:
    """Let a page load nothing from anywhere else, and keep nothing of it."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
