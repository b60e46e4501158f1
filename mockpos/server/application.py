"""What a server serves: a handler of requests, and what it is told besides."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockpos.server.parser import BODY_LIMIT
from mockpos.server.request import Reply, Request, whole
from mockpos.server.wsgi_lane import WsgiLane

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ErrorWriter = Callable[[int, str, str], Reply]
"""Words an error that the server makes, from its status, kind and message.

Kinds: ``malformed_request``, ``uri_too_long``, ``headers_too_large``, ``pos_unavailable`` (too many
connections), ``internal_error``. The answer's status may differ: the contract may say so.
"""

KINDS = {414: "uri_too_long", 431: "headers_too_large", 500: "internal_error", 503: "pos_unavailable"}

_log = logging.getLogger("mockpos.server")


def word(writer: ErrorWriter, status: int, message: str) -> Reply:
    """Return the answer to what the server refuses. Never raises."""
    kind = KINDS.get(status, "malformed_request")
    try:
        return writer(status, kind, message)
    except Exception:
        _log.exception("the error writer failed on %s", kind)
        headers = [("Content-Type", "application/problem+json")]
        return whole(500, headers, b'{"status":500,"code":"internal_error"}')


def plain_error(status: int, kind: str, message: str) -> Reply:
    """Word an error for an application that words none of its own."""
    return whole(status, [("Content-Type", "text/plain; charset=utf-8")], message.encode())


APPLICATION = "mockpos_application"
"""The attribute in which a WSGI application carries its own ``Application``, for our worker to find."""


def nothing() -> None:
    """Do nothing."""


def small_bodies(request: Request) -> int:
    """Allow ``BODY_LIMIT`` everywhere."""
    return BODY_LIMIT


@dataclass(slots=True, kw_only=True)
class Application:
    """A handler with its surroundings.

    ``handle`` runs in a greenlet of its own for each request. ``on_ready`` is called once, on the event loop, when
    connections are accepted; it may start tasks, which are cancelled before ``on_stop``. ``on_stopping`` is called
    again and again during a stop, with the number of calls under way; ``on_stop`` once after the last call, whatever
    happened.
    """

    handle: Callable[[Request], Reply]
    error_writer: ErrorWriter = plain_error
    body_limit: Callable[[Request], int] = small_bodies
    on_ready: Callable[[], None] = nothing
    on_stopping: Callable[[int], None] = lambda calls: None
    on_stop: Callable[[], None] = nothing


def application_of(app: "WSGIApplication") -> Application:
    """Return the application that a WSGI application carries, or one around it."""
    carried: Any = getattr(app, APPLICATION, None)
    if isinstance(carried, Application):
        return carried
    return Application(handle=WsgiLane(app))
