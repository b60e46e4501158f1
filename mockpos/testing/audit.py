"""What an audit found: what a client left behind, with the calls that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing left behind: its kind (``orphaned_hold``, ...), a sentence, and the ids of the calls that prove it."""

    kind: str
    global_id: str
    detail: str
    requests: tuple[str, ...]
    sandbox: str | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read what the control plane answers for one finding."""
        return cls(
            document["kind"],
            document["global_id"],
            document["detail"],
            tuple(document["requests"]),
            document.get("sandbox"),
        )

    def __str__(self) -> str:
        """Return kind and sentence, as a failed assertion shows them."""
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings of a sandbox, or of a server. ``unsafe`` says why something may be missing, if it may."""

    findings: list[Finding]
    unsafe: str | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read what the control plane answers."""
        return cls([Finding.read(finding) for finding in document["findings"]], document.get("unsafe"))

    @property
    def clean(self) -> bool:
        """True when nothing was left behind."""
        return not self.findings

    def __str__(self) -> str:
        """Return all findings, one a line."""
        return "\n".join(map(str, self.findings)) or "clean: nothing was left behind"
