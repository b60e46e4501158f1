"""The kinds of values in a scenario file: what each takes, as JSON Schema and in words, and how it is read."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import ValidationError

from mockpos.domain.clock import parse_duration, show_duration
from mockpos.domain.identifiers import LONGEST, opaque_id
from mockpos.domain.money import parse_price
from mockpos.scenario.model import Between, Globs
from mockpos.scenario.outcomes import LONGEST_MS
from mockpos.validation.schema import Json, nearest, not_a_duration, read_each, shown

LONGEST_GLOB = 200
MOST_GLOBS = 100
LARGEST_RAW = 65_536

DURATION: Json = {
    "type": "string",
    "pattern": r"^\s*\d{1,12}(\.\d{1,3})?\s*([mM][sS]|[sSmMhHdD])\s*$",
    "examples": ["250ms", "2s"],
}
_HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"
_HEADER = re.compile(_HEADER_NAME)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value. ``read`` returns the engine's own value or raises ValidationError with what is allowed."""

    takes: str
    schema: Json
    read: Callable[[Any], Any]

    def into(self, make: Callable[[Any], Any]) -> "Kind":
        """Return a kind that makes something else of what was read."""
        return replace(self, read=lambda value: make(self.read(value)))


def one_or_many(item: Json) -> Json:
    """Return the schema of one item, or a list of them."""
    return {"anyOf": [item, {"type": "array", "minItems": 1, "maxItems": MOST_GLOBS, "items": item}]}


def text(takes: str, pattern: str, meaning: str, schema: Json | None = None) -> Kind:
    """Return a kind of text of one form; ``meaning`` stands behind "it must be"."""
    form = re.compile(pattern)

    def read(value: Any) -> str:
        if form.fullmatch(_text(value)) is None:
            raise ValidationError(f"{shown(value)} is not allowed; it must be {meaning}")
        return str(value)

    return Kind(takes, {"type": "string", **(schema or {"pattern": f"^{pattern}$"})}, read)


def word(allowed: Iterable[str], what: str, takes: str = "") -> Kind:
    """Return the kind of one of several words."""
    known = [str(name) for name in allowed]

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValidationError(f"{shown(value)} is not {what}{nearest(value, known)}")
        return str(value)

    return Kind(takes or f"{', '.join(known[:-1])} or {known[-1]}", {"enum": known}, read)


def whole(least: int, most: int | None = None, takes: str = "") -> Kind:
    """Return the kind of whole numbers in a range."""
    limits = f"from {least} to {most}" if most is not None else f"of at least {least}"

    def read(value: Any) -> int:
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or value < least or (most is not None and value > most):
            raise ValidationError(f"{shown(value)} is not allowed; it must be a whole number {limits}")
        return int(value)

    schema = {"type": "integer", "minimum": least, **({} if most is None else {"maximum": most})}
    return Kind(takes or f"whole number from {least}", schema, read)


def between(most: int | None = None) -> Kind:
    """Return the kind of a whole number, or a range with ``min``, ``max`` or both."""
    number = whole(1, most)

    def read_end(name: Any, value: Any) -> tuple[str, int]:
        if name not in ("min", "max"):
            raise ValidationError(f"is not known here{nearest(name, ('min', 'max'))}")
        return str(name), number.read(value)

    def read(value: Any) -> Between:
        if not isinstance(value, Mapping):
            exact = number.read(value)
            return Between(exact, exact)
        ends = dict(read_each(value, read_end))
        if not ends:
            raise ValidationError("is empty; it must be a number, or have min, max or both")
        least, largest = ends.get("min", 1), ends.get("max")
        if largest is not None and least > largest:
            raise ValidationError(f"min {least} is more than max {largest}")
        return Between(least, largest)

    both = {"min": number.schema, "max": number.schema}
    ends = {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": both}
    return Kind("number, or {min, max}", {"anyOf": [number.schema, ends]}, read)


def duration(least_ms: int = 0, most_ms: int = LONGEST_MS) -> Kind:
    """Return the kind of durations, read into milliseconds."""

    def read(value: Any) -> int:
        try:
            ms = parse_duration(value if isinstance(value, str) else "")
        except ValueError:
            raise ValidationError(not_a_duration(value)) from None
        if not least_ms <= ms <= most_ms:
            raise ValidationError(f"{value} is not allowed; {show_duration(least_ms)} to {show_duration(most_ms)} is")
        return ms

    return Kind("duration", {"$ref": "#/$defs/duration"}, read)


def flag(value: object) -> Kind:
    """Return the kind of ``true`` alone, which means ``value``."""

    def read(given: Any) -> object:
        if given is not True:
            raise ValidationError(f"{shown(given)} is not allowed; it can only be true")
        return value

    return Kind("true", {"const": True}, read)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError(f"{shown(value)} is not text; write it in quotes")
    return value


def _read_globs(value: Any) -> Globs:
    patterns = value if isinstance(value, list) else [value]
    if not 1 <= len(patterns) <= MOST_GLOBS:
        raise ValidationError(f"must be one glob, or a list of 1 to {MOST_GLOBS}")
    for pattern in patterns:
        if not 1 <= len(_text(pattern)) <= LONGEST_GLOB:
            raise ValidationError(f"{shown(pattern)} must have 1 to {LONGEST_GLOB} characters")
    return Globs(tuple(str(pattern) for pattern in patterns))


def _read_headers(value: Any) -> tuple[tuple[str, Globs], ...]:
    def read(name: Any, globs: Any) -> tuple[str, Globs]:
        if not isinstance(name, str) or _HEADER.fullmatch(name) is None:
            raise ValidationError(f"{shown(name)} is not the name of a header")
        return str(name), _read_globs(globs)

    if not isinstance(value, Mapping) or not value:
        raise ValidationError('must be a mapping of header names to globs, such as {X-Buyer: "vip*"}')
    return tuple(read_each(value, read))


def _read_chance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValidationError(f"{shown(value)} is not a chance; it must be a number from 0 to 1, such as 0.33")
    return float(value)


def _read_body(value: Any) -> str:
    if len(_text(value).encode("utf-8", "replace")) > LARGEST_RAW or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValidationError(f"must be Unicode text of at most {LARGEST_RAW} bytes")
    return str(value)


def _read_successor(value: Any) -> str | None:
    if not isinstance(value, Mapping) or list(value) != ["superseded_by"]:
        raise ValidationError("must be {superseded_by: ID}, or {superseded_by: null} when nothing replaces it")
    successor = value["superseded_by"]
    try:
        return None if successor is None else opaque_id(successor if isinstance(successor, str) else "")
    except ValueError:
        message = f"{shown(successor)} is not a Remote ID; it must be text of 1 to {LONGEST} characters, or null"
        raise ValidationError({"superseded_by": [message]}) from None


def _read_price(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValidationError(f'{shown(value)} is not a price; write it in quotes, such as "99.00"')
    try:
        return parse_price(value)
    except ValueError as error:
        raise ValidationError(str(error)) from None


_GLOBS_REF: Json = {"$ref": "#/$defs/globs"}
GLOBS = Kind("glob, or a list of globs", _GLOBS_REF, _read_globs)
HEADERS = Kind(
    "mapping of names to globs",
    {
        "type": "object", "minProperties": 1, "propertyNames": {"pattern": f"^{_HEADER_NAME}$"},
        "additionalProperties": _GLOBS_REF,
    },
    _read_headers,
)  # fmt: skip
CHANCE = Kind("0 to 1", {"type": "number", "minimum": 0, "maximum": 1}, _read_chance)
BODY = Kind("text", {"type": "string", "maxLength": LARGEST_RAW}, _read_body)
PRICE = Kind("price in quotes", {"type": "string", "pattern": r"^\s*\d+(\.\d{1,2}0*)?\s*$"}, _read_price)
SUCCESSOR = Kind(
    "{superseded_by: ID or null}",
    {
        "type": "object", "additionalProperties": False, "required": ["superseded_by"],
        "properties": {"superseded_by": {"type": ["string", "null"], "minLength": 1, "maxLength": LONGEST}},
    },
    _read_successor,
)  # fmt: skip
