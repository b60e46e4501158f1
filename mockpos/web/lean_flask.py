"""Flask without what these calls never use: async views and sessions.

Flask asks about both several times a call, and every call pays for the answers.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface


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


class LeanFlask(Flask):
    """A Flask application whose views are plain functions and whose callers have no sessions."""

    session_interface = _NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: none of ours is a coroutine."""
        return func
