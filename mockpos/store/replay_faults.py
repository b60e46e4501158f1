"""What is wrong with the files of an inventory, in words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from mockpos.domain.errors import BadInput
from mockpos.store.commit_log import LogLine


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


MISMATCH = "the line does not match its checksum"


def damaged(file: Path, log: Path, line: LogLine, why: str = MISMATCH) -> Fault:
    """Say that a line of a log does not match its checksum, or that it does and makes no sense."""
    return Fault(
        kind=FaultKind.DAMAGED_HEADER if line.number == 1 else FaultKind.DAMAGED_LINE,
        file=str(log),
        line=line.number,
        offset=line.offset,
        what=why,
        message=f"{log}:{line.number}: damaged: {why}. {_see(file)}",
    )


def other_format(log: Path, line: LogLine) -> Fault:
    """Say that another version of mockpos wrote a log."""
    return Fault(
        kind=FaultKind.OTHER_FORMAT,
        file=str(log),
        line=line.number,
        offset=line.offset,
        what="another version of mockpos wrote it",
        message=f"{log}: written by another version of mockpos; start that version once to finish it",
    )


def lines_missing(file: Path, log: Path, torn: LogLine | None, number: int, later: Path) -> Fault:
    """Say that a log ends too early, in a torn line or after a whole one, and another follows with commits."""
    number, offset = (torn.number, torn.offset) if torn else (number, None)
    ends = "it is torn off here" if torn or number == 1 else "it ends before this line"
    return Fault(
        kind=FaultKind.LINES_MISSING,
        file=str(log),
        line=number,
        offset=offset,
        what=f"{ends}, but {later.name} holds commits made after it",
        message=f"{log}:{number}: {ends.removeprefix('it is ').removeprefix('it ')}, but {later.name} holds commits "
        f"made after it. {_see(file)}",
    )


def lines_taken_out(file: Path, log: Path, line: LogLine, expected: int) -> Fault:
    """Say that a line does not have the number that follows the one before it."""
    what = f"this is line {line.written_as} of the log, but line {expected} should stand here"
    return Fault(
        kind=FaultKind.LINES_MISSING,
        file=str(log),
        line=line.number,
        offset=line.offset,
        what=what,
        message=f"{log}:{line.number}: {what}. {_see(file)}",
    )


def does_not_add_up(file: Path, fault: Fault) -> Fault:
    """Say that the world is wrong after the logs were applied: whole lines are gone, or stand in another order."""
    return replace(
        fault,
        kind=FaultKind.DOES_NOT_ADD_UP,
        what=f"with the commits of its logs, {fault.what}",
        message=f"{file}: with the commits of its logs, {fault.what}: lines are missing from the logs, or stand in "
        f"another order. {_see(file)}",
    )


def other_version(file: Path, log: Path) -> Fault:
    """Say that a log's commits were made to another version of the file."""
    return Fault(
        kind=FaultKind.OTHER_VERSION,
        file=str(log),
        what=f"{file.name} is not the version that it holds commits to",
        message=f"{file}: not the version that {log.name} holds commits to. Put that version back, or move {log.name} "
        f"away to go on without those commits. Nothing was changed",
    )


def changed_by_hand(file: Path, log: Path, commits: int) -> Fault:
    """Say that the file is not what it was when the log's commits were made to it."""
    return Fault(
        kind=FaultKind.CHANGED_BY_HAND,
        file=str(file),
        what=f"it was changed while {log.name} holds {commits} commits made to it as it was",
        message=f"{file}: changed by hand while {log.name} holds {commits} commits made after it. Put the file back as "
        f"it was, or move {log.name} away to go on without those commits. Nothing was changed",
    )


def file_missing(file: Path, log: Path) -> Fault:
    """Say that a log has commits to a file that is not there."""
    return Fault(
        kind=FaultKind.FILE_MISSING,
        file=str(file),
        what=f"it is missing, but {log.name} holds commits made to it",
        message=f"{file} is missing, but {log.name} holds commits made to it. Put the file back, or move {log.name} "
        f"away to start anew. Nothing was changed",
    )


def _see(file: Path) -> str:
    return (
        f"Nothing was changed. `mockpos fsck {file}` says what is lost, and can save what lies before it; or restore "
        f"the file and its logs from a backup"
    )
