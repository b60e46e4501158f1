"""A running mockpos, as a command sees it: its control plane over HTTP. Independent of any command."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from mockpos.cli.completion import complete_sandbox
from mockpos.cli.table import show_table
from mockpos.cli.terminal import shown
from mockpos.domain.errors import BadInput
from mockpos.http_client import HttpClient, NoResponse, Request, Response
from mockpos.settings import is_yes

_TOKEN_HEADER = "X-Mockpos-Token"  # noqa: S105  # the name of a header, no secret
_TOKEN_CODES = ("mock_token_missing", "mock_token_invalid")
_PATIENCE_S = 60.0
_LARGEST_ANSWER = 512 * 1024 * 1024
_JSON = "application/json"
_MEDIA_TYPES = {".json": _JSON, ".txt": "text/tab-separated-values", ".tsv": "text/tab-separated-values"}

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remote:
    """One sandbox of one server. ``as_json`` is how its answers are wanted, ``patience_s`` how long one may take."""

    url: str
    sandbox: str | None
    token: str | None
    as_json: bool
    patience_s: float = _PATIENCE_S

    @property
    def sandbox_name(self) -> str:
        """Return the name of the sandbox that is meant."""
        return self.sandbox or "default"

    def get(self, path: str, query: Mapping[str, str | None] | None = None) -> Body:
        """Return what a GET answers. Raises BadInput with what the server, or the network, says against it."""
        return self.body_of(self.ask("GET", path, query))

    def change(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Body:
        """Return what a call that changes something answers. Raises BadInput."""
        return self.body_of(self.ask(method, path, body=body))

    def text(self, path: str) -> str:
        """Return what a GET answers that is no JSON. Raises BadInput."""
        return self.ask("GET", path).body.decode("utf-8", "replace")

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | None] | None = None,
        body: Mapping[str, object] | None = None,
        file: Path | None = None,
    ) -> Response:
        """Send one control call, with a body or a file; return its success. Raises BadInput for anything else."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return accepted(self.send(method, path + (f"?{urlencode(given)}" if given else ""), body, file))

    def send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, file: Path | None = None
    ) -> Response:
        """Send one control call; ``path`` stands behind ``/_mock``. Raises BadInput when there is no answer."""
        headers = [("Accept", _JSON)]
        sent = None
        if file is not None:
            headers.append(("Content-Type", _MEDIA_TYPES.get(file.suffix.lower(), "text/csv")))
            sent = _read(file)
        elif body is not None:
            headers.append(("Content-Type", _JSON))
            sent = json.dumps(body).encode()
        if self.token:
            headers.append((_TOKEN_HEADER, self.token))
        before = f"/s/{part(self.sandbox)}" if self.sandbox else ""
        client = HttpClient(self.url, self.patience_s, largest=_LARGEST_ANSWER)
        try:
            return client.send(Request(method, f"{before}/_mock{path}", tuple(headers), sent))
        except NoResponse as error:
            raise BadInput(f"{self.url} does not answer ({error}); is `mockpos serve` running there?") from None
        except ValueError:
            raise BadInput("--token: a token has printable ASCII characters only") from None

    def body_of(self, answer: Response) -> Body:
        """Return the JSON object of a success. Raises BadInput."""
        content = accepted(answer).json()
        if not isinstance(content, dict):
            raise BadInput(f"{self.url} answers no JSON object; is it a mockpos? {_told(answer)}")
        return content


def part(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def accepted(answer: Response) -> Response:
    """Return an answer that is a success. Raises BadInput with what the server says against it."""
    if 200 <= answer.status < 300:
        return answer
    problem = answer.json()
    if not isinstance(problem, dict) or "detail" not in problem:
        raise BadInput(f"the server answers {_told(answer)}")
    hint = "; give it with --token or MOCKPOS_CONTROL_TOKEN" if problem.get("code") in _TOKEN_CODES else ""
    lines = [f"{problem['detail']} ({answer.status} {problem.get('code', '')}){hint}"]
    for name, at in (("bad_rows", "line"), ("conflicts", "remote_id")):
        found = problem.get(name)
        for each in found if isinstance(found, list) else ():
            lines.append(f"{at.replace('_id', ' ID')} {each.get(at)}: {each.get('reason')}")
    raise BadInput("\n".join(shown(line) for line in lines))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: cannot be read ({error.strerror})") from None


def _told(answer: Response) -> str:
    """Write an answer on one line, for people who wonder what is there."""
    text = shown(answer.body[:400].decode("utf-8", "replace"))
    return f"{answer.status} {answer.media_type} {text}{'...' if len(answer.body) > 400 else ''}".rstrip()


_DEFAULT_URL = "http://127.0.0.1:8000"


def remote_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --url, --sandbox, --token and --json; the function gets a Remote in their place, as its first argument.

    In a group they may stand before the name of the command or after it.
    """

    @click.option("--url", metavar="URL", help=f"The running server.  [MOCKPOS_URL; default {_DEFAULT_URL}]")
    @click.option(
        "--sandbox",
        metavar="NAME",
        help="The sandbox; else the default one.  [MOCKPOS_SANDBOX]",
        shell_complete=complete_sandbox,
    )
    @click.option("--token", metavar="TOKEN", help="The control token, if one is asked for.  [MOCKPOS_CONTROL_TOKEN]")
    @click.option("--json", "as_json", is_flag=True, help="Print what the server answers, as JSON.  [MOCKPOS_JSON]")
    @wraps(function)
    def reach(url: str | None, sandbox: str | None, token: str | None, as_json: bool, **given: Any) -> Any:
        context = click.get_current_context()
        above = context.parent.find_object(Remote) if context.parent else None
        context.obj = Remote(
            url or (above.url if above else None) or os.environ.get("MOCKPOS_URL") or _DEFAULT_URL,
            sandbox or (above.sandbox if above else None) or os.environ.get("MOCKPOS_SANDBOX"),
            token or (above.token if above else None) or os.environ.get("MOCKPOS_CONTROL_TOKEN"),
            as_json or bool(above and above.as_json) or is_yes(os.environ.get("MOCKPOS_JSON") or ""),
        )
        return function(context.obj, **given)

    return reach


_UNPRINTABLE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def show_json(content: object) -> None:
    """Print JSON, for scripts. Bytes: a pipe's encoding may not be UTF-8, but JSON is. Unprintables are escaped."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    click.echo(_UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode())


def say(remote: Remote, answer: Mapping[str, Any], sentence: str) -> None:
    """Print what a change came to: a sentence, or the answer as JSON."""
    if remote.as_json:
        show_json(answer)
    else:
        click.echo(sentence)


def show_facts(facts: Mapping[str, object], indent: str = "") -> None:
    """Print names and values, one pair a line."""
    width = max((len(name) for name in facts), default=0) + 2
    for name, value in facts.items():
        click.echo(f"{indent}{click.style(f'{name:{width}}', bold=True)}{shown(value)}")


Columns = Mapping[str, Sequence[str]]
"""Which columns the table of a list has, by the list's name; all that are plain where it is not named."""

_NO_COLUMNS: Columns = {}


def show_answer(answer: Mapping[str, Any], columns: Columns = _NO_COLUMNS) -> None:
    """Print an answer: a list by its table with the rest below it, anything else as a document."""
    lists = [name for name, value in answer.items() if isinstance(value, list)]
    listed = [name for name in lists if all(isinstance(each, dict) for each in answer[name])]
    if len(listed) != 1 or any(isinstance(value, dict) for value in answer.values()):
        show_document(answer, columns)
        return
    (name,) = listed
    rest = {key: value for key, value in answer.items() if key != name and value is not None}
    if answer[name]:
        show_table(answer[name], columns.get(name))
    else:
        click.echo(f"no {name.replace('_', ' ')}")
    if rest:
        click.echo()
        show_document(rest)


def show_document(document: Mapping[str, Any], columns: Columns = _NO_COLUMNS, indent: str = "") -> None:
    """Print whatever a server answers: its plain members as facts, what is inside them below, lists as tables."""
    plain = {name: value for name, value in document.items() if not isinstance(value, dict | list)}
    plain |= {name: ", ".join(map(shown, value)) or None for name, value in document.items() if _is_short_list(value)}
    if plain:
        show_facts({name.replace("_", " "): plain[name] for name in document if name in plain}, indent)
    for name, value in document.items():
        if name in plain or not value:
            continue
        click.echo(f"{indent}{click.style(name.replace('_', ' '), bold=True)}:")
        if isinstance(value, dict):
            show_document(value, columns, indent + "  ")
        else:
            show_table([each if isinstance(each, dict) else {"": each} for each in value], columns.get(name))


def _is_short_list(value: object) -> bool:
    return isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
