"""Reading the bytes of a request body: unpacked where they were packed by gzip, and as one JSON object, strictly.

Python's json is lenient where this must not be: it takes the last of two equal
names, NaN, and UTF-16. Numbers with a point become Decimal, so that nothing is rounded on the way in.
"""

import re
import zlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from json import JSONDecodeError, JSONDecoder
from typing import Any

import msgspec

from mockpos.domain.errors import Refusal
from mockpos.server.request import Request
from mockpos.validation.schema import shown
from mockpos.yaml_file import wide_encoding

_NONE = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_WITH_HEADER = 16 + zlib.MAX_WBITS


def unpacked(request: Request, limit: int) -> bytes:
    """Return a body as it was before it was packed.

    Raises Refusal where it is longer than ``limit``, packed in a way that is not understood, or not what it says.
    """
    if request.is_too_large:
        raise _too_large(limit)
    coding = request.header(b"content-encoding").strip().lower()
    body = request.body
    if coding in _GZIP:
        body = _gunzipped(body, limit)
    elif coding not in _NONE:
        told = f"Content-Encoding {coding[:80]!r} is not understood; send the body as it is, or as gzip."
        refusal = Refusal("unsupported_media_type", told)
        refusal.accepted_codings = "gzip"
        raise refusal
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> Refusal:
    return Refusal("request_too_large", f"The body is larger than {limit} bytes.")


def _not_gzip(why: str = "") -> Refusal:
    told = f"The body is not the gzip that its Content-Encoding says{why}."
    return Refusal("malformed_request", told, position=None)


def _gunzipped(body: bytes, limit: int) -> bytes:
    """Unpack one byte more than the limit at most, whatever the packed body would grow to."""
    whole = b""
    try:
        while body and len(whole) <= limit:  # a gzip file may have several members
            unpacker = zlib.decompressobj(_WITH_HEADER)
            whole += unpacker.decompress(body, limit + 1 - len(whole))
            if not unpacker.eof and len(whole) <= limit:
                raise _not_gzip(": it ends too early")
            body = unpacker.unused_data
    except zlib.error:
        raise _not_gzip() from None
    return whole


_JSON_TYPE = re.compile(r"application/(?:[^/;\s]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_LONGEST_INT = 200
_DEEPEST = 500
_TOO_DEEP = "it is nested too deeply"
_PLAIN = frozenset({str, int})
_decode = msgspec.json.Decoder().decode


def is_json_type(content_type: str) -> bool:
    """Tell whether a Content-Type means JSON: application/json or application/*+json, with any parameters."""
    return content_type == "application/json" or _JSON_TYPE.fullmatch(content_type.strip()) is not None


def read_object(body: bytes) -> dict[str, Any]:
    """Read a body that is one JSON object. Raises Refusal ``malformed_request`` with the position of the fault.

    A byte order mark of UTF-8 before it is passed over: some editors and shells write one.
    """
    return _read_plain(body) or _read_strictly(body.removeprefix(BOM_UTF8))


def _read_plain(body: bytes) -> dict[str, Any] | None:
    """Read an object whose members are strings and whole numbers, as most are; None when the strict reader has to look.

    With as many colons as members no name stands there twice, which the quick parser would not tell. In a busy server
    it takes 4 us less.
    """
    try:
        content = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if type(content) is not dict or body.count(b":") != len(content):
        return None
    return content if _PLAIN.issuperset(map(type, content.values())) else None


def _read_strictly(body: bytes) -> dict[str, Any]:
    if encoding := wide_encoding(body):
        raise _malformed(f"it is {encoding}; send UTF-8", "byte 1")
    try:
        content = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start + 1} is not UTF-8", f"byte {error.start + 1}") from None
    except JSONDecodeError as error:
        position = f"line {error.lineno} column {error.colno}"
        raise _malformed(f"{error.msg}, at {position}", position) from None
    except RecursionError:
        raise _malformed(_TOO_DEEP, None) from None
    except ValueError as error:
        raise _malformed(str(error), None) from None
    if _is_deeper(content, _DEEPEST):
        raise _malformed(_TOO_DEEP, None)
    if not isinstance(content, dict):
        raise Refusal(
            "malformed_request", f"The body is {_KINDS.get(type(content), 'not an object')}; send one JSON object.",
            position="line 1 column 1",
        )  # fmt: skip
    return content


def _is_deeper(content: object, deepest: int) -> bool:
    """Tell whether arrays and objects stand in each other more than so deep: newer Pythons parse any depth."""
    level = [content]
    for _ in range(deepest):
        if not level:
            return False
        inside = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [member for members in inside for member in members]
    return any(isinstance(each, dict | list) for each in level)


def _malformed(reason: str, position: str | None) -> Refusal:
    return Refusal("malformed_request", f"The body is not JSON: {reason}.", position=position)


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"it names {twice[:40]!r} twice in one object")
    return content


def _whole_number(text: str) -> int | Decimal:
    return int(text) if len(text) <= _LONGEST_INT else Decimal(text)  # int() refuses what has thousands of digits


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond any decimal: no field takes it, whatever it is
        return Decimal("Infinity")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


_DECODER = JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_whole_number, parse_constant=_no_constant
)
_KINDS = {list: "a JSON array", str: "a JSON string", bool: "true or false", type(None): "null"}
_KINDS |= dict.fromkeys((int, Decimal), "a JSON number")


REQUIRED = "Is required."

_MOST_COMPARED = 50
_LONGEST = 40


def name_misspelt(errors: dict[str, list[str]], body: Mapping[str, Any], known: Sequence[str]) -> None:
    """Say of each missing field which one of those that were sent, and mean nothing here, was probably meant for it."""
    for place, messages in errors.items():
        if messages != [REQUIRED]:
            continue
        *above, name = place.split(".")
        inside: Any = body
        for step in above:
            inside = inside.get(step) if isinstance(inside, Mapping) else None
        if not isinstance(inside, Mapping) or len(inside) > _MOST_COMPARED:
            continue
        others = {_plain(key): key for key in inside if ".".join((*above, key)) not in known and len(key) <= _LONGEST}
        close = get_close_matches(_plain(name), others, n=1, cutoff=0.75)
        if close:
            messages.append(f"{shown(others[close[0]])} was sent, which is not a field of this call.")


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
