"""Adds up which codes all tests met, of all workers, and says so at the end of the session."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mockpos.control_client import ControlError
from mockpos.domain.errors import BadInput
from mockpos.testing.plugin.servers import Servers
from mockpos.testing.results import Coverage, write_coverage_page

_PAGE = "mockpos-coverage.html"


class CoverageReport:
    """A plugin of its own, where the session is controlled."""

    def __init__(self, kind: str | None, least: float | None, servers: Callable[[], Servers]) -> None:
        """Take the options: ``kind`` is lines, html, html:FILE or None. Raises UsageError for what cannot be meant."""
        self._of_tests = Coverage()
        self._whole: Coverage | None = None
        self._servers = servers
        self._least = least
        self._lines = kind is not None
        self._page = _page(kind)
        self._faults: list[str] = []
        if least is not None and not 0 <= least <= 100:
            raise pytest.UsageError(f"--mockpos-cov-fail-under {least:g}: it is a percentage, from 0 to 100")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what one test met."""
        document = getattr(report, "mockpos_coverage", None)
        if document is not None:
            self._of_tests.add(document)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the session when too little was met or the page cannot be written."""
        coverage = self._coverage
        fault = coverage.fault(self._least)
        if fault:
            self._faults.append(fault)
        if self._page is not None:
            try:
                write_coverage_page(coverage, self._page)
            except BadInput as error:
                self._faults.append(str(error))
        if self._faults and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Say it."""
        terminalreporter.section("mockpos coverage")
        terminalreporter.write_line(self._coverage.summary())
        if self._lines:
            for line in self._coverage.lines():
                terminalreporter.write_line(line)
        if self._page is not None and self._page.exists():
            terminalreporter.write_line(f"written to {self._page}")
        for fault in self._faults:
            terminalreporter.write_line(f"FAIL: {fault}", red=True, bold=True)

    @property
    def _coverage(self) -> Coverage:
        """Return what servers of this run alone say of it, else the sum of its tests.

        The servers know more: what a test did whose worker crashed, and sandboxes that tests made for themselves.
        """
        if self._whole is None:
            self._whole = self._of_servers() or self._of_tests
        return self._whole

    def _of_servers(self) -> Coverage | None:
        servers = self._servers()
        if not (servers.own and servers.made):
            return None
        coverage = Coverage()
        try:
            for server in servers.made:
                coverage.add(server.coverage())
        except ControlError:  # it ended under the tests, which say so
            return None
        return coverage


def _page(kind: str | None) -> Path | None:
    """Return where the page is to be written, if it is."""
    if kind is None or kind == "lines":
        return None
    form, _, file = kind.partition(":")
    if form != "html":
        raise pytest.UsageError(f"--mockpos-coverage {kind}: it takes html, html:FILE or lines, with a = before it")
    page = Path(file or _PAGE)
    if not page.absolute().parent.is_dir():
        raise pytest.UsageError(f"--mockpos-coverage={kind}: there is no folder {page.parent}")
    return page
