r"""The exact pattern of a Remote ID or Order ID, as a regular expression of JSON Schema.

The rule (mockpos.domain.identifiers): after ``str.strip()``, 1 to 128 characters, none of
Unicode category C. The short way to write that is ``\P{C}``, which ECMA-262 knows under its
``u`` flag. It is not used, for two reasons found by trying:

* Category C contains the unassigned code points, so ``\P{C}`` means something else in each
  Unicode version: Python 3.11 has 14.0, Rust's and the browsers' engines have later ones. Some
  10,000 characters that those accept are refused here, and a fuzzer finds one in seconds.
* Schemathesis (4.32, ``core/jsonschema/patterns.py``) rewrites ``\P{C}`` to
  ``[^\x00-\x1F\x7F-\x9F]`` before it draws values, so it sends zero-width and unassigned
  characters and calls the refusal of "valid" data a fault. From any other spelling of the
  property it cannot draw at all, because Python's ``re`` knows no properties.

So the category is written out, from the table of the very Python that judges: some 700 ranges,
4 KB. It stands once, in a negative lookahead: Hypothesis turns a class into its members before it
draws, and a class of a million made Schemathesis spend a second on each value, but it skips
lookaheads and only filters by them. The alternative before it, printable ASCII, adds nothing to
the language; it is what a person has to read, and gives half of the drawn values without filtering.

Every engine with lookaheads reads it alike (Python, ECMA-262 with ``u``, Rust's fancy-regex and
Java; tested with the first three): no ``\s`` for the white space (ECMA-262's has U+FEFF,
Python's U+001C-U+001F and U+0085), ``\x`` and ``\u`` escapes in the basic plane, the characters
themselves above it (Python has no ``\u{...}``, others no surrogate pairs). It is anchored at both
ends, because a JSON Schema pattern is a search.
"""

import re
import unicodedata
from functools import lru_cache

from mockpos.domain.identifiers import LONGEST

_POINTS = 0x110000
_BASIC_PLANE_END = 0x10000


@lru_cache(maxsize=1)
def opaque_id_pattern() -> str:
    """Return the pattern: printable ASCII, or anything printable in any white space."""
    kinds = "".join(_kind(chr(point)) for point in range(_POINTS))
    space, unprintable = _class(kinds, "sb"), _class(kinds, "ub")
    plain = f"[!-~][ -~]{{0,{LONGEST - 1}}}"
    anything = f"[{space}]*(?![{space}])(?:(?![{unprintable}])[\\s\\S]){{1,{LONGEST}}}[{space}]*"
    return f"^(?:{plain}|{anything})$"


def _kind(character: str) -> str:
    """Return s for white space, u for category C, b for both, or a dot."""
    if character.isprintable():
        return "s" if character == " " else "."
    if unicodedata.category(character)[0] == "C":
        return "b" if character.isspace() else "u"
    return "s" if character.isspace() else "."


def _class(kinds: str, wanted: str) -> str:
    """Return what stands between the brackets of a character class."""
    runs = (run.span() for run in re.finditer(f"[{wanted}]+", kinds))
    return "".join(
        _escaped(first) if first == end - 1 else f"{_escaped(first)}-{_escaped(end - 1)}" for first, end in runs
    )


def _escaped(point: int) -> str:
    if point >= _BASIC_PLANE_END:
        return chr(point)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"
