"""What a look at an inventory's files brought to light: the files, each finding, and what a start would do."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from mockpos.domain.clock import Millis, rfc3339
from mockpos.store.replay_faults import FaultKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found: what it is, where it is, what it means and what to do about it.

    A note is something to know that is no damage. ``kind`` is for scripts. ``lost`` counts acknowledged commits that
    cannot be read any more, at least so many; ``passed`` those that can be read and are not applied; ``global_ids``
    are the first of those they are about.
    """

    kind: str
    file: str
    what: str
    meaning: str
    way_out: str = ""
    is_note: bool = False
    refuses_start: bool = False
    can_repair: bool = False
    line: int | None = None
    offset: int | None = None
    table: str | None = None
    document: str | None = None
    remote_id: str | None = None
    lost: int = 0
    passed: int = 0
    global_ids: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Say where in the file it is: a line, or a table and a document; nothing for the file as a whole."""
        parts = []
        if self.line is not None:
            parts.append(f"line {self.line:,}")
        if self.offset is not None:
            parts.append(f"byte {self.offset:,}")
        if self.table is not None:
            parts.append(self.table + (f" {self.document}" if self.document is not None else ""))
        return ", ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Return everything, for scripts."""
        return {
            "kind": self.kind,
            "severity": "note" if self.is_note else "finding",
            "file": self.file,
            "line": self.line,
            "byte": self.offset,
            "table": self.table,
            "document": self.document,
            "remote_id": self.remote_id,
            "global_ids": list(self.global_ids),
            "what": self.what,
            "meaning": self.meaning,
            "way_out": self.way_out or None,
            "commits_lost_at_least": self.lost,
            "commits_not_applied": self.passed,
            "refuses_start": self.refuses_start,
            "repairable": self.can_repair,
        }


_IN_JSON = {
    "replays": "replays_commits", "generation": "file_generation", "file_matches": "file_is_the_one_the_logs_name",
    "last_commit": "last_commit_at",
}  # fmt: skip
"""What scripts know some numbers of a start by."""


@dataclass(frozen=True, slots=True)
class FileLook:
    """One file: its size in bytes, and what it is, in words."""

    path: Path
    size: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a start would do, and what the inventory would have then.

    ``refuses`` is what it would say instead of serving; the counts are then those of what can be applied all the same.
    ``file_matches`` tells whether the file is the one the logs name, and is None where none of them names one.
    """

    refuses: str | None
    replays: int
    generation: int
    log_generations: tuple[int, ...]
    file_matches: bool | None
    listings: int
    live_holds: int
    ended_holds: int
    invoices: int
    tombstones: int
    last_commit: Millis

    def as_json(self) -> dict[str, object]:
        """Return everything, for scripts."""
        told = {_IN_JSON.get(name, name): value for name, value in asdict(self).items()}
        return {**told, "last_commit_at": rfc3339(self.last_commit) if self.last_commit else None}


@dataclass(slots=True)
class Report:
    """Everything that is to be said. ``start`` is None when there is no file that could be read."""

    file: Path
    in_use_by: str | None = None
    files: list[FileLook] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    start: Start | None = None

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing is wrong. Notes are no damage."""
        return all(finding.is_note for finding in self.findings)

    def of(self, path: Path) -> list[Finding]:
        """Return what was found in one file."""
        return [finding for finding in self.findings if finding.file == str(path)]

    def as_json(self) -> dict[str, object]:
        """Return everything, for scripts."""
        return {
            "file": str(self.file),
            "verdict": "clean" if self.is_clean else "findings",
            "in_use_by": self.in_use_by,
            "files": [{"file": str(look.path), "bytes": look.size, "what": look.what} for look in self.files],
            "findings": [finding.as_json() for finding in self.findings if not finding.is_note],
            "notes": [finding.as_json() for finding in self.findings if finding.is_note],
            "start": self.start.as_json() if self.start else None,
        }


def counted(count: int, noun: str) -> str:
    """Return a number and its noun: 1 commit, 2,000 commits."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def named(ids: tuple[str, ...], most: int = 10) -> str:
    """Return some ids for a sentence, and how many more there are of those that are known."""
    shown = ", ".join(ids[:most])
    return f"{shown} and {len(ids) - most:,} more" if len(ids) > most else shown


_RESTORE = "restore the file and its logs from one backup"
_BY_HAND = "correct it by hand, a document is a line"
_PUT_BACK = "Put the version that is meant back from a backup, or move {logs} away to go on without those commits."

CUT = "`--repair` cuts the log before this place, keeping a copy; or restore all from one backup."

REPAIRABLE = frozenset({FaultKind.DAMAGED_LINE, FaultKind.DAMAGED_HEADER, FaultKind.LINES_MISSING})
"""Faults at a place in a log, before which it can be cut."""

MEANINGS: dict[FaultKind, tuple[str, str]] = {
    FaultKind.UNREADABLE: ("Nothing can be said about what is in it.", "Make it a file that you may read."),
    FaultKind.NOT_AN_INVENTORY: (
        "Nothing in the file can be used, and no commit in the logs can be applied without it.",
        f"Correct the place by hand, or {_RESTORE}. To begin anew without it, move file and logs away.",
    ),
    FaultKind.BAD_DOCUMENT: (
        "What this document stands for cannot be read, so the whole file is refused.",
        f"Look at the document and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.BAD_STOCK: (
        "How many of its tickets are free, held and sold cannot be told from its document.",
        f"Look at the document and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.STANDS_TWICE: ("Which of the two counts cannot be told.", "Remove one of the two documents."),
    FaultKind.UNPAIRED: (
        "One half of a sale is missing: its order, its total or its price cannot be told from the other half.",
        f"Put the missing document back from a backup, or remove the half that is there; or {_RESTORE}.",
    ),
    FaultKind.UNKNOWN_LISTING: (
        "The tickets that are held for it do not exist, so it can neither be released nor invoiced.",
        "Put the listing back from a backup, or remove the hold.",
    ),
    FaultKind.HELD_DIFFERS: (
        "Holds are missing or too many: tickets are kept from sale for nobody, or would be sold twice.",
        f"Look at the listing and its holds and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.SEATS_DIFFER: (
        "A seat could be sold twice.",
        f"Look at the listing's free_seats and at its live holds and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.DOES_NOT_ADD_UP: (
        "Lines are missing from the logs, or stand in another order, and no checksum tells where.",
        f"Put the logs back as they were, or {_RESTORE}. To go on without their commits, move the logs away.",
    ),
    FaultKind.SOLD_DIFFERS: (
        "Sold tickets could be sold again.",
        f"Look at the listing and its invoices and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.SOLD_TWICE: (
        "Two callers were told that this seat is theirs. A start does not refuse it, and no repair can choose.",
        "Find out which order counts, and take the other one back where it was made.",
    ),
    FaultKind.SOLD_AND_FREE: (
        "A sold seat would be sold again.",
        f"Look at the listing's free_seats and {_BY_HAND}; or {_RESTORE}.",
    ),
    FaultKind.SOLD_AND_HELD: (
        "A seat is promised to two callers.",
        f"Find out whose it is: release the hold, or {_RESTORE}.",
    ),
    FaultKind.INVOICE_ID_TWICE: (
        "The invoice's number does not tell which sale is meant. A start does not refuse it.",
        "Give one of the two another number by hand.",
    ),
    FaultKind.DAMAGED_LINE: ("At least 1 acknowledged commit is lost.", CUT),
    FaultKind.DAMAGED_HEADER: ("Which version of the file its commits were made to cannot be told.", CUT),
    FaultKind.LINES_MISSING: (
        "Acknowledged commits are lost here; how many cannot be told. A loss of power does that under --durability os.",
        CUT,
    ),
    FaultKind.OTHER_FORMAT: ("This version cannot read it.", "Start and stop the version that wrote it once."),
    FaultKind.CHANGED_BY_HAND: ("The commits cannot be applied to what the file is now.", _PUT_BACK),
    FaultKind.OTHER_VERSION: ("Commits are missing between the two, or the file is newer than the log.", _PUT_BACK),
    FaultKind.FILE_MISSING: ("Nothing can be applied without the file.", _PUT_BACK),
}

PROVEN = (
    "That it belongs to the file is proven by the fingerprint in it. No commit is lost.",
    "`--repair` writes the line anew, keeping a copy of the log.",
)
"""Of a damaged header that still names the file."""
