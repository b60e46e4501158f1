"""Takes keys and tokens out of headers before a call is remembered. What is not kept cannot leak."""

from collections.abc import Collection, Iterable

REDACTED = "[redacted]"

_ALWAYS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "x-mockpos-token", "cookie", "set-cookie"},
)
_SCHEMES = frozenset({"bearer", "basic", "digest", "token", "apikey", "api-key", "key", "negotiate"})
"""Only a known word is kept: any other first word may be a part of the secret."""

Headers = tuple[tuple[str, str], ...]


def redact(
    headers: Iterable[tuple[str, str]], secret_names: Collection[str] = (), scheme: str | None = None
) -> Headers:
    """Return headers with `[redacted]` for every secret; what tells the way of authentication is kept.

    ``secret_names`` are header names in lower case beside the usual ones: a contract's own key header. ``scheme``
    is the word that contract puts before its key.
    """
    return tuple(
        [
            (pair[0], _hidden(pair[1], scheme))
            if (name := pair[0].lower()) in _ALWAYS or name in secret_names
            else pair
            for pair in headers
        ]
    )


def _hidden(value: str, scheme: str | None) -> str:
    word, _, rest = value.strip().partition(" ")
    if not word:
        return value
    is_scheme = word.lower() in _SCHEMES or (scheme is not None and word.lower() == scheme.lower())
    return f"{word} {REDACTED}" if rest.strip() and is_scheme else REDACTED
