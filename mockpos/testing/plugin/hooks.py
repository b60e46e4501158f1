"""What pytest calls: options, the marker, the fixtures ``mockpos_server`` and ``mockpos``, reports and coverage."""

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockpos.testing.plugin.servers import Servers
    from mockpos.testing.sandbox import Sandbox
    from mockpos.testing.server import Server

_SANDBOX = pytest.StashKey["Sandbox"]()
_FAILED = pytest.StashKey[bool]()
_SERVERS = pytest.StashKey["Servers"]()
_ADDRESS = "mockpos_servers"
_MARKER = (
    'mockpos(scenario=None, fixture=None, freeze=None, seed=None, audit="warn"): what the sandbox of the fixture '
    "`mockpos` begins with, and what becomes of a test that leaves something behind: off, warn or error"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; all of them have to do with the fixture ``mockpos``."""
    group = parser.getgroup("mockpos", "mockpos: a mock automator, a sandbox for each test")
    group.addoption(
        "--mockpos-url", metavar="URL", help="use a server that runs already  [MOCKPOS_URL, MOCKPOS_CONTROL_TOKEN]"
    )
    group.addoption(
        "--mockpos-audit",
        choices=("off", "warn", "error"),
        help="what becomes of a test that leaves something behind; default: warn, or mockpos_audit in the ini file",
    )
    group.addoption(
        "--mockpos-coverage",
        nargs="?",
        const="lines",
        metavar="html",
        help="say which response codes the tests met; html or html:FILE writes a page (mockpos-coverage.html)",
    )
    group.addoption(
        "--mockpos-cov-fail-under", metavar="N", type=float, help="fail when the tests met less than N %% of the codes"
    )
    parser.addini(
        "mockpos_audit", "off, warn or error: what becomes of a test that leaves something behind", default=""
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse options that cannot be meant."""
    config.addinivalue_line("markers", _MARKER)
    mode = config.getini("mockpos_audit")
    if mode not in ("", "off", "warn", "error"):
        raise pytest.UsageError(f"mockpos_audit = {mode}: it is off, warn or error")
    if _wants_coverage(config) and not hasattr(config, "workerinput"):
        from mockpos.testing.plugin.coverage_report import CoverageReport

        kind, least = config.getoption("mockpos_coverage"), config.getoption("mockpos_cov_fail_under")
        config.pluginmanager.register(CoverageReport(kind, least, lambda: _servers(config)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist whom to ask for the server that all workers share."""
    if not _given_url(node.config):
        node.workerinput[_ADDRESS] = _servers(node.config).address


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop the sandbox of a test that was interrupted."""
    for item in getattr(session, "items", ()):  # none at all with an older pytest's controller
        if _SANDBOX in item.stash:
            item.stash[_SANDBOX].drop()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    servers = config.stash.get(_SERVERS, None)
    if servers is not None:
        servers.close()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    """Check the marks of what was collected: a wrong one is an error of its file, and nothing runs."""
    report = yield
    marked = [
        node
        for node in report.result
        if isinstance(node, pytest.Item) and node.get_closest_marker("mockpos") is not None
    ]
    if marked:
        from mockpos.testing.plugin.one_test import faults_of

        faults = [fault for item in marked for fault in faults_of(item)]
        if faults:
            report.outcome, report.longrepr, report.result = "failed", "\n".join(faults), []
    return report


@pytest.fixture(scope="session")
def mockpos_settings() -> dict[str, object]:
    """Return the settings of the server; override it: ``return {"hold_ttl": "30s", "scenarios": ["mine"]}``."""
    return {}


@pytest.fixture(scope="session")
def mockpos_server(request: pytest.FixtureRequest, mockpos_settings: dict[str, object]) -> "Server":
    """Start one mockpos server for all tests of all workers; it is gone when the run is over."""
    return _server(request.config, mockpos_settings)


@pytest.fixture
def mockpos(
    request: pytest.FixtureRequest, mockpos_server: "Server", mockpos_settings: dict[str, object]
) -> "Iterator[Sandbox]":
    """Make a sandbox of this test's own: point the client at ``mockpos.url`` with ``mockpos.api_key``."""
    from mockpos.domain.errors import MockposError
    from mockpos.testing.plugin.one_test import fixtures_are_over, sandbox_for, wanted_by

    item = request.node
    server = mockpos_server
    if server in _servers(request.config).made:  # pytest makes it once, by the settings of the first test that asks
        server = _server(request.config, mockpos_settings)
    try:
        sandbox = sandbox_for(item.nodeid, server, wanted_by(item))
    except MockposError as error:
        raise _failed(error) from None
    item.stash[_SANDBOX], item.stash[_FAILED] = sandbox, False
    yield sandbox
    fixtures_are_over(item, sandbox)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: "pytest.FixtureDef[Any]", request: pytest.FixtureRequest) -> None:
    """Note which fixtures of a test use its sandbox."""
    if request.scope == "function" and "mockpos.testing.plugin.one_test" in sys.modules:
        from mockpos.testing.plugin.one_test import note_fixture

        note_fixture(request.node, fixturedef.argname, fixturedef.argnames, fixturedef.func)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Look at what a test that passed left behind."""
    yield
    if _SANDBOX in item.stash:
        from mockpos.testing.plugin.one_test import function_passed

        function_passed(item, item.stash[_SANDBOX])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a failed test show its calls, and every test hand on which codes it met; then its sandbox goes."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        _show_calls(item, report)
    if report.when == "teardown" and _SANDBOX in item.stash:
        sandbox = item.stash[_SANDBOX]
        del item.stash[_SANDBOX]
        if _wants_coverage(item.config):
            from mockpos.control_client import ControlError

            with suppress(ControlError):  # of a server that is gone; the tests have said so
                report.mockpos_coverage = sandbox.coverage()
        if not (item.stash[_FAILED] and _given_url(item.config)):  # one to look at is left where it can be
            sandbox.drop()
    return report


def _show_calls(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what was done in the sandboxes of a failed test: its own, and those that fixtures of others made."""
    if "mockpos.testing.sandbox" not in sys.modules:
        return
    from mockpos.testing.plugin.one_test import failure_report
    from mockpos.testing.sandbox import Sandbox

    used = [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Sandbox)]
    if _SANDBOX in item.stash:
        used.append(item.stash[_SANDBOX])
    for sandbox in {sandbox.name: sandbox for sandbox in used}.values():
        stays = bool(_given_url(item.config))
        report.sections.append((f"mockpos {sandbox.name}", failure_report(sandbox, stays=stays)))


def _servers(config: pytest.Config) -> "Servers":
    """Return the servers of this process of the test run."""
    if _SERVERS not in config.stash:
        from mockpos.testing.plugin.servers import asking, running, starting

        url, address = _given_url(config), getattr(config, "workerinput", {}).get(_ADDRESS)
        if url:
            config.stash[_SERVERS] = running(url, os.environ.get("MOCKPOS_CONTROL_TOKEN"))
        else:
            config.stash[_SERVERS] = asking(address) if address else starting()
    return config.stash[_SERVERS]


def _server(config: pytest.Config, settings: dict[str, object]) -> "Server":
    from mockpos.domain.errors import MockposError

    try:
        return _servers(config).get(settings)
    except MockposError as error:
        raise _failed(error) from None


def _failed(error: Exception) -> BaseException:
    """Return the failure of a test that says one line, and no traceback of ours."""
    return pytest.fail.Exception(f"mockpos: {error}", pytrace=False)


def _given_url(config: pytest.Config) -> str | None:
    return config.getoption("mockpos_url") or os.environ.get("MOCKPOS_URL") or None


def _wants_coverage(config: pytest.Config) -> bool:
    return config.getoption("mockpos_coverage") is not None or config.getoption("mockpos_cov_fail_under") is not None
