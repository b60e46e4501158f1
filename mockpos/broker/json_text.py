"""JSON as a user's file has it, read strictly: no key twice, no NaN, no half of a surrogate pair."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from mockpos.domain.errors import BadInput

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Unacceptable(ValueError):
    """Valid for Python's parser, and still not to be read."""


def parse_json(body: bytes, name: str) -> object:
    """Parse a text in UTF-8; numbers with a fraction become Decimal. Raises BadInput that names the file."""
    try:
        parsed: object = json.loads(
            body, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=Decimal, parse_int=_whole
        )
        if _SURROGATE.search(body):
            _check_surrogates(parsed)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{name}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}. Correct it there."
        ) from None
    except _Unacceptable as error:
        raise BadInput(f"{name}: {error}") from None
    except RecursionError:
        raise BadInput(f"{name}: nested too deeply for an inventory.") from None
    return parsed


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        where = f" (remote_id {found['remote_id']!r})" if "remote_id" in found else ""
        raise _Unacceptable(f"the key {twice[:60]!r} is given twice in one object{where}. Keep one of them.")
    return found


def _no_constant(word: str) -> object:
    raise _Unacceptable(f"{word} is not a number in JSON. Write a number, or null.")


def _whole(digits: str) -> int:
    if len(digits) > 18:
        raise _Unacceptable(f"the number {digits[:18]}... is too large for anything in an inventory.")
    return int(digits)


def _check_surrogates(parsed: object) -> None:
    for text in _texts(parsed):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _Unacceptable(f"{text[:60]!a} has half a surrogate pair, which is no character.") from None


def _texts(parsed: object) -> Iterator[str]:
    if isinstance(parsed, str):
        yield parsed
    elif isinstance(parsed, list):
        for item in parsed:
            yield from _texts(item)
    elif isinstance(parsed, dict):
        for key, value in parsed.items():
            yield key
            yield from _texts(value)
