"""The control plane of a running mockpos, or of one of its sandboxes: for commands, for tests and for agents."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from mockpos.domain.errors import BadInput, MockposError
from mockpos.http_client import HttpClient, NoResponse, Request, Response

Body = dict[str, Any]
Query = Mapping[str, object | None]

TOKEN_HEADER = "X-Mockpos-Token"  # noqa: S105  # the name of a header, no secret
_TOKEN_CODES = ("mock_token_missing", "mock_token_invalid")
_TIMEOUT_S = 60.0
_LARGEST_ANSWER = 512 * 1024 * 1024
_JSON, _CSV, _TABS = "application/json", "text/csv", "text/tab-separated-values"
_MEDIA_TYPES = {
    ".json": _JSON,
    ".tsv": _TABS,
    ".txt": _TABS,
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ControlError(MockposError):
    """The server refuses a control call, or cannot be reached. ``code`` is the documented one, or nothing."""

    def __init__(self, message: str, *, status: int | None = None, code: str = "", body: Body | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.body = body or {}


class ControlClient:
    """Calls the control plane of one server, or of one sandbox of it. Safe from any thread. ``timeout``: seconds."""

    def __init__(
        self, url: str, token: str | None = None, sandbox: str | None = None, *, timeout: float = _TIMEOUT_S
    ) -> None:
        """Take a URL apart. Raises ControlError for what is none, and for a token that no header carries."""
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ControlError("the control token: printable ASCII characters only")
        try:
            self._http = HttpClient(url, timeout, largest=_LARGEST_ANSWER)
        except BadInput as error:
            raise ControlError(str(error)) from None
        self.url = self._http.url
        self.token = token
        self.sandbox = sandbox
        self.prefix = (f"/s/{part(sandbox)}" if sandbox else "") + "/_mock"

    def get(self, path: str, query: Query | None = None) -> Body:
        """Return the JSON object that a GET answers; ``path`` stands behind /_mock. Raises ControlError."""
        return self.send("GET", path, query=query)

    def text(self, path: str) -> str:
        """Return what a GET answers that is no JSON. Raises ControlError."""
        return self.ask("GET", path).body.decode("utf-8", "replace")

    def send(
        self, method: str, path: str, body: object = None, query: Query | None = None, *, media_type: str = _CSV
    ) -> Body:
        """Return the JSON object that a control call answers. Raises ControlError."""
        return self.body_of(self.answer(method, path, body, query, media_type=media_type))

    def ask(
        self, method: str, path: str, body: object = None, query: Query | None = None, *, media_type: str = _CSV
    ) -> Response:
        """Return the success of a control call. Raises ControlError for anything else."""
        return self._accepted(self.answer(method, path, body, query, media_type=media_type))

    def answer(
        self, method: str, path: str, body: object = None, query: Query | None = None, *, media_type: str = _CSV
    ) -> Response:
        """Return whatever a control call answers. Raises ControlError when there is no answer.

        A body of text or bytes is sent as it is, as ``media_type``; anything else as JSON.
        """
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        request = Request(method, f"{self.prefix}{path}" + (f"?{urlencode(asked)}" if asked else ""))
        request = request.with_header("Accept", _JSON)
        if body is not None:
            kind, text = (media_type, body) if isinstance(body, str | bytes) else (_JSON, json.dumps(body))
            request = replace(request, body=text.encode() if isinstance(text, str) else text)
            request = request.with_header("Content-Type", kind)
        if self.token:
            request = request.with_header(TOKEN_HEADER, self.token)
        try:
            return self._http.send(request)
        except NoResponse as error:
            raise ControlError(f"{self.url} does not answer ({error}); is `mockpos serve` running there?") from None

    def body_of(self, answer: Response) -> Body:
        """Return the JSON object of a success. Raises ControlError."""
        content = self._accepted(answer).json()
        if not isinstance(content, dict):
            raise ControlError(f"{self.url} answers no JSON object; is it a mockpos? {answer.summary()}")
        return content

    def _accepted(self, answer: Response) -> Response:
        if 200 <= answer.status < 300:
            return answer
        problem = answer.json()
        if not isinstance(problem, dict) or "detail" not in problem:
            raise ControlError(f"the server answers {answer.summary()}", status=answer.status)
        code = str(problem.get("code", ""))
        hint = (
            "; a command takes it as --token or MOCKPOS_CONTROL_TOKEN, Python as token=" if code in _TOKEN_CODES else ""
        )
        lines = [f"{problem['detail']} ({answer.status} {code}){hint}"]
        for name, at in (("bad_rows", "line"), ("conflicts", "remote_id")):
            found = problem.get(name)
            for each in found if isinstance(found, list) else ():
                lines.append(f"{at.replace('_id', ' ID')} {each.get(at)}: {each.get('reason')}")
        raise ControlError("\n".join(lines), status=answer.status, code=code, body=problem)


def media_type_of(file: Path) -> str:
    """Return what a broker's file is sent as."""
    return _MEDIA_TYPES.get(file.suffix.lower(), _CSV)


def given(**members: object) -> Body:
    """Return the members of a body that were given: those that are not None."""
    return {name: value for name, value in members.items() if value is not None}


def new_sandbox(
    name: str | None, api_key: str | None, fixture: str | None, copy_of: str | None, seed: int | None, ttl: str | None
) -> Body:
    """Return the body of the call that makes a sandbox."""
    origin = given(fixture=fixture, sandbox=copy_of) or None
    return given(name=name, api_key=api_key, seed=seed, ttl=ttl, **{"from": origin})


def part(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")
