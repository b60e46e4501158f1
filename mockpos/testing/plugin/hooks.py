"""What pytest calls: options, the marker, the fixtures ``mockpos_server`` and ``mockpos``, reports and coverage."""

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockpos.testing.sandbox import Sandbox
    from mockpos.testing.server import Server

_SANDBOX = pytest.StashKey["Sandbox"]()
_FAILED = pytest.StashKey[bool]()
_SEEN = pytest.StashKey[dict[str, Any]]()
_SHARED = pytest.StashKey[Any]()
_ADDRESS = "mockpos_servers"
_PAGE = "mockpos-coverage.html"
_MARKER = (
    'mockpos(scenario=None, fixture=None, freeze=None, seed=None, audit="warn"): what the sandbox of the fixture '
    "`mockpos` begins with, and what becomes of a test that leaves something behind: off, warn or error"
)


class MockposWarning(pytest.PytestWarning):
    """A test left something behind on the automator's side: an orphaned hold, an answer never followed up."""


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
        type=_coverage_kind,
        help=f"say which response codes the tests met; html or html:FILE writes a page ({_PAGE})",
    )
    group.addoption(
        "--mockpos-cov-fail-under", metavar="N", type=float, help="fail when the tests met less than N %% of the codes"
    )
    parser.addini(
        "mockpos_audit", "off, warn or error: what becomes of a test that leaves something behind", default=""
    )


def _coverage_kind(text: str) -> str:
    if text not in ("lines", "html") and not text.startswith("html:"):
        raise pytest.UsageError(
            f"--mockpos-coverage {text}: write --mockpos-coverage, or --mockpos-coverage=html[:FILE]"
        )
    return text


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)
    mode = config.getini("mockpos_audit")
    if mode not in ("", "off", "warn", "error"):
        raise pytest.UsageError(f"mockpos_audit = {mode}: it is off, warn or error")
    if _wants_coverage(config) and not hasattr(config, "workerinput"):
        from mockpos.testing.plugin.coverage_report import CoverageReport

        kind, least = config.getoption("mockpos_coverage"), config.getoption("mockpos_cov_fail_under")
        config.pluginmanager.register(CoverageReport(kind, least, _PAGE))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist whom to ask for the server that all workers share."""
    from mockpos.testing.plugin.shared_servers import SharedServers

    stash = node.config.stash
    if _SHARED not in stash:
        stash[_SHARED] = SharedServers()
    node.workerinput[_ADDRESS] = stash[_SHARED].address


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the workers shared."""
    shared = config.stash.get(_SHARED, None)
    if shared is not None:
        shared.close()


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
        from mockpos.testing.plugin.marker import faults_of

        faults = [fault for item in marked for fault in faults_of(item)]
        if faults:
            report.outcome, report.longrepr, report.result = "failed", "\n".join(faults), []
    return report


@pytest.fixture(scope="session")
def mockpos_settings() -> dict[str, object]:
    """Return the settings of the server; override it: ``return {"hold_ttl": "30s", "scenarios": ["mine"]}``."""
    return {}


@pytest.fixture(scope="session")
def mockpos_server(request: pytest.FixtureRequest, mockpos_settings: dict[str, object]) -> "Iterator[Server]":
    """Start one mockpos server for all tests of all workers; it is gone when they are over."""
    from mockpos.domain.errors import MockposError
    from mockpos.testing.server import Server, connect, serve

    url = _given_url(request.config)
    address = getattr(request.config, "workerinput", {}).get(_ADDRESS)
    try:
        if url and mockpos_settings:
            pytest.fail(f"mockpos_settings are of a server that the tests start, and {url} runs already", pytrace=False)
        if url:
            server = connect(url, token=os.environ.get("MOCKPOS_CONTROL_TOKEN"))
        elif address:
            from mockpos.testing.plugin.shared_servers import ask

            server = Server(**ask(address, mockpos_settings))
        else:
            server = serve(**mockpos_settings)
    except MockposError as error:
        pytest.fail(f"mockpos: {error}", pytrace=False)
    with server:
        yield server


@pytest.fixture
def mockpos(request: pytest.FixtureRequest, mockpos_server: "Server") -> "Iterator[Sandbox]":
    """Make a sandbox of this test's own: point the client at ``mockpos.url`` with ``mockpos.api_key``."""
    from mockpos.testing.control import ControlError
    from mockpos.testing.plugin.marker import wanted_by
    from mockpos.testing.plugin.sandboxes import sandbox_for

    item = request.node
    try:
        sandbox = sandbox_for(item.nodeid, mockpos_server, wanted_by(item))
    except ControlError as error:
        pytest.fail(f"mockpos: {error}", pytrace=False)
    item.stash[_SANDBOX] = sandbox
    yield sandbox
    del item.stash[_SANDBOX]
    if _wants_coverage(request.config):
        item.stash[_SEEN] = sandbox.coverage()
    if not (item.stash.get(_FAILED, False) and _given_url(request.config)):  # one to look at is left where it can be
        sandbox.drop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Look at what a test that passed left behind."""
    yield
    sandbox = item.stash.get(_SANDBOX, None)
    if sandbox is None:
        return
    mode = _audit_mode(item)
    if mode == "off":
        return
    findings = sandbox.audit().findings
    if not findings:
        return
    told = f"{item.name} left something behind:\n" + "\n".join(f"  {finding}" for finding in findings)
    if mode == "error":
        pytest.fail(told, pytrace=False)
    item.warn(MockposWarning(told))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a failed test show its calls, and every test hand on which codes it met."""
    report = yield
    sandbox = item.stash.get(_SANDBOX, None)
    if report.failed and sandbox is not None:
        from mockpos.testing.plugin.failure import failure_report

        item.stash[_FAILED] = True
        report.sections.append(
            (f"mockpos {sandbox.name}", failure_report(sandbox, stays=bool(_given_url(item.config))))
        )
    if report.when == "teardown" and _SEEN in item.stash:
        report.mockpos_coverage = item.stash[_SEEN]
    return report


def _audit_mode(item: pytest.Item) -> str:
    from mockpos.testing.plugin.marker import wanted_by

    given = wanted_by(item).audit or item.config.getoption("mockpos_audit") or item.config.getini("mockpos_audit")
    return str(given or "warn")


def _given_url(config: pytest.Config) -> str | None:
    return config.getoption("mockpos_url") or os.environ.get("MOCKPOS_URL") or None


def _wants_coverage(config: pytest.Config) -> bool:
    return config.getoption("mockpos_coverage") is not None or config.getoption("mockpos_cov_fail_under") is not None
