"""A running mockpos, as a command sees it: its control plane over HTTP. Must not know any command."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from mockpos.domain.errors import BadInput
from mockpos.exercise.http_client import Answer, Client, NoAnswer
from mockpos.http_client import Request

_TOKEN_HEADER = "X-Mockpos-Token"  # noqa: S105  # the name of a header, no secret
_TOKEN_CODES = ("mock_token_missing", "mock_token_invalid")

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remote:
    """One sandbox of one server. ``as_json`` is how its answers are wanted."""

    url: str
    sandbox: str | None
    token: str | None
    as_json: bool

    @property
    def sandbox_name(self) -> str:
        """Return the name of the sandbox that is meant."""
        return self.sandbox or "default"

    def get(self, path: str, query: Mapping[str, str | None] | None = None) -> Body:
        """Return what a GET answers. Raises BadInput with what the server, or the network, says against it."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return self.body_of(self.send("GET", path + (f"?{urlencode(given)}" if given else "")))

    def change(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Body:
        """Return what a call that changes something answers. Raises BadInput."""
        return self.body_of(self.send(method, path, body))

    def text(self, path: str) -> str:
        """Return what a GET answers that is no JSON. Raises BadInput."""
        return _accepted(self.send("GET", path)).body.decode("utf-8", "replace")

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Send one control call; ``path`` stands behind ``/_mock``. Raises BadInput when there is no answer."""
        headers = [("Accept", "application/json")]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        if self.token:
            headers.append((_TOKEN_HEADER, self.token))
        sent = json.dumps(body).encode() if body is not None else None
        before = f"/s/{part(self.sandbox)}" if self.sandbox else ""
        request = Request(method, f"{before}/_mock{path}", tuple(headers), sent)
        try:
            return Client(self.url).send(request)
        except NoAnswer as error:
            raise BadInput(f"{self.url} does not answer ({error}); is `mockpos serve` running there?") from None
        except ValueError:
            raise BadInput("--token: a token has printable ASCII characters only") from None

    def body_of(self, answer: Answer) -> Body:
        """Return the JSON object of a success. Raises BadInput."""
        content = _accepted(answer).json()
        if not isinstance(content, dict):
            raise BadInput(f"{self.url} answers no JSON object; is it a mockpos? {answer.told()}")
        return content


def part(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def _accepted(answer: Answer) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    problem = answer.json()
    if not isinstance(problem, dict) or "detail" not in problem:
        raise BadInput(f"the server answers {answer.told()}")
    hint = "; give it with --token or MOCKPOS_CONTROL_TOKEN" if problem.get("code") in _TOKEN_CODES else ""
    told = f"{problem['detail']} ({answer.status} {problem.get('code', '')}){hint}"
    raise BadInput("".join(letter if letter.isprintable() else " " for letter in told))
