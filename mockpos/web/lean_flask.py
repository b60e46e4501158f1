"""Flask without what these calls never use: sessions, async views, signals, host matching, hooks of other blueprints.

A call pays for every station it passes, used or not: an echo costs 68 us of CPU through Flask and 33 through this.
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


class _Routes(MapAdapter):
    """The routes as one call sees them. A path without a variable part is found by one look."""

    plain: dict[tuple[str, str], Rule]

    def match(self, *given: Any, **asked: Any) -> Any:
        """Return the rule and arguments of a call. Raises as ``MapAdapter.match``."""
        if not given and asked == {"return_rule": True}:
            rule = self.plain.get((self.default_method, self.path_info))
            if rule is not None:
                return rule, {}
        return super().match(*given, **asked)


class LeanFlask(Flask):
    """A Flask application whose views are plain functions and whose callers have no sessions.

    ``begin`` is called with every call before its view, and may raise; ``finish`` with every response before it is
    sent, after the hooks of the blueprint that answered.
    """

    session_interface = _NoSessions()
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
        """Bind the routes to a call: no host, no subdomain and no server name plays a part."""
        if request is None:
            return None
        environ = request.environ
        request.host = self._host(environ)
        routes = _Routes(
            self.url_map, request.host, environ["SCRIPT_NAME"], "", environ["wsgi.url_scheme"],
            _path_of(environ), environ["REQUEST_METHOD"], environ["QUERY_STRING"],
        )  # fmt: skip
        routes.plain = self._plain or self._plain_rules()
        return routes

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

    def _plain_rules(self) -> dict[tuple[str, str], Rule]:
        """Collect the rules without a variable part, by method and path, when the first call comes."""
        self._plain = {
            (method, rule.rule): rule
            for rule in self.url_map.iter_rules()
            for method in rule.methods or ()
            if not rule.arguments
        }
        return self._plain


def _path_of(environ: "WSGIEnvironment") -> str:
    """Return the path as text: WSGI gives its bytes as latin-1."""
    path: str = environ["PATH_INFO"]
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")
