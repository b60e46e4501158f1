"""mockpos in somebody's tests: a server for as long as they run, and a sandbox, a whole world, for each of them.

    from mockpos.testing import serve

    with serve(hold_ttl="30s") as server, server.sandbox(scenario="lost-answers") as sandbox:
        my_checkout(sandbox.url, sandbox.api_key).buy("TG-1042", 2)
        assert sandbox.audit().findings == []

Usable from unittest, a script or a notebook; the pytest plugin is built on it. It knows mockpos from outside only: the
command line and HTTP. What stands here is loaded when it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockpos.control_client import ControlError
    from mockpos.testing.results import Audit, Finding
    from mockpos.testing.sandbox import Sandbox
    from mockpos.testing.server import Server, connect, serve

__all__ = ["Audit", "ControlError", "Finding", "Sandbox", "Server", "connect", "serve"]

_HOMES = {
    "Audit": "mockpos.testing.results",
    "ControlError": "mockpos.control_client",
    "Finding": "mockpos.testing.results",
    "Sandbox": "mockpos.testing.sandbox",
    "Server": "mockpos.testing.server",
    "connect": "mockpos.testing.server",
    "serve": "mockpos.testing.server",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
