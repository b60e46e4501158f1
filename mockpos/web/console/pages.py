"""What the pages of the console share: who may see them, by the control plane's own guard, and how they are answered.

Beyond loopback a page without the token is an empty frame that asks for it.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Response, g, make_response, render_template, request

from mockpos.bootstrap import Mock
from mockpos.contract.model import Contract
from mockpos.domain.codes import MOCK_CODES
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.live import Live, drawn
from mockpos.web.console.purchases import Purchases
from mockpos.web.console.view_links import ViewLinks
from mockpos.web.control.blueprint import checked, sandbox_of, serve
from mockpos.web.control.calls import PREFIX
from mockpos.web.control.guard import Guard
from mockpos.web.control.table import CONTROL_CALLS
from mockpos.web.keys import KeyReader

ROOT = "/_mock/console"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  # looked up, not bound
_ASKS_FOR_TOKEN = ("mock_token_missing", "mock_token_invalid")
Answer = Response | str
View = Callable[..., Answer]
"""Answers for a page or a button: called with the pages, the sandbox and the parts of the path."""


class Pages:
    """What the views of one server's console share."""

    def __init__(self, mock: Mock, contract: Contract, keys: KeyReader, guard: Guard) -> None:
        self.mock = mock
        self.contract = contract
        self.links = ViewLinks()
        self.live = Live(mock.monotonic)
        self.purchases = Purchases(contract)
        self._keys = keys
        self._guard = guard
        self._calls = {(call.method, call.path): call for call in CONTROL_CALLS}

    @property
    def needs_token(self) -> bool:
        """Whether the control plane asks for a token."""
        return self._guard.needs_token(request.environ.get("REMOTE_ADDR") or "")

    def sandbox(self) -> Sandbox:
        """Return the sandbox of this request. Raises MockMisuse for who may not use the control plane."""
        self._guard.check(request.environ)
        return sandbox_of(self.mock, self._keys, self._guard)

    def refusal(self) -> MockMisuse | None:
        """Return why who asks may not use the control plane; None for who may."""
        try:
            self._guard.check(request.environ)
        except MockMisuse as refused:
            return refused
        return None

    def viewed(self) -> Sandbox:
        """Return the sandbox that a view link opens, or that who asks may control. Raises MockMisuse."""
        token = request.args.get("t", "")
        name = self.links.sandbox(token) if token else None
        if name is None:
            if token and self.refusal():
                raise MockMisuse("mock_token_invalid", "This view link was revoked, or is of an earlier run.")
            return self.sandbox()
        found = self.mock.sandboxes.get(name)
        if found is None:
            raise MockMisuse("mock_unknown_sandbox", "The sandbox of this view link is gone.")
        return found

    def call(self, sandbox: Sandbox, method: str, path: str, /, **asked: Any) -> Mapping[str, Any]:
        """Make a control call as a client would: same checks, same function, same refusals (MockMisuse).

        ``body`` and ``query`` are mappings, whatever else is given are the parts of the path.
        """
        call = self._calls[method, path]
        body, query = asked.pop("body", {}), asked.pop("query", {})
        body = checked(call.body(), body, "body") if call.body else {}
        query = checked(call.query(), query, "query") if call.query else {}
        answer = serve(call, self.mock, sandbox, body, query, asked)
        if not isinstance(answer, Mapping):
            raise TypeError(f"{method} {PREFIX}{path} answers no JSON")
        return answer

    def render(self, sandbox: Sandbox, template: str, **more: Any) -> str:
        """Render a page or a fragment of one sandbox; a template of another room comes with its folder."""
        name = template if "/" in template else f"console/{template}"
        root = sandbox.base_path + ROOT
        return render_template(f"{name}.html", pages=self, sandbox=sandbox, root=root, drawn=drawn(), **more)

    def own_url(self) -> str:
        """Return where this server listens, whatever name the browser knows it by."""
        host = self.mock.settings.host
        return f"http://{_EVERYWHERE.get(host, host)}:{request.environ['SERVER_PORT']}"

    def answer(self, view: View, sandbox: Sandbox, **path: Any) -> Answer:
        """Let a view answer, and note before it looks which event was the newest: its stream goes on after that."""
        g.since = sandbox.telemetry.events.last
        return view(self, sandbox, **path)

    def guard(self, view: View, find: Callable[[], Sandbox] | None = None) -> View:
        """Let a view answer about the sandbox that ``find`` returns, for who may see it: the request's own."""
        find = find or self.sandbox
        return wraps(view)(lambda **path: self.answer(view, find(), **path))

    def refused(self, error: MockMisuse) -> Response:
        """Answer a refusal as HTML: a message in the page, a page of its own, or one that asks for the token."""
        root = request.script_root + ROOT
        if "HX-Request" in request.headers:
            page = str(drawn().toast(error.detail, root, bad=True))
        elif request.method == "GET" and error.code in _ASKS_FOR_TOKEN and "t" not in request.args:
            return make_response(render_template("console/token.html", root=root))
        else:
            page = render_template("console/refused.html", bad=error.detail, title=error.code, root=root)
        return make_response(page, MOCK_CODES[error.code].status)


def with_headers(response: Response) -> Response:
    """Let a page load nothing from anywhere else, and keep nothing of it."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
