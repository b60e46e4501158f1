"""What every page of the console has around it, and how a page is answered: headers, token, errors as HTML."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from flask import Response, make_response, render_template, request

from mockpos.domain.errors import MockMisuse
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console import drawing
from mockpos.web.console.access import Access
from mockpos.web.console.live import world_state

ROOT = "/_mock/console"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  # looked up, not bound
View = Callable[..., Response | str]


class Frame(NamedTuple):
    """What the page around the content needs to know."""

    base: str
    root: str
    sandbox: str
    sandboxes: list[str]
    scenario: str | None
    instance: str
    version: str
    now: int
    frozen: bool
    real_time: bool
    needs_token: bool
    query: str


class Pages:
    """Answers pages and fragments."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def render(self, sandbox: Sandbox, template: str, **more: Any) -> str:
        """Render a page or a fragment of one sandbox; a template of another room comes with its folder."""
        name = template if "/" in template else f"console/{template}"
        frame = self.frame(sandbox)
        more.setdefault("world_state", world_state(sandbox))
        return render_template(f"{name}.html", frame=frame, root=frame.root, f=drawing, **more)

    def frame(self, sandbox: Sandbox) -> Frame:
        """Describe a sandbox for the page around the content."""
        setting = sandbox.clock.setting
        return Frame(
            base=sandbox.base_path,
            root=sandbox.base_path + ROOT,
            sandbox=sandbox.name,
            sandboxes=sorted(each.name for each in self.access.mock.sandboxes),
            scenario=sandbox.selector.active.name if sandbox.selector.active else None,
            instance=sandbox.telemetry.server["instance"],
            version=sandbox.telemetry.server["version"],
            now=sandbox.clock.now(),
            frozen=setting.frozen_at is not None,
            real_time=setting.is_real,
            needs_token=self.access.needs_token,
            query=request.query_string.decode("latin-1"),
        )

    def own_url(self) -> str:
        """Return where this server listens, whatever name the browser knows it by."""
        host = self.access.mock.settings.host
        return f"http://{_EVERYWHERE.get(host, host)}:{request.environ['SERVER_PORT']}"

    def page(self, view: Callable[..., Response | str]) -> View:
        """Guard a view of a sandbox: without the token a page is an empty frame that asks for it."""

        @wraps(view)
        def guarded(**path: Any) -> Response | str:
            asks = request.method == "GET" and "HX-Request" not in request.headers
            if asks and self.access.needs_token and self.access.lacks_token():
                return render_template("console/token.html", f=drawing, root=request.script_root + ROOT)
            return view(self.access.sandbox(), **path)

        return guarded

    def refused(self, error: MockMisuse) -> Response:
        """Answer a refusal as HTML: a message in the page, or a page of its own."""
        template = "refused_partial" if "HX-Request" in request.headers else "refused"
        response = make_response(render_template(
            f"console/{template}.html", bad=error.detail, title=error.code, f=drawing, root=request.script_root + ROOT,
        ))  # fmt: skip
        response.status_code = MOCK_CODES[error.code].status
        return response


def with_headers(response: Response) -> Response:
    """Let a page load nothing from anywhere else, and keep nothing of it."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
