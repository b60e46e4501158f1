"""Who may look at the console and who may change something: the control plane's own guard, and links that only read.

Beyond loopback a page without the token is an empty frame that asks for it. A view link carries a token of its own,
which opens nothing but the audience's page; it lives in memory until it is revoked or the server stops.
"""

import secrets
from collections.abc import Iterable, Mapping
from hmac import compare_digest
from typing import Any

from flask import request

from mockpos.bootstrap import Mock
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.formats import dom_id
from mockpos.web.control.blueprint import checked, sandbox_of
from mockpos.web.control.calls import PREFIX, Context
from mockpos.web.control.guard import Guard
from mockpos.web.control.table import CONTROL_CALLS
from mockpos.web.keys import KeyReader

_MOST_LINKS = 50
_ASKS_FOR_TOKEN = ("mock_token_missing", "mock_token_invalid")


class ViewLinks:
    """Tokens that may only read, each for one sandbox."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    def make(self, sandbox: str) -> None:
        """Make a token."""
        if len(self._tokens) >= _MOST_LINKS:
            raise MockMisuse("mock_bad_input", f"There are {_MOST_LINKS} view links; revoke some first.")
        self._tokens[secrets.token_urlsafe(18)] = sandbox

    def revoke(self, sandbox: str, name: str) -> None:
        """Let a token open nothing any more; ``name`` is what ``listed`` calls it. Raises MockMisuse."""
        token = dict(self.listed(sandbox)).get(name)
        if token is None:
            raise MockMisuse("mock_bad_input", "This link opens nothing already.")
        self._tokens.pop(token, None)

    def sandbox(self, given: str) -> str | None:
        """Return the sandbox a token opens; None for an unknown one. Compares with each in constant time."""
        asked = given.encode("utf-8", "replace")
        found = [sandbox for token, sandbox in list(self._tokens.items()) if compare_digest(token.encode(), asked)]
        return found[0] if found else None

    def listed(self, sandbox: str) -> Iterable[tuple[str, str]]:
        """Return a name and the token of each link to a sandbox."""
        return [(dom_id(token), token) for token, name in list(self._tokens.items()) if name == sandbox]


class Access:
    """Finds the sandbox a page is about, for who may see it, and makes control calls for it."""

    def __init__(self, mock: Mock, keys: KeyReader, guard: Guard) -> None:
        self.mock = mock
        self.links = ViewLinks()
        self._keys = keys
        self._guard = guard
        self._calls = {(call.method, call.path): call for call in CONTROL_CALLS}

    @property
    def needs_token(self) -> bool:
        """Whether the control plane asks for a token."""
        return self._guard.needs_token(request.environ.get("REMOTE_ADDR") or "")

    def sandbox(self) -> Sandbox:
        """Return the sandbox of this request. Raises MockMisuse for who may not use the control plane."""
        self._guard.check(request.environ)
        return sandbox_of(self.mock, self._keys, self._guard)

    def refusal(self) -> MockMisuse | None:
        """Return why who asks may not use the control plane; None for who may."""
        try:
            self._guard.check(request.environ)
        except MockMisuse as refused:
            return refused
        return None

    def lacks_token(self) -> bool:
        """Tell whether a token is all that is missing."""
        refused = self.refusal()
        return refused is not None and refused.code in _ASKS_FOR_TOKEN

    def viewed(self) -> Sandbox:
        """Return the sandbox that a view link opens, or that who asks may control. Raises MockMisuse."""
        token = request.args.get("t", "")
        name = self.links.sandbox(token) if token else None
        if name is None:
            if token and self.refusal():
                raise MockMisuse("mock_token_invalid", "This view link was revoked, or is of an earlier run.")
            return self.sandbox()
        found = self.mock.sandboxes.get(name)
        if found is None:
            raise MockMisuse("mock_unknown_sandbox", "The sandbox of this view link is gone.")
        return found

    def call(self, sandbox: Sandbox, method: str, path: str, /, **asked: Any) -> Mapping[str, Any]:
        """Make a control call as a client would: same checks, same function, same refusals (MockMisuse).

        ``body`` and ``query`` are mappings, whatever else is given are the parts of the path.
        """
        call = self._calls[method, path]
        body, query = asked.pop("body", {}), asked.pop("query", {})
        context = Context(
            mock=self.mock,
            sandbox=sandbox,
            body=checked(call.body(), body, "body") if call.body else {},
            query=checked(call.query(), query, "query") if call.query else {},
            base_url=request.host_url.rstrip("/"),
        )
        try:
            answer = call.serve(context, **asked)
        except BadInput as error:
            raise MockMisuse("mock_bad_input", str(error)) from None
        if not isinstance(answer, Mapping):
            raise TypeError(f"{method} {PREFIX}{path} answers no JSON")
        return answer
