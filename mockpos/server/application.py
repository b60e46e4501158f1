"""What a server serves: a handler of requests, and what it is told besides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockpos.server.parser import BODY_LIMIT
from mockpos.server.refusal import ErrorWriter
from mockpos.server.request import Reply, Request
from mockpos.server.wsgi_lane import WsgiLane

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

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
    error_writer: ErrorWriter
    body_limit: Callable[[Request], int] = small_bodies
    on_ready: Callable[[], None] = nothing
    on_stopping: Callable[[int], None] = lambda calls: None
    on_stop: Callable[[], None] = nothing


def application_of(app: "WSGIApplication", error_writer: ErrorWriter) -> Application:
    """Return the application that a WSGI application carries, or one around it."""
    carried: Any = getattr(app, APPLICATION, None)
    if isinstance(carried, Application):
        return carried
    return Application(handle=WsgiLane(app), error_writer=error_writer)
