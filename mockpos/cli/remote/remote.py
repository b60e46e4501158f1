"""A running mockpos, as a command sees it: its control plane over HTTP. Independent of any command."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from mockpos.cli.remote.words import shown
from mockpos.domain.errors import BadInput
from mockpos.http_client import HttpClient, NoResponse, Request, Response

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
