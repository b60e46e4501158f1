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
    DOES_NOT_ADD_UP = "does_not_add_up"
    OTHER_VERSION = "other_version"
    CHANGED_BY_HAND = "changed_by_hand"
    FILE_MISSING = "file_missing"
    COUNTS_DIFFER = "counts_differ"
    SOLD_DIFFERS = "sold_differs"
    SOLD_TWICE = "sold_twice"
    SOLD_AND_FREE = "sold_and_free"
    SOLD_AND_HELD = "sold_and_held"
    INVOICE_ID_TWICE = "invoice_id_twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``what`` says only what is wrong; ``message``, as a start does, where and what to do about it too."""

    kind: FaultKind
    file: str
    what: str
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
