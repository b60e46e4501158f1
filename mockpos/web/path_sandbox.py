"""``/s/NAME/...``: choosing a sandbox by the path, for clients that can change only their base URL."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockpos.web.keys import PATH_SANDBOX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/s/"


class PathSandbox:
    """WSGI middleware that takes the prefix off the path and leaves the name where the views look for it."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one call."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(_PREFIX):
            name, slash, rest = path[len(_PREFIX) :].partition("/")
            environ[PATH_SANDBOX] = name
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + _PREFIX + name
            environ["PATH_INFO"] = slash + rest or "/"
        return self._app(environ, start_response)
