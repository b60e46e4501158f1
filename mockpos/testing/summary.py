"""What is left to say when a test run is over: what it left behind, which codes it met, how long its calls took."""

from dataclasses import dataclass
from typing import Any

from mockpos.testing.audit import Audit
from mockpos.testing.coverage import Coverage
from mockpos.testing.server import Server

_MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """Of all sandboxes of a server together, those that were dropped included. ``timing`` is what /timing answers."""

    audit: Audit
    coverage: Coverage
    timing: dict[str, Any]
    sandboxes: int

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return sum(operation["count"] for operation in self.timing["operations"])

    @property
    def slowest(self) -> list[dict[str, Any]]:
        """Return the slowest calls, the slowest first, where the server tells them."""
        return list(self.timing.get("slowest", []))


def summary_of(server: Server) -> Summary:
    """Ask a server. Raises ControlError when it does not answer."""
    document = server.coverage()
    coverage = Coverage()
    coverage.add(document)
    counted = document["sandboxes"]
    return Summary(server.audit(), coverage, server.timing(), counted["live"] + counted["dropped"])


def summary_lines(summary: Summary, *, audit: bool = True) -> list[str]:
    """Write it for a terminal, at most some thirty lines."""
    lines = _audit_lines(summary.audit) if audit else []
    lines.append(f"coverage: {summary.coverage.summary()}")
    if summary.calls:
        lines += [f"  {line}" for line in summary.coverage.lines()]
    else:
        lines.append("  no call came: does the command use $MOCKPOS_URL and $MOCKPOS_API_KEY?")
    return lines


def _audit_lines(audit: Audit) -> list[str]:
    if audit.clean:
        return ["audit: clean, nothing was left behind"]
    count = len(audit.findings)
    lines = [f"audit: {count} {'finding' if count == 1 else 'findings'}"]
    for finding in audit.findings[:_MOST_FINDINGS]:
        lines += [f"  ✗ {finding.kind} in sandbox {finding.sandbox}", f"    {finding.detail}"]
    if count > _MOST_FINDINGS:
        lines.append(f"  and {count - _MOST_FINDINGS} more")
    return lines
