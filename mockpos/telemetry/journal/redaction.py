"""Hides keys and tokens in the headers of a call before anybody sees them: in journal, curl commands and pages."""

from collections.abc import Collection, Sequence

REDACTED = "[redacted]"

_ALWAYS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "x-mockpos-token", "cookie", "set-cookie"},
)
_SCHEMES = frozenset({"bearer", "basic", "digest", "token", "apikey", "api-key", "key", "negotiate"})
"""Only a known word is kept: any other first word may be a part of the secret."""

Headers = tuple[tuple[str, str], ...]
RawHeaders = Sequence[tuple[bytes, bytes]]


class Redactor:
    """Knows which headers are secret under one contract.

    ``secret_names`` are header names beside the usual ones: the contract's own key header. ``scheme`` is the word that
    the contract puts before its key. Names are compared without regard to letter case and to ``_`` in place of ``-``.
    """

    __slots__ = ("_scheme", "_secret")

    def __init__(self, secret_names: Collection[str] = (), scheme: str | None = None) -> None:
        self._secret = _ALWAYS | {_normal(name) for name in secret_names}
        self._scheme = None if scheme is None else scheme.lower()

    def redact(self, raw: RawHeaders) -> Headers:
        """Return headers with `[redacted]` for every secret; what tells the way of authentication is kept."""
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
        return tuple([(name, self._hidden(value) if _normal(name) in self._secret else value) for name, value in pairs])

    def _hidden(self, value: str) -> str:
        word, _, rest = value.strip().partition(" ")
        if not word:
            return value
        is_scheme = word.lower() in _SCHEMES or word.lower() == self._scheme
        return f"{word} {REDACTED}" if rest.strip() and is_scheme else REDACTED


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
