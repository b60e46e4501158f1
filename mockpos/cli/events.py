"""``mockpos events``: everything that happens in a sandbox, as it happens."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import click

from mockpos.cli.remote import Remote, remote_options
from mockpos.cli.terminal import shown
from mockpos.control_client import TOKEN_HEADER
from mockpos.domain.errors import BadInput

_SILENCE_S = 60.0
"""The server sends something every 15 seconds: after this long it is gone."""

_TOLD_FIRST = ("request_id", "operation", "status", "code", "global_id", "remote_id", "quantity")
_NOT_TOLD = ("at", "link", *_TOLD_FIRST)


@click.command("events")
@click.option("--since", metavar="NUMBER", type=click.IntRange(0), help="Go on after the event of this number.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only these: call, hold.placed; may be given again."
)
@remote_options
def command(remote: Remote, since: int | None, kinds: tuple[str, ...]) -> None:
    """Show everything that happens in a sandbox, as it happens, until Ctrl-C.

    \b
    Examples:
      mockpos events
      mockpos events --kind call --json | jq -r .code
    """
    for number, kind, data in _events(remote, since):
        if kinds and kind not in kinds:
            continue
        if remote.as_json:
            click.echo(json.dumps({"number": number, "kind": kind, **data}).encode())
        else:
            click.echo(_line(kind, data))


def _line(kind: str, data: dict[str, Any]) -> str:
    at = str(data.get("at", ""))[11:23]
    first = [shown(data[name]) for name in _TOLD_FIRST if data.get(name) is not None]
    rest = [
        f"{name.replace('_', ' ')} {shown(value)}"
        for name, value in data.items()
        if name not in _NOT_TOLD and value not in (None, False, "") and not isinstance(value, list | dict)
    ]
    return f"{at:12}  {click.style(f'{kind:17}', bold=True)} {'  '.join(first)}  {', '.join(rest)}".rstrip()


def _events(remote: Remote, since: int | None) -> Iterator[tuple[int | None, str, dict[str, Any]]]:
    """Yield number, kind and data of each event. Raises BadInput when the server does not answer, or goes."""
    fields: dict[str, str] = {}
    try:
        for raw in _opened(remote, since):
            name, _, value = raw.decode("utf-8", "replace").rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                number = fields.get("id", "")
                yield int(number) if number.isdecimal() else None, fields["event"], json.loads(fields["data"])
                fields = {}
            else:
                fields = {}
    except (OSError, HTTPException, ValueError) as error:
        raise BadInput(f"{remote.url} does not answer ({error}); is `mockpos serve` running there?") from None
    raise BadInput(f"{remote.url} ended the stream: the sandbox is gone or the server stopped")


def _opened(remote: Remote, since: int | None) -> HTTPResponse:
    parts = urlsplit(remote.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"{remote.url}: write the address as http://HOST:PORT or https://HOST")
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = make(parts.hostname, parts.port, timeout=_SILENCE_S)
    headers = {"Accept": "text/event-stream"}
    if remote.token:
        headers[TOKEN_HEADER] = remote.token
    if since is not None:
        headers["Last-Event-ID"] = str(since)
    connection.request("GET", f"{parts.path.rstrip('/')}{remote.prefix}/events", headers=headers)
    response = connection.getresponse()
    if response.status != 200:
        remote.get("/clock")  # its refusal says it in words
        raise BadInput(f"{remote.url} answers {response.status} to a stream of events")
    return response
