"""One product call on its way: what was asked, of which sandbox, and what is noted of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockpos.domain.catalogue import Operation
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.call_note import CallNote


@dataclass(frozen=True, slots=True)
class Call:
    """A call that passed the key and field checks. ``arguments`` go by our own names."""

    operation: Operation
    arguments: Mapping[str, Any]
    environ: Mapping[str, Any]
    sandbox: Sandbox
    note: CallNote

    def header(self, name: str) -> str | None:
        """Return a request header, by its name in any letter case."""
        variable = name.upper().replace("-", "_")
        prefix = "" if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_"
        return self.environ.get(prefix + variable)

    get = header
    """So that a call is what a scenario's facts look headers up in."""
