"""``mockpos exec -- COMMAND``: a server for as long as a test run lasts, and what is to say of it afterwards."""

import os
import secrets
import shlex
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mockpos.cli.options import settings_options
from mockpos.cli.terminal import show_error
from mockpos.domain.errors import BadInput, MockposError
from mockpos.processes import SETTINGS_OF_OURS, NotStarted, ServerProcess, run_command
from mockpos.settings import DEFAULT_API_KEY, SETTINGS
from mockpos.testing.results import write_coverage_page
from mockpos.testing.server import Server
from mockpos.testing.summary import Summary, add_github_summary, github_summary, summary_lines, summary_of, write_junit

FOUND = 3
"""The exit status when the command's was 0 and a check of mockpos found something."""
LOST = 1
"""The exit status when the command's was 0 and the server ended under it."""

_SERVE = tuple(setting for setting in SETTINGS if setting.name not in SETTINGS_OF_OURS)
_DEFAULTS = {"port": "0", "sandbox_keys": "test-", "inventory": ""}
"""In place of those of ``mockpos serve``: without an inventory the world is the fixture's."""
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("exec", context_settings={"allow_interspersed_args": False})
@click.option("--audit", type=click.Choice(["off", "warn", "error"]), default="warn", show_default=True,
              help="What becomes of a run that leaves something behind; error: exit status 3.")  # fmt: skip
@click.option("--coverage-html", type=_FILE, metavar="FILE", help="Write the coverage of codes as a page.")
@click.option("--coverage-fail-under", type=click.FloatRange(0, 100), metavar="N",
              help="Exit status 3 when less than N % of the codes were met.")  # fmt: skip
@click.option("--junit", type=_FILE, metavar="FILE", help="Write the audit as JUnit XML.")
@click.option("--keep", is_flag=True, help="Leave the server running, and say where.")
@settings_options(*(setting.name for setting in _SERVE), defaults=_DEFAULTS)
@click.argument("command_line", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND...")
def command(
    command_line: tuple[str, ...],
    audit: str,
    coverage_html: Path | None,
    coverage_fail_under: float | None,
    junit: Path | None,
    keep: bool,
    **given: Any,
) -> None:
    """Run a command with a server of its own: your tests, in any language.

    The server is on a free port and keeps everything in memory. The command finds it by MOCKPOS_URL, MOCKPOS_API_KEY,
    MOCKPOS_CONTROL_URL and, where one is needed, MOCKPOS_CONTROL_TOKEN. A key that begins with "test-" makes a sandbox
    of its own with its first call, so tests that run side by side use a key each. When the command ends the server is
    stopped, and what was left behind and which codes were met is printed, of all sandboxes together.

    Exit status: the command's own, 128 and the number of the signal that ended it, 127 when it is not there. If that
    was 0: 3 when --audit error or --coverage-fail-under found something, 1 when the server was lost.

    \b
    Examples:
      mockpos exec -- bundle exec rspec
      mockpos exec --audit error --scenario lost-answers -- npm test
      mockpos exec --coverage-html codes.html --junit audit.xml -- pytest -n 4
      mockpos exec --keep -- go test ./...
    """
    for option, path in (("--coverage-html", coverage_html), ("--junit", junit)):
        if path is not None and not path.parent.is_dir():
            raise BadInput(f"{option} {path}: there is no folder {path.parent}")
    if junit is not None and audit == "off":
        raise click.UsageError("--junit writes the audit, which --audit off leaves out: give one of the two.")
    if not command_line:
        raise click.UsageError("Say what to run: mockpos exec -- pytest")
    if shutil.which(command_line[0]) is None and not os.path.exists(command_line[0]):
        _fail(f"{command_line[0]}: there is no such command")
        sys.exit(127)
    sys.exit(_Run(command_line, audit, coverage_html, coverage_fail_under, junit, keep).run(given))


@dataclass(slots=True)
class _Run:
    """One run: the server, the command, and what is said afterwards."""

    _command_line: tuple[str, ...]
    _audit: str
    _page: Path | None
    _least: float | None
    _junit: Path | None
    _keep: bool
    _lost: bool = False

    def run(self, given: dict[str, Any]) -> int:
        """Return the exit status. Raises BadInput when the server does not start."""
        token = _token(given)
        settings = dict(os.environ) if token is None else {**os.environ, "MOCKPOS_CONTROL_TOKEN": token}
        process = ServerProcess(options_for(given), environment=settings, on_warning=_say, stays=self._keep)
        try:
            process.when_ended(lambda status: self._server_ended(process, status))
            try:
                status = run_command(self._command_line, environment_for(process.url, given, token))
            except NotStarted as error:
                _fail(str(error))
                return error.status
            return self._after(process, status, token)
        finally:
            if self._keep and not self._lost:
                process.leave()
            else:
                process.stop()

    def _after(self, process: ServerProcess, status: int, token: str | None) -> int:
        """Say what is to be said; return the exit status of the whole."""
        if self._keep and not self._lost:
            pid = process.process.pid
            _say(f"the server is left running at {process.url} ; `kill {pid}` stops it")
        if self._lost:
            return status or LOST
        try:
            summary = summary_of(Server(process.url, token=token))
        except MockposError as error:
            _fail(str(error))
            return status or LOST
        found = self._report(summary)
        return status or (FOUND if found else 0)

    def _report(self, summary: Summary) -> bool:
        """Print and write the summary; return whether a check found something."""
        for line in summary_lines(summary, audit=self._audit != "off"):
            _say(line)
        if self._page is not None:
            write_coverage_page(summary.coverage, self._page)
        if self._junit is not None or os.environ.get("GITHUB_STEP_SUMMARY"):
            self._for_build_servers(summary)
        fault = summary.coverage.fault(self._least)
        if fault:
            _fail(f"--coverage-fail-under: {fault}")
        return bool(fault) or (self._audit == "error" and not summary.audit.clean)

    def _for_build_servers(self, summary: Summary) -> None:
        if self._junit is not None:
            write_junit(summary, self._junit)
        path = os.environ.get("GITHUB_STEP_SUMMARY")
        if path and os.environ.get("GITHUB_ACTIONS"):
            add_github_summary(github_summary(summary, shlex.join(self._command_line)), Path(path))

    def _server_ended(self, process: ServerProcess, status: int) -> None:
        self._lost = True
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        last = process.said.rpartition("\n")[2]
        _fail(f"the server ended under the command ({how})" + (f"; its last words: {last}" if last else ""))


def options_for(given: dict[str, Any]) -> list[str]:
    """Return what was given as options of ``mockpos serve``; what was not is left to its environment and defaults."""
    options = []
    for setting in _SERVE:
        value = given[setting.name]
        if value is None and not os.environ.get(setting.env):
            value = _DEFAULTS.get(setting.name) or None
        options += setting.words(value)
    return options


def environment_for(url: str, given: dict[str, Any], token: str | None) -> dict[str, str]:
    """Return the environment of the command."""
    key = given["api_key"] or os.environ.get("MOCKPOS_API_KEY") or DEFAULT_API_KEY
    environment = {**os.environ, "MOCKPOS_URL": url, "MOCKPOS_CONTROL_URL": f"{url}/_mock", "MOCKPOS_API_KEY": key}
    return environment if token is None else {**environment, "MOCKPOS_CONTROL_TOKEN": token}


def _token(given: dict[str, Any]) -> str | None:
    """Return the control token: the one given, or a new one where the address can be reached from elsewhere."""
    token = given["control_token"] or os.environ.get("MOCKPOS_CONTROL_TOKEN")
    host = given["host"] or os.environ.get("MOCKPOS_HOST") or "127.0.0.1"
    is_local = host.strip("[]") in ("127.0.0.1", "::1", "localhost")
    return token or (None if is_local else secrets.token_urlsafe(24))


def _say(text: str) -> None:
    with suppress(OSError):
        click.echo(f"mockpos: {text}", err=True)


def _fail(text: str) -> None:
    with suppress(OSError):
        show_error(text)
