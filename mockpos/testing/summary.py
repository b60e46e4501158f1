"""What is left to say when a test run is over: what it left behind, which codes it met, how long its calls took.

For a terminal, and for build servers: JUnit XML, and the job summary of GitHub Actions. The action of the repository
runs ``python -m mockpos.testing.summary URL`` when a job is over.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput, MockposError
from mockpos.files import rendered
from mockpos.testing.results import Audit, Coverage
from mockpos.testing.server import Server

_MOST_FINDINGS = 20
_MOST_ROWS = 30


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
    lines = [f"audit: {counted(count, 'finding')}"]
    for finding in audit.findings[:_MOST_FINDINGS]:
        lines += [f"  ✗ {finding.kind} in sandbox {finding.sandbox}", f"    {finding.detail}"]
    if count > _MOST_FINDINGS:
        lines.append(f"  and {count - _MOST_FINDINGS} more")
    return lines


def write_junit(summary: Summary, path: Path) -> None:
    """Write the audit as a test suite: a case for each sandbox with findings, or one that is clean. Raises BadInput."""
    from junitparser import Failure, JUnitXml, TestCase, TestSuite  # loaded when it is asked for

    suite = TestSuite("mockpos audit")
    by_sandbox: dict[str, list[str]] = {}
    for finding in summary.audit.findings:
        by_sandbox.setdefault(finding.sandbox or "default", []).append(str(finding))
    for sandbox, findings in by_sandbox.items():
        case = TestCase(sandbox, "mockpos.audit")
        failure = Failure(f"{len(findings)} left behind")
        failure.text = "\n".join(findings)
        case.result = [failure]
        suite.add_testcase(case)
    if not by_sandbox:
        suite.add_testcase(TestCase("all sandboxes", "mockpos.audit"))
    suite.add_property("coverage", f"{summary.coverage.percentage:g}")
    suite.add_property("calls", str(summary.calls))
    suite.add_property("sandboxes", str(summary.sandboxes))
    xml = JUnitXml("mockpos")
    xml.add_testsuite(suite)
    try:
        xml.write(str(path), pretty=True)
    except OSError as error:
        raise BadInput(f"--junit {path}: cannot be written ({error.strerror or error})") from error


def github_summary(summary: Summary, command: str) -> str:
    """Return the summary as the Markdown of a GitHub job summary."""
    return rendered("mockpos.testing", "github.md", summary=summary, command=command, most=_MOST_ROWS, plain=_plain)


def add_github_summary(text: str, path: Path) -> None:
    """Add to the file that GitHub Actions names in GITHUB_STEP_SUMMARY. Raises BadInput."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BadInput(f"GITHUB_STEP_SUMMARY {path}: cannot be written ({error.strerror or error})") from error


def _plain(text: str) -> str:
    """Return a text that is nothing but text in a Markdown table: names come from callers."""
    safe = "".join(letter if letter.isprintable() else " " for letter in text)
    for letter in "\\`*_[]<>|":
        safe = safe.replace(letter, "\\" + letter)
    return safe


FOUND = 3
"""The exit status when something was left behind and ``--audit error`` was given."""


@click.command()
@click.argument("url")
@click.option("--audit", type=click.Choice(["off", "warn", "error"]), default="warn")
def command(url: str, audit: str) -> None:
    """Print what is to be said of a server's calls, and add it to the file that GITHUB_STEP_SUMMARY names."""
    try:
        server = Server(url, token=os.environ.get("MOCKPOS_CONTROL_TOKEN"))
        summary = summary_of(server)
        server.stop()
        for line in summary_lines(summary, audit=audit != "off"):
            click.echo(line)
        path = os.environ.get("GITHUB_STEP_SUMMARY")
        if path:
            add_github_summary(github_summary(summary, "mockpos serve"), Path(path))
    except MockposError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    sys.exit(FOUND if audit == "error" and not summary.audit.clean else 0)


if __name__ == "__main__":
    command()
