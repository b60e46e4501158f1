"""``mockpos serve``: open the inventory, say what is active, serve until stopped."""

import gc
import os
import signal
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockpos.background import Background
from mockpos.bootstrap import Mock, build
from mockpos.cli.options import settings_from, settings_options, variables_of
from mockpos.cli.process import drop_what_nobody_reads
from mockpos.cli.ready import ReadyFile
from mockpos.domain.errors import BadInput
from mockpos.settings import SETTINGS, Settings, told_of_variables
from mockpos.system_clock import SystemClock

if TYPE_CHECKING:
    from mockpos.demo.run import Demo

_YOUNG_ONLY = (500, 5, 100_000)
"""Thresholds of Python's garbage collector that leave what has grown old alone: with 60,000 live holds each look at all
of it kept every call waiting for 130 ms and more. What ends here ends by its count of references."""


@click.command("serve")
@settings_options()
def command(**given: Any) -> None:
    """Serve hold, hold release and invoice over an inventory file.

    The file is made from a shipped world if it is not there. One process at a time can have it open.
    Ctrl-C finishes the running calls, writes the file and leaves nothing else behind.
    With --memory the state is thrown away: the file that is given, or else a shipped world, is only read.

    \b
    Examples:
      mockpos serve
      mockpos serve --port 0 --ready-file url.txt
      mockpos serve --memory --fixture tiny
      mockpos serve --inventory broker.json --hold-ttl 30s --lapsed-hold reacquire
    """
    told = given["ready_file"] or os.environ.get("MOCKPOS_READY_FILE")
    ready_file = ReadyFile(Path(told) if told else None)  # before anything else can go wrong: see there
    sys.exit(serve(settings_from(given), ready_file))


def serve(settings: Settings, ready_file: ReadyFile, demo: "Demo | None" = None) -> int:
    """Serve until SIGINT or SIGTERM; return the exit status: 1 when the file could not be written at the end.

    Raises BadInput before anything is served.
    """
    from mockpos.background import Stopping
    from mockpos.contract.loader import load_contract
    from mockpos.server.application import application_of
    from mockpos.server.run import bind
    from mockpos.server.run import serve as serve_application
    from mockpos.web.app import build_app
    from mockpos.web.call_log import CallLog

    gc.disable()  # until the start is over: it builds what lasts, and a million listings would be looked through often
    drop_what_nobody_reads()
    contract = load_contract(settings.contract)
    for warning in (*_told_of_variables(), *contract.warnings):
        _warn(warning)
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(sock) for sock in bind(settings.host, settings.port)]
        url = _url(settings.host, sockets[0].getsockname()[1])
        mock = build(settings)
        call_log = (
            None if settings.quiet else CallLog(SystemClock(), _print, _style(), with_control=settings.log_control)
        )
        app = build_app(mock, contract, call_log)
        if demo is not None:
            demo.extend(app, mock, contract, url)
        application = application_of(app)
        background = Background(mock.inventory, mock.sandboxes, warn=_warn, tell=_note)
        unwritten: list[str] = []

        def on_ready() -> None:
            background.start()
            gc.enable()
            gc.freeze()
            gc.set_threshold(*_YOUNG_ONLY)
            from mockpos.cli.banner import banner

            _note(demo.banner if demo is not None else banner(mock, contract, url))
            if settings.stop_on_eof:
                _stop_at_end_of_input()
            try:
                ready_file.write(url)
            except BadInput as error:  # the disk filled up since the start: nobody is to wait for ever
                unwritten.append(str(error))
                _note(f"error: {error}", "red")
                os.kill(os.getpid(), signal.SIGTERM)
            if demo is not None:
                demo.begin()

        def on_stop() -> None:
            if demo is not None:
                demo.end()
            ready_file.remove()
            unwritten.extend(_close(mock))

        stopping = Stopping(mock.sandboxes, _note)
        application.on_ready, application.on_stopping, application.on_stop = on_ready, stopping, on_stop
        status = serve_application(application, sockets)
        return 1 if unwritten else status


def _told_of_variables() -> list[str]:
    from mockpos.cli import cli  # which loads this module

    return told_of_variables(os.environ, (setting.env for setting in SETTINGS), lambda: variables_of(cli))


def _warn(message: str) -> None:
    _note(f"warning: {message}", "yellow")


def _note(message: str, colour: str | None = None) -> None:
    """Tell whoever watches. A full disk or a closed pipe under standard error must not fail what is told about."""
    with suppress(OSError):
        click.secho(message, fg=colour, err=True)


def _print(text: str) -> None:
    """Write a call's line. Not even its loss may fail the call, which is committed by now."""
    try:
        sys.stderr.write(text)
    except OSError:
        return


def _close(mock: Mock) -> list[str]:
    """Write the file, if there is one; return why that failed, if it did."""
    try:
        mock.inventory.close()
    except BadInput as error:
        _note(f"error: {error}", "red")
        return [str(error)]
    settings = mock.settings
    _note("stopped; nothing was written" if settings.memory else f"stopped; {settings.inventory} is up to date")
    return []


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  # shown, not bound
    return f"http://{f'[{shown}]' if ':' in shown and not shown.startswith('[') else shown}:{port}"


def _stop_at_end_of_input() -> None:
    """Stop as SIGTERM does once standard input ends: the program that started this one is gone."""

    def wait() -> None:
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="end of input", daemon=True).start()


def _style() -> Any:
    """Return how the call log colours an answer: by its class, on a terminal that wants colour."""
    from mockpos.web.call_log import plain

    if "NO_COLOR" in os.environ or not sys.stderr.isatty():
        return plain
    colours = {2: "green", 4: "yellow", 5: "red"}
    return lambda text, status: click.style(text, fg=colours.get(status // 100))
