"""Writes bytes as words of a POSIX shell, so that they arrive exactly and a terminal shows nothing it could obey."""

import shlex

_LITERAL = frozenset(range(0x20, 0x7F)) - frozenset(b"'%\\!")
_LONGEST_WORD = 60_000
"""Linux refuses a longer argument than 128 KiB. What is longer goes through a pipe."""


def word(text: str) -> str:
    """Return a shell word for text of the wire, where a character is a byte as in Latin-1."""
    if text.isascii() and text.isprintable():
        return shlex.quote(text)
    return f'"$({printf(_wire_bytes(text))})"'


def readable(body: bytes) -> str | None:
    """Return a body as a word of its own text, or None when it is no short text of printable characters."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    shows = text.replace("\n", "").replace("\t", "").isprintable()
    return shlex.quote(text) if shows and len(body) <= _LONGEST_WORD else None


def printf(raw: bytes) -> str:
    """Return the command that prints the bytes, octal for all but plain ASCII. A shell's own printf has no limit."""
    shown = "".join(chr(byte) if byte in _LITERAL else f"\\{byte:03o}" for byte in raw)
    if shown.startswith("-"):  # it would be taken for an option
        shown = "\\055" + shown[1:]
    return f"printf '{shown}'"


def _wire_bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:  # it did not come from the wire like this
        return text.encode("utf-8", "backslashreplace")
