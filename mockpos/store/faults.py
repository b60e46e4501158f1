"""What is wrong with the files of an inventory, in words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from mockpos.domain.counted import counted
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

    __hash__ = str.__hash__  # so that a kind is found by its text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``what`` says only what is wrong; ``message``, as a start does, where and what to do about it too.

    ``offset`` is of the line's first byte in the file, from 0; ``document`` the document's number in its table.
    """

    kind: FaultKind
    file: str
    what: str
    message: str = ""
    line: int | None = None
    offset: int | None = None
    table: str | None = None
    document: str | None = None
    remote_id: str | None = None
    global_id: str | None = None

    def __post_init__(self) -> None:
        if not self.message:
            object.__setattr__(self, "message", f"{self.file}: {self.what}")


Complain = Callable[[Fault], None]
"""Whoever is told of a fault. The reader goes on when this returns."""


class Unread:
    """What could not be read, by a kind and a key. A document whose key is illegible may be any of its kind."""

    def __init__(self) -> None:
        self._keys: dict[str, set[str | None]] = {}

    def add(self, kind: str, key: object) -> None:
        """Remember one."""
        legible = str(key) if isinstance(key, str | int) else None
        self._keys.setdefault(kind, set()).add(legible)

    def may_be(self, kind: str, key: str) -> bool:
        """Tell whether this one may have been among them."""
        keys = self._keys.get(kind, set())
        return key in keys or None in keys

    def __bool__(self) -> bool:
        return bool(self._keys)


def refuse(fault: Fault) -> None:
    """Raise BadInput with what the fault says."""
    raise BadInput(fault.message)


MISMATCH = "the line does not match its checksum"


def damaged(file: Path, log: Path, line: LogLine, why: str = MISMATCH) -> Fault:
    """Say that a line of a log does not match its checksum, or that it does and makes no sense."""
    kind = FaultKind.DAMAGED_HEADER if line.number == 1 else FaultKind.DAMAGED_LINE
    return _in_log(kind, log, line, why, f"{log}:{line.number}: damaged: {why}. {_see(file)}")


def other_format(log: Path, line: LogLine) -> Fault:
    """Say that another version of mockpos wrote a log."""
    message = f"{log}: written by another version of mockpos; start that version once to finish it"
    return _in_log(FaultKind.OTHER_FORMAT, log, line, "another version of mockpos wrote it", message)


def lines_missing(file: Path, log: Path, torn: LogLine | None, number: int, later: Path) -> Fault:
    """Say that a log ends too early, in a torn line or after a whole one, and another follows with commits."""
    number, offset = (torn.number, torn.offset) if torn else (number, None)
    ends = "it is torn off here" if torn or number == 1 else "it ends before this line"
    what = f"{ends}, but {later.name} holds commits made after it"
    message = f"{log}:{number}: {what.removeprefix('it ').removeprefix('is ')}. {_see(file)}"
    return Fault(kind=FaultKind.LINES_MISSING, file=str(log), line=number, offset=offset, what=what, message=message)


def lines_taken_out(file: Path, log: Path, line: LogLine, expected: int) -> Fault:
    """Say that a line does not have the number that follows the one before it."""
    what = f"this is line {line.written_as} of the log, but line {expected} should stand here"
    return _in_log(FaultKind.LINES_MISSING, log, line, what, f"{log}:{line.number}: {what}. {_see(file)}")


def does_not_add_up(file: Path, fault: Fault) -> Fault:
    """Say that the world is wrong after the logs were applied: whole lines are gone, or stand in another order."""
    what = f"with the commits of its logs, {fault.what}"
    message = f"{file}: {what}: lines are missing from the logs, or stand in another order. {_see(file)}"
    return replace(fault, kind=FaultKind.DOES_NOT_ADD_UP, what=what, message=message)


def other_version(file: Path, log: Path) -> Fault:
    """Say that a log's commits were made to another version of the file."""
    what = f"{file.name} is not the version that it holds commits to"
    message = f"{file}: not the version that {log.name} holds commits to. Put that version back, {_or_go_on(log)}"
    return Fault(kind=FaultKind.OTHER_VERSION, file=str(log), what=what, message=message)


def changed_by_hand(file: Path, log: Path, commits: int) -> Fault:
    """Say that the file is not what it was when the log's commits were made to it."""
    holds = f"{log.name} holds {counted(commits, 'commit')}"
    what = f"it was changed while {holds} made to it as it was"
    message = f"{file}: changed by hand while {holds} made after it. Put the file back as it was, {_or_go_on(log)}"
    return Fault(kind=FaultKind.CHANGED_BY_HAND, file=str(file), what=what, message=message)


def file_missing(file: Path, log: Path) -> Fault:
    """Say that a log has commits to a file that is not there."""
    missing = f"is missing, but {log.name} holds commits made to it"
    message = f"{file} {missing}. Put the file back, or move {log.name} away to start anew. Nothing was changed"
    return Fault(kind=FaultKind.FILE_MISSING, file=str(file), what=f"it {missing}", message=message)


def _in_log(kind: FaultKind, log: Path, line: LogLine, what: str, message: str) -> Fault:
    return Fault(kind=kind, file=str(log), line=line.number, offset=line.offset, what=what, message=message)


def _or_go_on(log: Path) -> str:
    return f"or move {log.name} away to go on without those commits. Nothing was changed"


def _see(file: Path) -> str:
    return (
        f"Nothing was changed. `mockpos fsck {file}` says what is lost, and can save what lies before it; or restore "
        f"the file and its logs from a backup"
    )
