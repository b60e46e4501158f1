"""What is noted of a call while it is served, for its line in the log and its record."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Response

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.plan import Plan
from mockpos.services.trace import Trace

NOTE = "mockpos.note"
"""Where a call's note stands in the WSGI environment."""


class CallNote:
    """One product call, or one that met no operation. Never holds an API key.

    ``sandbox`` is the one that was meant, as far as it is known: the default one until the key said otherwise.
    What stands here is what is so until something is noted: every call makes a note, and few note everything.
    """

    body: bytes = b""
    arguments: Mapping[str, Any] = MappingProxyType({})
    code: str = ""
    replayed: bool = False
    plan: Plan | None = None
    delay_served_ms: float = 0.0
    cut: bool = False
    response: Response | None = None
    answered_at: Millis | None = None

    def __init__(self, sandbox: Sandbox, operation: Operation | None = None) -> None:
        self.sandbox = sandbox
        self.operation = operation
        self.trace = Trace()

    @property
    def about(self) -> str:
        """Return the call's arguments in a few words."""
        return " ".join(map(str, self.arguments.values()))

    @property
    def outcome(self) -> str:
        """Return what came of the call in a few words."""
        return f"{self.code} again" if self.replayed else self.code
