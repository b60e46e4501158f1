"""One product call on its way: what was asked, of which sandbox, and what is noted of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockpos.domain.catalogue import Operation
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.call_note import CallNote


class Call(NamedTuple):
    """A call that passed the key and field checks. ``arguments`` go by our own names."""

    operation: Operation
    arguments: Mapping[str, Any]
    environ: Mapping[str, Any]
    sandbox: Sandbox
    note: CallNote

    def get(self, name: str) -> str | None:
        """Return a request header, by its name in any letter case: a scenario's facts look headers up in a call."""
        variable = name.upper().replace("-", "_")
        prefix = "" if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_"
        return self.environ.get(prefix + variable)
