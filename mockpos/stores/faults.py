"""What makes an inventory's files unfit for use: each fault by its kind, its place and the message about it.

A reader complains of every fault it meets. Whoever opens a store refuses the first one; whoever only
checks takes note of it and the reader goes on. So both read with the same reader.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mockpos.domain.errors import BadInput


class FaultKind(StrEnum):
    """What is wrong. The values are for scripts, so they stay as they are."""

    UNREADABLE = "unreadable"
    NOT_AN_INVENTORY = "not_an_inventory"
    BAD_DOCUMENT = "bad_document"
    BAD_STOCK = "bad_stock"
    STANDS_TWICE = "stands_twice"
    UNPAIRED = "unpaired"
    UNKNOWN_LISTING = "unknown_listing"
    HELD_DIFFERS = "held_differs"
    SEATS_DIFFER = "seats_differ"
    DAMAGED_LINE = "damaged_line"
    DAMAGED_HEADER = "damaged_header"
    OTHER_FORMAT = "other_format"
    LINES_MISSING = "lines_missing"
    OTHER_VERSION = "other_version"
    CHANGED_BY_HAND = "changed_by_hand"
    FILE_MISSING = "file_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``message`` says it whole, with the place and the way out, as a start that refuses does."""

    kind: FaultKind
    file: str
    message: str
    line: int | None = None
    offset: int | None = None
    """Of the line's first byte in the file, from 0."""
    table: str | None = None
    document: str | None = None
    """The document's number in its table."""
    remote_id: str | None = None
    global_id: str | None = None


Complain = Callable[[Fault], None]
"""Whoever is told of a fault. The reader goes on when this returns."""


def refuse(fault: Fault) -> None:
    """Raise BadInput with what the fault says."""
    raise BadInput(fault.message)
