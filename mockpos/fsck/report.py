"""What a look at an inventory brought to light: its files, what was found and what it means, what a start would do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from msgspec import MsgspecError
from msgspec.json import decode

from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.counted import counted
from mockpos.store.commit_log import LogLine
from mockpos.store.faults import Fault, FaultKind
from mockpos.store.replay import FileVersion, LogReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found: what it is, where it is, what it means and what to do about it.

    A note is something to know that is no damage. ``kind`` is for scripts. ``lost`` counts acknowledged commits that
    cannot be read any more, at least so many; ``passed`` those that can be read and are not applied; ``global_ids``
    are the first of those they are about.
    """

    kind: str
    severity: str = "finding"
    file: str
    line: int | None = None
    offset: int | None = None
    table: str | None = None
    document: str | None = None
    remote_id: str | None = None
    global_ids: tuple[str, ...] = ()
    what: str
    meaning: str
    way_out: str = ""
    lost: int = 0
    passed: int = 0
    refuses_start: bool = False
    can_repair: bool = False

    @property
    def is_note(self) -> bool:
        """Tell whether it is something to know that is no damage."""
        return self.severity == _NOTE

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
        return {**_in_json(self), "global_ids": list(self.global_ids), "way_out": self.way_out or None}


_NOTE = "note"
_IN_JSON = {
    "offset": "byte", "lost": "commits_lost_at_least", "passed": "commits_not_applied", "can_repair": "repairable",
    "replays": "replays_commits", "generation": "file_generation", "file_matches": "file_is_the_one_the_logs_name",
    "last_commit": "last_commit_at",
}  # fmt: skip
"""What scripts know some numbers by."""


def _in_json(told: "Finding | Start") -> dict[str, object]:
    return {_IN_JSON.get(name, name): value for name, value in asdict(told).items()}


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
        return {**_in_json(self), "last_commit_at": rfc3339(self.last_commit) if self.last_commit else None}


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


def found(kind: str, file: Path | str, what: str, **more: Any) -> Finding:
    """Make a finding with what its kind means and the way out of it, unless ``more`` says otherwise."""
    meaning, way_out = MEANINGS[kind]
    said: dict[str, Any] = {"can_repair": kind in _REPAIRABLE, "meaning": meaning, "way_out": way_out, **more}
    said |= {"severity": _NOTE} if kind in _NOTES else {}
    return Finding(kind=str(kind), file=str(file), what=what, **said)


_RESTORE = "restore the file and its logs from one backup"
_BY_HAND = "correct it by hand, a document is a line"
_PUT_BACK = "Put the version that is meant back from a backup, or move {logs} away to go on without those commits."

CUT = "`--repair` cuts the log before this place, keeping a copy; or restore all from one backup."

MEANINGS: dict[str, tuple[str, str]] = {
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
    "proven_header": (
        "That it belongs to the file is proven by the fingerprint in it. No commit is lost.",
        "`--repair` writes the line anew, keeping a copy of the log.",
    ),
    FaultKind.OTHER_FORMAT: ("This version cannot read it.", "Start and stop the version that wrote it once."),
    FaultKind.CHANGED_BY_HAND: ("The commits cannot be applied to what the file is now.", _PUT_BACK),
    FaultKind.OTHER_VERSION: ("Commits are missing between the two, or the file is newer than the log.", _PUT_BACK),
    FaultKind.FILE_MISSING: ("Nothing can be applied without the file.", _PUT_BACK),
    "more": ("They are not shown one by one.", "Put the ones that are shown right, and look again."),
    "broken_line": (
        "What it stands for is unknown, so the whole file is refused.",
        "Correct the line by hand, or restore the file and its logs from one backup.",
    ),
    "seats_overlap": (
        "These seats can be sold twice. A start does not refuse it.",
        "Correct the seats of one of the two, or retire it.",
    ),
    "torn_once_whole": (
        "At least 1 acknowledged commit is lost. A loss of power does that under --durability os.",
        "A start goes on without it. So does `--repair`, which keeps a copy of the log.",
    ),
    "torn_line": (
        "It {when}, so it was never acknowledged. Nothing is lost.",
        "None is needed: a start leaves it out.",
    ),
    "log_in_file": (
        "The process ended just before it would have removed it. Nothing is lost.",
        "None is needed: a start removes it.",
    ),
    "commits_wait": ("They are whole. Nothing of them is lost once the file can be read again as it was.", ""),
    "edited": ("No commit was made since, so a start takes it as it is.", ""),
    "leftover": ("A process died while it wrote it. Nothing rests on it.", "None is needed: a start removes it."),
    "lock_left": ("A process died that had the file open.", "None is needed: a start takes it over."),
    "events_over": (
        "Their events are past, so they cannot be held.",
        "Import a newer file (`mockpos import FILE --replace`), or set the clock back while it is served "
        "(`mockpos clock set`).",
    ),
}
_NOTES = frozenset({"torn_line", "log_in_file", "commits_wait", "edited", "leftover", "lock_left", "events_over"})
"""What is no damage."""

_REPAIRABLE = frozenset({FaultKind.DAMAGED_LINE, FaultKind.DAMAGED_HEADER, FaultKind.LINES_MISSING, "torn_once_whole"})
"""What is at a place in a log, before which it can be cut."""


def log_finding(fault: Fault, logs: Sequence[LogReading], *, is_first: bool, is_in_use: bool) -> Finding:
    """Turn a fault of the logs into a finding. The first tells which commits behind it are left out."""
    log = next((each for each in logs if str(each.path) == fault.file), None)
    is_proven = fault.kind is FaultKind.DAMAGED_HEADER and log is not None and log.header is not None
    meaning, way_out = MEANINGS["proven_header" if is_proven else fault.kind]
    passed, ids = _left_out(logs) if is_first and not is_proven else (0, ())
    left_out = [(each.path.name, each.passed) for each in logs if each.passed.commits]
    if passed:
        where = "; ".join(f"{name}, lines {of.first_line:,} to {of.last_line:,}" for name, of in left_out)
        rest = "is not applied: what it rests" if passed == 1 else "are not applied: what they rest"
        meaning += f" {counted(passed, 'commit')}{_about(ids)} ({where}) can be read, but {rest} on is missing."
    way_out = way_out.format(logs=" and ".join(name for name, _ in left_out) or "the logs")
    if is_in_use:
        way_out = f"Stop the server, which then writes the file from its memory, and look again. {way_out}"
    return found(
        fault.kind, fault.file, fault.what, line=fault.line, offset=fault.offset, meaning=meaning, way_out=way_out,
        refuses_start=True, lost=int(fault.kind is FaultKind.DAMAGED_LINE),
        passed=passed, global_ids=ids,
    )  # fmt: skip


def log_notes(logs: Sequence[LogReading], faults: Sequence[Fault], *, is_in_use: bool) -> Iterator[Finding]:
    """Tell what else is to be known of the logs: torn lines, more damage, and logs whose commits the file has."""
    told = {fault.file for fault in faults if fault.kind is FaultKind.LINES_MISSING}
    for log in logs:
        if log.more_damaged:
            what = f"{counted(log.more_damaged, 'more line')} of it do not match their checksums"
            said = {"meaning": MEANINGS["more"][0], "way_out": "", "lost": log.more_damaged}
            yield found(FaultKind.DAMAGED_LINE, log.path, what, refuses_start=True, **said)
        if log.is_in_file and not is_in_use:
            yield found("log_in_file", log.path, "its commits are in the file already")
        elif log.torn is not None and str(log.path) not in told:
            yield _torn(log, log.torn, is_newest=log is logs[-1] or is_in_use, is_in_use=is_in_use)


def version_notes(
    logs: Sequence[LogReading], faults: Sequence[Fault], file: Path, version: FileVersion | None
) -> Iterator[Finding]:
    """Tell of commits that wait for a file that can be read, and of a file that was edited where that is allowed."""
    passed, ids = _left_out(logs)
    if version is None and passed and not faults:
        waiting = next(log.path for log in logs if log.passed.commits)
        what = f"{counted(passed, 'commit')} wait for the file{_about(ids, ', about')}"
        yield found("commits_wait", waiting, what, passed=passed, global_ids=ids)
    for log in logs:
        is_the_files = version is not None and log.header is not None and log.header.generation == version.generation
        was_edited = version is not None and log.fingerprint not in ("", version.fingerprint)
        if is_the_files and was_edited and not log.passed.commits and not log.damaged:
            yield found("edited", file, "it was edited after mockpos wrote it")


def _torn(log: LogReading, line: LogLine, *, is_newest: bool, is_in_use: bool) -> Finding:
    """Tell of a torn line: no damage at the end of all logs; in a log that another has followed it was whole once."""
    if is_newest:
        when = "is being written just now" if is_in_use else "was being written when the process died"
        kind, what = "torn_line", "the last line is torn off"
        said: dict[str, Any] = {"meaning": MEANINGS["torn_line"][0].format(when=when)}
    else:
        kind, what = "torn_once_whole", "the last line is torn off, although this log was complete once"
        said = {"lost": 1}
    return found(kind, log.path, what, line=line.number, offset=line.offset, **said)


def _left_out(logs: Sequence[LogReading]) -> tuple[int, tuple[str, ...]]:
    """Return how many commits can be read and are not applied, and the first Global IDs they are about."""
    ids = dict.fromkeys(each for log in logs for each in log.passed.global_ids)
    return sum(log.passed.commits for log in logs), tuple(ids)


def _about(ids: tuple[str, ...], word: str = " about") -> str:
    """Name the first ids, and say how many more there are of those that are known; nothing for none."""
    more = f" and {len(ids) - _MOST_NAMED:,} more" if len(ids) > _MOST_NAMED else ""
    return f"{word} {', '.join(ids[:_MOST_NAMED])}{more}" if ids else ""


_MOST_NAMED = 10
_MOST_BROKEN = 100
_SHOWN = 60
_TABLE = re.compile(rb'\{?"([a-z_]+)": ?\{(?:\}\}?,?)?')
_ENDS = (b"", b"}", b"},", b"}}")


def broken_lines(data: bytes, file: str) -> Iterator[Finding]:
    """Find the lines that cannot be read, up to a hundred. Finds none in a file that is laid out in another way."""
    lines = data.split(b"\n")
    if not _TABLE.fullmatch(lines[0].strip()):
        return
    offset, count, table = 0, 0, None
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        opening = _TABLE.fullmatch(text)
        if opening:
            table = opening[1].decode("ascii")
        elif text not in _ENDS and not _is_document(text):
            shown = text[:_SHOWN].decode("utf-8", "replace") + ("..." if len(text) > _SHOWN else "")
            what = f"no document can be read from {shown}"
            yield found("broken_line", file, what, line=number, offset=offset, table=table, refuses_start=True)
            count += 1
            if count == _MOST_BROKEN:
                return
        offset += len(line) + 1


def _is_document(text: bytes) -> bool:
    try:
        decode(b"{" + text.removesuffix(b",") + b"}")
    except (MsgspecError, UnicodeDecodeError):
        return False
    return True
