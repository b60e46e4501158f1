"""The kinds of values in a scenario file, each read into the engine's own value or refused with what is allowed."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from mockpos.complaints import nearest, shown
from mockpos.domain.durations import parse_duration, show_duration
from mockpos.scenario.conditions import Between, Globs
from mockpos.scenario.delays import LONGEST_MS, Delay, Fixed, LogNormal, Uniform

LONGEST_GLOB = 200
MOST_GLOBS = 100

_NUMBER_AND_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ]*)\s*")
_UNITS = {
    "ms": ("msec", "msecs", "millis", "millisecond", "milliseconds", "us", "µs", ""),
    "s": ("sec", "secs", "second", "seconds"),
    "m": ("min", "mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"),
}


class Read(fields.Field[Any]):
    """A field read by a function that returns the value or raises ValidationError."""

    default_error_messages = {"required": "is missing", "null": "must not be empty or null"}  # noqa: RUF012  # marshmallow's way

    def __init__(self, read: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(**options)
        self._read = read

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return self._read(value)


def text(pattern: str, meaning: str) -> Callable[[Any], str]:
    """Return a reader of text of one form."""
    form = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(f"{shown(value)} is not text; write it in quotes")
        if form.fullmatch(value) is None:
            raise ValidationError(f"{shown(value)} is not allowed; it must be {meaning}")
        return str(value)

    return read


def word(allowed: Iterable[str], what: str) -> Callable[[Any], str]:
    """Return a reader of one of several words."""
    known = tuple(allowed)

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValidationError(f"{shown(value)} is not {what}{nearest(value, known)}")
        return str(value)

    return read


def whole(least: int, most: int | None = None) -> Callable[[Any], int]:
    """Return a reader of whole numbers."""
    limits = f"from {least} to {most}" if most is not None else f"of at least {least}"

    def read(value: Any) -> int:
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or value < least or (most is not None and value > most):
            raise ValidationError(f"{shown(value)} is not allowed; it must be a whole number {limits}")
        return int(value)

    return read


def read_chance(value: Any) -> float:
    """Read a probability."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValidationError(f"{shown(value)} is not a chance; it must be a number from 0 to 1, such as 0.33")
    return float(value)


def read_globs(value: Any) -> Globs:
    """Read a glob or a list of globs."""
    patterns = value if isinstance(value, list) else [value]
    if not 1 <= len(patterns) <= MOST_GLOBS:
        raise ValidationError(f"must be one glob, or a list of 1 to {MOST_GLOBS}")
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise ValidationError(f"{shown(pattern)} is not text; write it in quotes")
        if not 1 <= len(pattern) <= LONGEST_GLOB:
            raise ValidationError(f"{shown(pattern)} must have 1 to {LONGEST_GLOB} characters")
    return Globs(tuple(str(pattern) for pattern in patterns))


def between(most: int | None = None) -> Callable[[Any], Between]:
    """Return a reader of a whole number, or of a range with ``min``, ``max`` or both."""
    number = whole(1, most)

    def read(value: Any) -> Between:
        if not isinstance(value, Mapping):
            exact = number(value)
            return Between(exact, exact)
        read_part = _parts(value, ("min", "max"), number)
        if not read_part:
            raise ValidationError("is empty; it must be a number, or have min, max or both")
        least, largest = read_part.get("min", 1), read_part.get("max")
        if largest is not None and least > largest:
            raise ValidationError(f"min {least} is more than max {largest}")
        return Between(least, largest)

    return read


def duration(least_ms: int = 0, most_ms: int = LONGEST_MS) -> Callable[[Any], int]:
    """Return a reader of durations into milliseconds."""

    def read(value: Any) -> int:
        try:
            ms = parse_duration(value if isinstance(value, str) else "")
        except ValueError:
            raise ValidationError(f"{shown(value)} is not a duration{_meant(value)}") from None
        if not least_ms <= ms <= most_ms:
            raise ValidationError(f"{value} is not allowed; {show_duration(least_ms)} to {show_duration(most_ms)} is")
        return ms

    return read


def read_delay(value: Any) -> Delay:
    """Read a delay: a duration, ``{min, max}`` or ``{median, p99}``."""
    if not isinstance(value, Mapping):
        return Fixed(duration()(value))
    both = {"min", "max"} if {"min", "max"} & set(value) else {"median", "p99"}
    parts = _parts(value, ("min", "max", "median", "p99"), duration())
    if set(parts) != both:
        raise ValidationError("must be a duration such as 250ms, or {min, max}, or {median, p99}")
    if "min" in parts:
        if parts["min"] > parts["max"]:
            raise ValidationError(f"min {value['min']} is more than max {value['max']}")
        return Uniform(parts["min"], parts["max"])
    if not 0 < parts["median"] < parts["p99"]:
        raise ValidationError(f"the median, {value['median']}, must be over 0 and less than the p99, {value['p99']}")
    return LogNormal(parts["median"], parts["p99"])


def _parts(value: Mapping[Any, Any], allowed: tuple[str, ...], read: Callable[[Any], int]) -> dict[str, int]:
    faults: dict[Any, Any] = {}
    parts: dict[str, int] = {}
    for name, given in value.items():
        try:
            if name not in allowed:
                raise ValidationError(f"is not known here{nearest(name, allowed)}")
            parts[str(name)] = read(given)
        except ValidationError as error:
            faults[name] = error.messages
    if faults:
        raise ValidationError(faults)
    return parts


def _meant(value: Any) -> str:
    match = _NUMBER_AND_UNIT.fullmatch(value if isinstance(value, str) else shown(value))
    unit = match and next((unit for unit, names in _UNITS.items() if match[2].lower() in names), None)
    meant = f"; did you mean {match[1]}{unit}?" if match and unit else ";"
    return f"{meant} allowed: a number with ms, s, m, h or d, such as 250ms or 2s"
