"""Adds up which codes all tests met, of all workers, and says so at the end of the session."""

from pathlib import Path

import pytest

from mockpos.testing.coverage import Coverage
from mockpos.testing.coverage_page import write_coverage_page


class CoverageReport:
    """A plugin of its own, where the session is controlled. ``kind`` is lines, html or html:FILE, or None."""

    def __init__(self, kind: str | None, least: float | None, default_page: str) -> None:
        self._coverage = Coverage()
        self._least = least
        self._lines = kind is not None
        self._page = None
        if kind is not None and kind.startswith("html"):
            self._page = Path(kind.partition(":")[2] or default_page)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what one test met."""
        document = getattr(report, "mockpos_coverage", None)
        if document is not None:
            self._coverage.add(document)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the session when too little was met, and write the page."""
        if self._coverage.fault(self._least) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._page is not None:
            write_coverage_page(self._coverage, self._page)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say it."""
        terminalreporter.section("mockpos coverage")
        terminalreporter.write_line(self._coverage.summary())
        if self._lines:
            for line in self._coverage.lines():
                terminalreporter.write_line(line)
        if self._page is not None:
            terminalreporter.write_line(f"written to {self._page}")
        fault = self._coverage.fault(self._least)
        if fault:
            terminalreporter.write_line(f"FAIL: {fault}", red=True, bold=True)
