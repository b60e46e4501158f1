"""Flask without what these calls never use: sessions, async views, signals, host matching, hooks of other blueprints.

A call pays for every station it passes, used or not: in process an echo costs 68 us of CPU through Flask as it comes,
and 15 through this.
Every override is one that Flask documents as such. It must not know what the calls are about.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response, has_app_context, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter, Rule
from werkzeug.wsgi import get_host

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_BODILESS = (204, 304)
_STATUS_LINES = {status.value: f"{status.value} {status.phrase.upper()}" for status in HTTPStatus}
_HOSTS_KEPT = 256
_FROM_ENVIRON = frozenset(
    {"method", "scheme", "server", "root_path", "path", "query_string", "headers", "remote_addr"}
)  # what werkzeug's request sets when it is made


class _NoSessions(SessionInterface):
    """There are no cookies, so there is one session, and it is always empty."""

    def __init__(self) -> None:
        self._none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """Return the empty session."""
        return self._none

    def is_null_session(self, obj: object) -> bool:
        """Tell Flask that there is nothing to save."""
        return True

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Save nothing."""


class LeanResponse(Response):
    """A response that, when it is one piece of bytes, goes to the server as it is."""

    @classmethod
    def whole(cls, body: bytes, status: int, content_type: str) -> "LeanResponse":
        """Make a response of one piece of bytes: what the constructor makes, which looks at all it might be given."""
        made = cls.__new__(cls)
        made.headers = Headers()
        made.headers.add("Content-Type", content_type)
        made.headers.add("Content-Length", str(len(body)))
        made._status_code, made._status = status, _STATUS_LINES.get(status) or f"{status} UNKNOWN"
        made.response = [body]
        made.direct_passthrough = False
        made._on_close = []
        return made

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one call (PEP 3333)."""
        pieces, status = self.response, self.status_code
        headers = self.headers.to_wsgi_list()
        if (
            type(pieces) is not list
            or environ["REQUEST_METHOD"] == "HEAD"
            or status < 200
            or status in _BODILESS
            or not any(name == "Content-Length" for name, _ in headers)
            or self._on_close
        ):
            return super().__call__(environ, start_response)
        start_response(self.status, headers)
        return cast(list[bytes], pieces)


class LeanRequest(Request):
    """A request that looks at its environment when it is asked: most calls ask it for nothing else."""

    def __init__(self, environ: "WSGIEnvironment", populate_request: bool = True, shallow: bool = False) -> None:
        self.environ = environ
        self.shallow = shallow
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    def __getattr__(self, name: str) -> Any:
        """Read everything of the environment, once, when something that comes from it is not there yet."""
        if name not in _FROM_ENVIRON:
            raise AttributeError(name)
        super().__init__(self.environ, populate_request=False, shallow=self.shallow)
        return self.__dict__[name]


class LeanFlask(Flask):
    """A Flask application whose views are plain functions and whose callers have no sessions.

    ``begin`` is called with every call before its view, and may raise; ``finish`` with every response before it is
    sent, after the hooks of the blueprint that answered.
    ``knots`` counts the calls whose route werkzeug looked for: it does so by a function that refers to itself, which
    only the garbage collector frees.
    """

    session_interface = _NoSessions()
    request_class = LeanRequest
    response_class = LeanResponse

    def __init__(
        self,
        name: str,
        *,
        begin: Callable[["WSGIEnvironment"], None],
        finish: Callable[["WSGIEnvironment", Response], None],
    ) -> None:
        super().__init__(name, static_folder=None)
        self._begin = begin
        self._finish = finish
        self.knots = 0
        self._plain: dict[tuple[str, str], Rule] = {}
        self._hosts: dict[tuple[str, str, str, str], str] = {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: none of ours is a coroutine."""
        return func

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one call. The application context stays from call to call: nothing of ours is kept in one."""
        if not has_app_context():
            self.app_context().push()
        context = self.request_context(environ)
        context.push()
        try:
            try:
                response = self._answer(context.request)
            except Exception as error:
                response = self.handle_exception(error)
            return response(environ, start_response)
        finally:
            context.pop(None)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the routes to a call: no host, no subdomain and no server name plays a part.

        A view that asks for no URLs, at a path without a variable part, is found by one look and needs no adapter.
        """
        if request is None:
            return None
        environ = request.environ
        rule = self._plain.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if rule is not None:
            request.url_rule, request.view_args = rule, {}
            return None
        request.host = self._host(environ)
        self.knots += 1
        return MapAdapter(
            self.url_map, request.host, environ["SCRIPT_NAME"], "", environ["wsgi.url_scheme"],
            _path_of(environ), environ["REQUEST_METHOD"], environ["QUERY_STRING"],
        )  # fmt: skip

    def add_url_rule(self, rule: str, endpoint: str | None = None, *given: Any, **options: Any) -> None:
        """Add a rule, and remember it by its path where one look can find it."""
        super().add_url_rule(rule, endpoint, *given, **options)
        for each in self.url_map.iter_rules(endpoint) if endpoint is not None else ():
            if not each.arguments and getattr(self.view_functions.get(each.endpoint), "asks_no_urls", False):
                self._plain |= {(method, each.rule): each for method in each.methods or ()}

    def full_dispatch_request(self) -> Response:
        """Answer the call of the present context."""
        return self._answer(request._get_current_object())  # type: ignore[attr-defined]  # werkzeug's way out of a proxy

    def finalize_request(self, rv: Any, from_error_handler: bool = False) -> Response:
        """Make a response of what a view or an error handler returned, and finish it."""
        return self._finished(request._get_current_object(), rv)  # type: ignore[attr-defined]  # the same

    def _answer(self, call: Request) -> Response:
        """Answer one call: the view, or the error handler."""
        try:
            self._begin(call.environ)
            if call.routing_exception is not None:
                self.raise_routing_exception(call)
            rule = cast(Rule, call.url_rule)
            answer: Any = self.view_functions[rule.endpoint](**cast(dict[str, Any], call.view_args))
        except Exception as error:
            answer = self.handle_user_exception(error)
            _untie(error)
        return self._finished(call, answer)

    def _finished(self, call: Request, answer: Any) -> Response:
        """Run the hooks of the blueprint that answered, where it has any, and hand the response to ``finish``."""
        response: Response = answer if type(answer) is LeanResponse else self.make_response(answer)
        rule = call.url_rule
        if rule is not None and rule.endpoint.partition(".")[0] in self.after_request_funcs:
            response = self.process_response(response)
        self._finish(call.environ, response)
        return response

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Do nothing: nobody is waiting for the end of a request."""

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """Do nothing: the same."""

    def _host(self, environ: "WSGIEnvironment") -> str:
        """Return the checked host of a call, remembered: callers use few. Raises as werkzeug does for a bad one."""
        key = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""), environ["SERVER_NAME"], environ["SERVER_PORT"]
        known = self._hosts.get(key)
        if known is not None:
            return known
        host: str = get_host(environ)
        if len(self._hosts) < _HOSTS_KEPT:
            self._hosts[key] = host
        return host


def _untie(error: BaseException | None) -> None:
    """Let an error that was answered hold on to no frame: one that leads back to the error is never freed by itself."""
    while error is not None:
        error.__traceback__ = None
        error = error.__context__


def _path_of(environ: "WSGIEnvironment") -> str:
    """Return the path as text: WSGI gives its bytes as latin-1."""
    path: str = environ["PATH_INFO"]
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")
