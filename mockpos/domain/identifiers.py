"""What may be an identifier on the wire: one rule for callers, files and imports."""

import re
import unicodedata
from collections.abc import Iterator
from string import digits

LONGEST = 128
GLOBAL_ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}"

BUILT_IN_PREFIX = "MOCK-"
"""How the Remote IDs of listings begin that stand beside every inventory, and are never stored with one."""

_GLOBAL_ID = re.compile(GLOBAL_ID_PATTERN)


def opaque_id(text: str) -> str:
    """Return a Remote ID or Order ID, trimmed.

    Opaque: ``199401-473339`` is not ``473339``. Raises ValueError unless it has 1 to 128
    characters, none of Unicode category C (controls, format characters, lone surrogates).
    """
    trimmed = text.strip()
    if not 1 <= len(trimmed) <= LONGEST:
        raise ValueError(f"Must have 1 to {LONGEST} characters.")
    if not trimmed.isprintable() and any(unicodedata.category(character)[0] == "C" for character in trimmed):
        raise ValueError("Must not contain control characters or other unprintable code points.")
    return trimmed


def is_global_id(text: str) -> bool:
    """Tell whether a Global ID or request id has the form the contract allows."""
    return _GLOBAL_ID.fullmatch(text) is not None


_LONGEST = 24
_SLIPS = digits + "-"
_LOOKALIKES = (("O", "0"), ("0", "O"), ("I", "1"), ("1", "I"), ("_", "-"), (" ", "-"), ("-", ""))


def near_ids(wrong: str) -> Iterator[str]:
    """Yield ids that differ by letter case, look-alikes, a swap, a character too many, or one digit; likeliest first.

    Nothing for ids over 24 characters: those were not typed by hand.
    """
    if len(wrong) > _LONGEST:
        return
    upper = wrong.upper()
    yield upper
    for seen, meant in _LOOKALIKES:
        if seen in upper:
            yield upper.replace(seen, meant)
    splits = [(upper[:cut], upper[cut:]) for cut in range(len(upper) + 1)]
    for head, tail in splits:
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
    for head, tail in splits:
        if tail:
            yield head + tail[1:]
    for head, tail in splits:
        for character in _SLIPS:
            yield head + character + tail[1:]
            yield head + character + tail
