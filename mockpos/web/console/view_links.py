"""Links for an audience: each carries a token of its own, which opens nothing but the audience's page.

They live in memory until they are revoked or the server stops.
"""

import secrets
from collections.abc import Iterable
from hmac import compare_digest

from mockpos.domain.errors import MockMisuse
from mockpos.web.console.formats import dom_id

_MOST_LINKS = 50


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
