"""``mockpos serve``: open the inventory, say what is really active and one call to try, serve until stopped."""

import gc
import os
import signal
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockpos.background import Background, Stopping
from mockpos.bootstrap import Mock, build, quick_start
from mockpos.cli.options import settings_from, settings_options, variables_of
from mockpos.cli.ready import ReadyFile
from mockpos.cli.status import over_and_what_to_do
from mockpos.cli.terminal import drop_what_nobody_reads
from mockpos.contract.bodies import write_call
from mockpos.contract.loader import load_contract
from mockpos.contract.model import Contract
from mockpos.control_client import TOKEN_HEADER
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import show_duration, stands_still
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.server.application import application_of
from mockpos.server.run import bind
from mockpos.server.run import serve as serve_application
from mockpos.services.quick_start import count_over
from mockpos.settings import SETTINGS, MadeToken, Settings, told_of_variables
from mockpos.system_clock import SystemClock
from mockpos.web.app import build_app
from mockpos.web.call_log import CallLog, plain
from mockpos.web.control.guard import is_loopback

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
    if "NO_COLOR" in os.environ or not sys.stderr.isatty():
        return plain
    colours = {2: "green", 4: "yellow", 5: "red"}
    return lambda text, status: click.style(text, fg=colours.get(status // 100))


_EMPTY = "it holds no listings: stop, and fill it with `mockpos import FILE`, or remove it to start from a fixture"
_WIDTH = 11
_EARLIER_RUN = "of an earlier run: `mockpos reset` begins anew"


def banner(mock: Mock, contract: Contract, url: str) -> str:
    """Return the lines, for a person and for whoever greps them."""
    settings = mock.settings
    count = mock.sandboxes.default.store.listing_count()
    live, remembered = mock.sandboxes.default.store.hold_counts()
    over = count_over((listing for listing, _ in mock.inventory.listings()), mock.sandboxes.default.clock.now())
    rows = [
        ("URL", url),
        ("API key", f"{settings.api_key}  ({contract.key.header}: {contract.key.value('KEY')})"),
        (
            "inventory",
            f"{_source(settings)}  ({counted(count, 'listing')}, {counted(live, 'live hold')}, {remembered:,} ended)",
        ),
        *(
            [
                (
                    "over",
                    over_and_what_to_do(
                        over, count, kept=mock.inventory.anchor is not None and settings.dates == "keep"
                    ),
                )
            ]
            if over
            else []
        ),
        *([("warning", _EMPTY)] if not count else []),
        *([("state", _EARLIER_RUN)] if live or remembered else []),
        ("hold TTL", f"{show_duration(settings.hold_ttl)}, then {settings.lapsed_hold}"),
        ("contract", f"{contract.name} {contract.version}"),
        ("scenario", _scenario(mock)),
        ("control", _control(mock, url)),
        ("docs", f"{url}/docs  and  {url}/docs/codes"),
    ]
    if mock.inventory.stands_still_ms():
        rows.insert(3, ("clock", stands_still(mock.inventory.stands_still_ms())))
    if settings.memory:
        rows.insert(3, ("state", "in memory only: nothing is written, a stop throws it away"))
    if settings.rate_limit is not None:
        rows.append(("rate limit", f"{counted(settings.rate_limit[0], 'call')} in {settings.rate_limit[1]:g} s a key"))
    if settings.durability == "disk":
        rows.append(("durability", "disk: every answer waits for it"))
    lines = [click.style("mockpos", bold=True) + " is ready"]
    lines += [f"  {name:{_WIDTH}}{value}" for name, value in rows]
    return "\n".join([*lines, "", "Hold some tickets:", f"  {example_curl(mock, contract, url)}", ""])


def _source(settings: Settings) -> str:
    """Say where the listings are from."""
    is_fixture = settings.memory and "inventory" not in settings.given
    return f"the fixture {settings.fixture}" if is_fixture else str(settings.inventory)


def _control(mock: Mock, url: str) -> str:
    """Say how to reach the control plane. The token itself is shown only where it was made up, and once."""
    settings = mock.settings
    is_made = isinstance(settings.control_token, MadeToken)
    if is_made and is_loopback(settings.host):
        return f"{url}/_mock/  (open: only this machine reaches it)"
    shown = settings.control_token if is_made else "the token you gave"
    return f"{url}/_mock/  ({TOKEN_HEADER}: {shown})"


def _scenario(mock: Mock) -> str:
    selector = mock.sandboxes.default.selector
    active = selector.active
    shown = f"{active.name}  ({active.summary})" if active is not None else "none"
    return f"{shown}; the magic Remote IDs are {'on' if selector.magic else 'off'}"


def example_curl(mock: Mock, contract: Contract, url: str) -> str:
    """Return a hold that succeeds, ready to paste into a shell."""
    try_it = quick_start(mock.inventory).purchase()
    values = {"remote_id": try_it.remote_id, "quantity": try_it.quantity, "global_id": try_it.global_id}
    request = write_call(contract, Operation.HOLD, values, mock.settings.api_key)
    headers = " ".join(f"-H '{name}: {value}'" for name, value in request.headers if name != "Accept")
    body = (request.body or b"").decode()
    return f"curl -X {request.method} '{url}{request.target}' {headers} -d {_quoted(body)}"


def _quoted(text: str) -> str:
    """Quote for a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
