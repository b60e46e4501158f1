"""The id of the call being answered: the caller's own where it sent a usable one."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from mockpos.domain.identifiers import is_global_id

HEADER = "X-Request-Id"
_SLOT = "mockpos.request_id"


def assign_request_id(environ: dict[str, Any], new_request_id: Callable[[], str]) -> None:
    """Give a call its id."""
    own = environ.get("HTTP_X_REQUEST_ID", "")
    environ[_SLOT] = own if is_global_id(own) else new_request_id()


def id_of(environ: Mapping[str, Any]) -> str:
    """Return the id of a call."""
    return str(environ[_SLOT])


def request_id() -> str:
    """Return the id of the call being answered."""
    return id_of(request.environ)
