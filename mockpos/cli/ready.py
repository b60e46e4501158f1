"""``mockpos ready``: is a server there, and can it take orders? For scripts that wait, and for a container's health."""

import os
import re
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from mockpos.cli.terminal import safe
from mockpos.domain.clock import parse_duration
from mockpos.domain.errors import BadInput
from mockpos.http_client import HttpClient, NoResponse, Request

NOT_READY = 1
"""The exit status when the server is not there, or not ready."""

_PAUSE_S = 0.05
_ANSWER_S = 5.0


@click.command("ready")
@click.option("--url", metavar="URL", help="The server.  [MOCKPOS_URL; default http://127.0.0.1:8000]")
@click.option("--wait", metavar="DURATION", default="0s", help="How long to wait until it is: 30s, 2m. Default: not.")
@click.option("--quiet", is_flag=True, help="Say nothing; the exit status tells.")
def command(url: str | None, wait: str, quiet: bool) -> None:
    """Ask a running server whether it can take orders. No key and no token is needed.

    Without --url or MOCKPOS_URL it asks on this machine, at the port of MOCKPOS_PORT or 8000.

    Exit status 0 when it is ready, 1 when it is not, 2 for a URL that is none.

    \b
    Examples:
      mockpos ready --wait 30s && bundle exec rspec
      mockpos ready --url http://mockpos:8000 --quiet
    """
    address = url or os.environ.get("MOCKPOS_URL") or f"http://127.0.0.1:{_own_port()}"
    try:
        wait_s = parse_duration(wait) / 1000
    except ValueError as error:
        raise BadInput(f"--wait: {error}") from None
    why = why_not_ready(address)
    deadline = time.monotonic() + wait_s
    while why and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)
        why = why_not_ready(address)
    if not quiet:
        click.echo(f"{address} is not ready: {why}" if why else f"{address} is ready", err=bool(why))
    sys.exit(NOT_READY if why else 0)


def why_not_ready(url: str) -> str:
    """Return nothing when the server says that it is ready, else what is in the way. Raises BadInput for no URL."""
    try:
        answer = HttpClient(url, _ANSWER_S).send(Request("GET", "/readyz"))
    except BadInput:
        raise BadInput(f"--url {url}: write it as http://HOST:PORT, as `mockpos serve` prints it") from None
    except NoResponse as none:
        return f"no answer ({none})"
    text = answer.body[:10_000].decode("utf-8", "replace")
    if answer.status == 200 and '"ready"' in text:
        return ""
    return f"it answers {answer.status} {safe(text[:200], ' ')}"


def _own_port() -> str:
    port = os.environ.get("MOCKPOS_PORT", "")
    return port if port.isdecimal() and port != "0" else "8000"


class ReadyFile:
    """A file for the server's URL, or none. A pipe, a device or an open file (/dev/stdout) is written to as it is."""

    def __init__(self, path: Path | None) -> None:
        """Remove what an earlier run left, and make sure that the file can be written. Raises BadInput."""
        self._path = path
        self._is_stream = path is not None and (_descriptor(path) is not None or _is_stream(path))
        if path is None or self._is_stream:
            return
        try:
            path.unlink(missing_ok=True)
            self._beside.write_text("", encoding="utf-8")
            self._beside.unlink()
        except OSError as error:
            raise BadInput(_why(path, error)) from error

    def write(self, url: str) -> None:
        """Say that the server answers, all at once. Raises BadInput."""
        if self._path is None:
            return
        try:
            if self._is_stream:
                descriptor = _descriptor(self._path)
                with open(self._path if descriptor is None else os.dup(descriptor), "w", encoding="utf-8") as stream:
                    stream.write(url + "\n")
            else:
                self._beside.write_text(url + "\n", encoding="utf-8")
                os.replace(self._beside, self._path)
        except OSError as error:
            raise BadInput(_why(self._path, error)) from error

    def remove(self) -> None:
        """Say that it answers no more."""
        if self._path is not None and not self._is_stream:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    @property
    def _beside(self) -> Path:
        assert self._path is not None
        return self._path.with_name(self._path.name + ".new")


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def _descriptor(path: Path) -> int | None:
    """Return the open descriptor that a path names: opening it again may be forbidden where writing to it is not."""
    found = re.fullmatch(r"/dev/(?:fd/(\d+)|(stdout)|(stderr))", str(path))
    if found is None:
        return None
    return int(found[1]) if found[1] else 1 if found[2] else 2


def _why(path: Path, error: OSError) -> str:
    return (
        f"--ready-file {path}: it cannot be written ({error.strerror or error}); whoever waits for it would wait "
        "for ever. Choose a file in a folder that this user may write to"
    )
