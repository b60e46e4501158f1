"""Typed reading of one document's fields, with errors that name the field."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import TypeVar

from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.money import parse_price
from mockpos.domain.seats import Numbering, Run, Runs

Document = Mapping[str, object]
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class BadDocument(ValueError):
    """A document does not say what it must. The message names the field."""


def text(document: Document, name: str, default: str | None = None) -> str:
    """Read a string; a missing one takes the default, or is an error without one."""
    value = document.get(name, default)
    if isinstance(value, str):
        return value
    raise BadDocument(f"{name} must be a string, not {_shown(value)}")


def whole(document: Document, name: str, default: int | None = None, *, least: int = 0) -> int:
    """Read a whole number that is at least ``least``."""
    value = document.get(name, default)
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise BadDocument(f"{name} must be a whole number from {least}, not {_shown(value)}")


def truth(document: Document, name: str) -> bool:
    """Read true or false; a missing one is false."""
    value = document.get(name, False)
    if isinstance(value, bool):
        return value
    raise BadDocument(f"{name} must be true or false, not {_shown(value)}")


def choice(document: Document, name: str, kind: type[E], default: E) -> E:
    """Read one of a fixed set of words, in any letter case (TEvo's own sources differ in theirs)."""
    value = document.get(name, default)
    member = _members(kind).get(value.lower()) if isinstance(value, str) else None
    if isinstance(member, kind):
        return member
    raise BadDocument(f"{name} must be one of {', '.join(kind)}, not {_shown(value)}")


def price(document: Document, name: str, parse: Callable[[str], Decimal] = parse_price) -> Decimal:
    """Read a price written as a string or a number of JSON."""
    value = document.get(name)
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return _converted(name, parse, str(value))
    raise BadDocument(f'{name} must be a price such as "122.00", not {_shown(value)}')


def moment(document: Document, name: str) -> Millis:
    """Read an RFC 3339 moment."""
    return _converted(name, parse_rfc3339, text(document, name))


def day(document: Document, name: str) -> date:
    """Read a date (2026-12-05)."""
    return _converted(name, date.fromisoformat, text(document, name))


def optional(read: Callable[[Document, str], T], document: Document, name: str) -> T | None:
    """Read a field that may be missing or null."""
    return None if document.get(name) is None else read(document, name)


def list_of(document: Document, name: str, kind: type[T]) -> list[T]:
    """Read a list whose items are all of one type; missing is empty."""
    value = document.get(name, [])
    if isinstance(value, list) and all(type(item) is kind for item in value):
        return value
    raise BadDocument(f"{name} must be a list of {kind.__name__}, not {_shown(value)}")


@cache
def _members(kind: type[StrEnum]) -> dict[str, StrEnum]:
    return {member.value.lower(): member for member in kind}


def _converted(name: str, convert: Callable[[str], T], value: str) -> T:
    try:
        return convert(value)
    except ValueError as error:
        raise BadDocument(f"{name}: {error}") from None


def _shown(value: object) -> str:
    shown = "nothing" if value is None else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def runs_to_text(numbering: Numbering, runs: Runs) -> list[str]:
    """Write runs of positions as runs of labels."""
    ends = ((numbering.label(start), numbering.label(stop - 1)) for start, stop in runs)
    return [low if low == high else f"{low}-{high}" for low, high in ends]


def runs_from_text(numbering: Numbering, document: Document, name: str) -> Runs:
    """Read runs of labels; they must ascend without touching. Raises BadDocument."""
    runs: list[Run] = []
    for written in list_of(document, name, str):
        low, separator, high = written.partition("-")
        try:
            start = numbering.position(low)
            stop = numbering.position(high if separator else low) + 1
        except ValueError:
            raise BadDocument(f"{name}: {written!r} are not seats of this listing") from None
        if stop <= start or (runs and start <= runs[-1][1]):
            raise BadDocument(f"{name}: {written!r} is out of order")
        runs.append((start, stop))
    return tuple(runs)
