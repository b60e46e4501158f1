"""What is noted of a call while it is served, for its line in the log and its record."""

from dataclasses import dataclass, field
from typing import Any

from flask import Response

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.plan import Plan
from mockpos.services.trace import Trace

NOTE = "mockpos.note"
"""Where a call's note stands in the WSGI environment."""


@dataclass(slots=True)
class CallNote:
    """One product call, or one that met no operation. Never holds an API key.

    ``sandbox`` is the one that was meant, as far as it is known: the default one until the key said otherwise.
    """

    sandbox: Sandbox
    operation: Operation | None = None
    body: bytes = b""
    arguments: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    replayed: bool = False
    plan: Plan | None = None
    trace: Trace = field(default_factory=Trace)
    delay_served_ms: float = 0.0
    cut: bool = False
    response: Response | None = None
    answered_at: Millis | None = None

    @property
    def about(self) -> str:
        """Return the call's arguments in a few words."""
        return " ".join(map(str, self.arguments.values()))

    @property
    def outcome(self) -> str:
        """Return what came of the call in a few words."""
        return f"{self.code} again" if self.replayed else self.code
