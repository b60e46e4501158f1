"""The summary of a test run for build servers: JUnit XML, and the job summary of GitHub Actions."""

from collections.abc import Iterator
from pathlib import Path

from junitparser import Failure, JUnitXml, TestCase, TestSuite

from mockpos.domain.errors import BadInput
from mockpos.testing.summary import Summary

_MOST_ROWS = 30


def write_junit(summary: Summary, path: Path) -> None:
    """Write the audit as a test suite: a case for each sandbox with findings, or one that is clean. Raises BadInput."""
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
    return "\n".join([f"## mockpos: `{_plain(command)}`", "", *_audit(summary), "", *_coverage(summary), "",
                      *_timing(summary), ""])  # fmt: skip


def add_github_summary(text: str, path: Path) -> None:
    """Add to the file that GitHub Actions names in GITHUB_STEP_SUMMARY. Raises BadInput."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BadInput(f"GITHUB_STEP_SUMMARY {path}: cannot be written ({error.strerror or error})") from error


def _audit(summary: Summary) -> Iterator[str]:
    findings = summary.audit.findings
    if not findings:
        yield "**Audit**: clean, nothing was left behind."
        return
    yield f"**Audit**: {len(findings)} left behind."
    yield ""
    yield "| sandbox | finding | what happened |"
    yield "| --- | --- | --- |"
    for finding in findings[:_MOST_ROWS]:
        yield f"| {_plain(finding.sandbox or '')} | `{finding.kind}` | {_plain(finding.detail)} |"
    if len(findings) > _MOST_ROWS:
        yield f"| | | and {len(findings) - _MOST_ROWS} more |"


def _coverage(summary: Summary) -> Iterator[str]:
    yield f"**Coverage of codes**: {summary.coverage.summary()}, in {summary.calls:,} calls."
    missing = summary.coverage.missing
    if missing:
        yield ""
        yield f"<details><summary>{len(missing)} never met</summary>"
        yield ""
        yield ", ".join(f"{operation or 'any'} `{code}`" for operation, code in missing)
        yield ""
        yield "</details>"


def _timing(summary: Summary) -> Iterator[str]:
    yield "| operation | calls | average ms | p95 ms | slowest ms |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for operation in summary.timing["operations"]:
        if operation["count"]:
            shown = (operation[name] for name in ("average_ms", "p95_ms", "max_ms"))
            yield (
                f"| {operation['operation']} | {operation['count']:,} | "
                + " | ".join(f"{n:,.1f}" for n in shown)
                + " |"
            )
    if summary.slowest:
        yield ""
        yield "| slowest calls | answer | ms | sandbox |"
        yield "| --- | --- | ---: | --- |"
        for call in summary.slowest:
            yield (
                f"| {call['operation']} {call['request_id']} | `{call['code']}` | {call['duration_ms']:,.1f} "
                f"| {_plain(call['sandbox'])} |"
            )


def _plain(text: str) -> str:
    """Return a text that is nothing but text in a Markdown table: names come from callers."""
    safe = "".join(letter if letter.isprintable() else " " for letter in text)
    for letter in "\\`*_[]<>|":
        safe = safe.replace(letter, "\\" + letter)
    return safe
