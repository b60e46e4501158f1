"""Guess which identifier was meant: those one slip of the finger away.

Candidates are made from the wrong id and looked up, so a guess costs the same in
an inventory of six listings and of a million.
"""

from collections.abc import Iterator
from string import digits

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
