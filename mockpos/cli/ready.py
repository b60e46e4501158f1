"""``mockpos ready``: is a server there, and can it take orders? For scripts that wait, and for a container's health."""

import os
import sys
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import click

from mockpos.domain.durations import parse_duration
from mockpos.domain.errors import BadInput

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
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f"--url {url}: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadInput(f"--url {url}: write it as http://HOST:PORT, as `mockpos serve` prints it")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(host, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", parts.path.rstrip("/") + "/readyz")
        answer = connection.getresponse()
        text = answer.read(10_000).decode("utf-8", "replace")
    except (OSError, HTTPException, UnicodeError) as error:
        return f"no answer ({error or type(error).__name__})"
    finally:
        connection.close()
    if answer.status == 200 and '"ready"' in text:
        return ""
    return f"it answers {answer.status} {''.join(letter if letter.isprintable() else ' ' for letter in text[:200])}"


def _own_port() -> str:
    port = os.environ.get("MOCKPOS_PORT", "")
    return port if port.isdecimal() and port != "0" else "8000"
