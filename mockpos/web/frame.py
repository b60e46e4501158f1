"""What frames every call, whatever answers it: its id, the sandbox its path names, its line in the log, its record.

WSGI middleware around the application, because a call is over only when its answer was sent. It must not know what
the calls are about.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Response, request
from werkzeug.exceptions import NotFound

from mockpos.bootstrap import Mock
from mockpos.domain.errors import MockMisuse
from mockpos.web.call_log import CallLog
from mockpos.web.call_note import NOTE, CallNote
from mockpos.web.keys import PATH_SANDBOX
from mockpos.web.recording import Recorder
from mockpos.web.request_ids import HEADER, assign_request_id, id_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/s/"
_STARTED = "mockpos.started"


class Frame:
    """Begins and ends the calls of one application."""

    def __init__(self, mock: Mock, recorder: Recorder, call_log: CallLog | None) -> None:
        self._mock = mock
        self._recorder = recorder
        self._call_log = call_log
        self._metrics = mock.metrics
        self._app: WSGIApplication

    def around(self, app: "WSGIApplication") -> "Frame":
        """Return itself, around an application."""
        self._app = app
        return self

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one call. Its end is the ``close`` of what is returned (PEP 3333)."""
        environ[_STARTED] = self._mock.monotonic()
        assign_request_id(environ, self._mock.new_request_id)
        if environ["PATH_INFO"].startswith(_PREFIX):
            _take_prefix_off(environ)
        self._metrics.began()
        try:
            return _Framed(self._app(environ, start_response), environ, self.ended)
        except BaseException:
            self._metrics.ended()
            raise

    def check_path(self, environ: "WSGIEnvironment") -> None:
        """Raise for a path that werkzeug would take for another one, or that names no sandbox."""
        if environ["PATH_INFO"].startswith("//") or _has_encoded_slash(environ.get("RAW_URI", "")):
            raise NotFound  # werkzeug would take either for a plain slash
        name = environ.get(PATH_SANDBOX)
        if name is not None and self._mock.sandboxes.get(name) is None:
            raise MockMisuse("mock_unknown_sandbox", 404, f"There is no sandbox called {name[:80]!r}.")

    def answered(self, environ: dict[str, Any], response: Response) -> None:
        """Finish a response before it is sent, and print the call's line."""
        note: CallNote | None = environ.get(NOTE)
        if note is not None and note.cut:
            response.headers[HEADER] = id_of(environ)  # a broken answer was sent already, with its id
        else:
            response.headers.add(HEADER, id_of(environ))
        if note is not None:
            note.response, note.answered_at = response, note.sandbox.clock.now()
        if self._call_log is not None:
            seconds = self._mock.monotonic() - environ[_STARTED]
            if note is None:
                self._call_log.other(request.method, request.path, response.status_code, seconds)
            elif note.operation is None:
                self._call_log.call(note, request.method, request.path, response.status_code, seconds)
            else:  # its line names the operation: the request need not be read for that
                self._call_log.call(note, "", "", response.status_code, seconds)

    def ended(self, environ: dict[str, Any]) -> None:
        """Record a call once the server is done with its answer."""
        self._metrics.ended()
        note: CallNote | None = environ.get(NOTE)
        if note is not None and note.response is not None:
            self._recorder.record(environ, note, note.response, environ[_STARTED])


class _Framed:
    """The chunks of an answer, and what to do when they were sent."""

    __slots__ = ("_chunks", "_ended", "_environ")

    def __init__(
        self, chunks: Iterable[bytes], environ: dict[str, Any], ended: Callable[[dict[str, Any]], None]
    ) -> None:
        self._chunks = chunks
        self._environ = environ
        self._ended = ended

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        """End the call."""
        try:
            close = getattr(self._chunks, "close", None)
            if close is not None:
                close()
        finally:
            self._ended(self._environ)


def _take_prefix_off(environ: "WSGIEnvironment") -> None:
    """Take ``/s/NAME`` off the path, for clients that can change only their base URL; leave the name for the views."""
    name, slash, rest = environ["PATH_INFO"][len(_PREFIX) :].partition("/")
    environ[PATH_SANDBOX] = name
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + _PREFIX + name
    environ["PATH_INFO"] = slash + rest or "/"


def _has_encoded_slash(target: str) -> bool:
    return "%2" in target and "%2f" in target.partition("?")[0].lower()
