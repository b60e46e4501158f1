"""What was found in the commit logs, and what it means for the commits in them: which are lost, which are left out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mockpos.fsck.finding import Finding, counted, named
from mockpos.store.faults import Fault, FaultKind
from mockpos.store.log_lines import LogLine
from mockpos.store.replay import LogReading

_LEGIBLE = re.compile(rb'\["[hti]",\["([A-Za-z0-9][A-Za-z0-9._:-]{0,127})"')
_COMMIT = re.compile(rb'"put":\[|"clock":\[')


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs that were read, the oldest first, and what has to be known to say what became of them.

    ``same_version`` is a copy of the file as it was when the commits were made to it, if one lies beside it.
    """

    file: Path
    readings: list[LogReading]
    is_in_use: bool = False
    same_version: Path | None = None

    @property
    def applied(self) -> int:
        """How many commits can be applied: those before the first gap."""
        return sum(reading.applied for reading in self.readings)

    def of(self, fault: Fault) -> LogReading | None:
        """Return the log a fault is in."""
        return next((reading for reading in self.readings if str(reading.path) == fault.file), None)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Commits that can be read and are not applied, as a sentence, and what they are about."""

    commits: int = 0
    global_ids: tuple[str, ...] = ()
    sentence: str = ""

    @classmethod
    def of(cls, readings: Iterable[LogReading]) -> "_LeftOut":
        left_out = [(reading.path.name, reading.passed) for reading in readings if reading.passed.commits]
        commits = sum(passed.commits for _, passed in left_out)
        if not commits:
            return cls()
        global_ids = tuple(dict.fromkeys(each for _, passed in left_out for each in passed.global_ids))
        about = f" about {named(global_ids)}" if global_ids else ""
        where = "; ".join(f"{name}, lines {passed.first_line:,} to {passed.last_line:,}" for name, passed in left_out)
        are = "can be read, but is" if commits == 1 else "can be read, but are"
        rest = "it rests" if commits == 1 else "they rest"
        sentence = f" {counted(commits, 'commit')}{about} ({where}) {are} not applied: what {rest} on is missing."
        return cls(commits, global_ids, sentence)


def log_findings(faults: Iterable[Fault], logs: Logs) -> Iterator[Finding]:
    """Turn the faults of logs into findings. The first one that makes a gap tells what is left out behind it."""
    left_out = _LeftOut.of(logs.readings)
    for fault in faults:
        reading = logs.of(fault)
        is_proven = fault.kind is FaultKind.DAMAGED_HEADER and reading is not None and reading.header is not None
        behind = _LeftOut() if is_proven else left_out
        yield _finding(fault, logs, behind, is_proven=is_proven)
        if not is_proven:
            left_out = _LeftOut()


def _finding(fault: Fault, logs: Logs, behind: _LeftOut, *, is_proven: bool) -> Finding:
    line = _line_of(fault, logs)
    lost, legible = (max(1, len(_COMMIT.findall(line.text))), _legible(line)) if line else (0, ())
    meaning, way_out, can_repair = _meaning(fault, logs, lost, legible, is_proven=is_proven)
    if logs.is_in_use:
        way_out = f"Stop the server, which then writes the file from its memory, and look again. {way_out}"
    return Finding(
        kind=fault.kind.value, file=fault.file, line=fault.line, offset=fault.offset, what=fault.what,
        meaning=meaning + behind.sentence, way_out=way_out, can_repair=can_repair, refuses_start=True,
        lost=lost, passed=behind.commits, global_ids=tuple(dict.fromkeys((*legible, *behind.global_ids))),
    )  # fmt: skip


def _meaning(
    fault: Fault, logs: Logs, lost: int, legible: tuple[str, ...], *, is_proven: bool
) -> tuple[str, str, bool]:
    """Return what a fault means, the way out, and whether a repair is one."""
    if is_proven:
        return _PROVEN, "`--repair` applies its commits and writes the file anew.", True
    meaning, can_repair = _MEANINGS[fault.kind]
    if fault.kind is FaultKind.DAMAGED_LINE:
        are = "acknowledged commit is" if lost == 1 else "acknowledged commits are"
        about = f", about {named(legible)} as far as can be read" if legible else ""
        meaning = f"At least {lost} {are} lost{about}."
    if can_repair:
        way_out = f"`--repair` keeps the {counted(logs.applied, 'commit')} before it; or restore all from one backup."
    elif fault.kind is FaultKind.OTHER_FORMAT:
        way_out = "Start and stop the version that wrote it once."
    else:
        way_out = _put_back(logs)
    return meaning, way_out, can_repair


_PROVEN = "That it belongs to the file is proven by the fingerprint in it. No commit is lost."
_MEANINGS = {
    FaultKind.DAMAGED_LINE: ("", True),
    FaultKind.DAMAGED_HEADER: ("Which version of the file its commits were made to cannot be told.", True),
    FaultKind.LINES_MISSING: (
        "Acknowledged commits are lost here; how many cannot be told. A loss of power does that under --durability os.",
        True,
    ),
    FaultKind.OTHER_FORMAT: ("This version cannot read it.", False),
    FaultKind.CHANGED_BY_HAND: ("The commits cannot be applied to what the file is now.", False),
    FaultKind.OTHER_VERSION: ("Commits are missing between the two, or the file is newer than the log.", False),
    FaultKind.FILE_MISSING: ("Nothing can be applied without the file.", False),
}
"""What a fault means, and whether a repair is a way out."""


def _put_back(logs: Logs) -> str:
    """Say how to bring file and logs together again."""
    left_out = [reading.path.name for reading in logs.readings if reading.passed.commits]
    away = f"or move {' and '.join(left_out)} away to go on without those commits"
    if logs.same_version is not None:
        return f"{logs.same_version.name} is the version that is meant: copy it to {logs.file.name}; {away}."
    return f"Put the version that is meant back from a backup; {away}."


def log_notes(faults: Iterable[Fault], logs: Logs) -> Iterator[Finding]:
    """Tell what else is to be known of the logs than their faults: torn lines, and logs whose commits the file has."""
    told = {fault.file for fault in faults if fault.kind is FaultKind.LINES_MISSING}
    for reading in logs.readings:
        if reading.more_damaged:
            yield Finding(
                kind=FaultKind.DAMAGED_LINE.value, file=str(reading.path),
                what=f"{counted(reading.more_damaged, 'more line')} of it do not match their checksums",
                meaning="They are not shown one by one.", can_repair=True, refuses_start=True,
                lost=reading.more_damaged,
            )  # fmt: skip
        if reading.is_in_file and not logs.is_in_use:
            yield Finding(
                kind="log_in_file", is_note=True, file=str(reading.path),
                what="its commits are in the file already",
                meaning="The process ended just before it would have removed it. Nothing is lost.",
                way_out="None is needed: a start removes it.",
            )  # fmt: skip
        elif reading.torn is not None and str(reading.path) not in told:
            is_newest = reading is logs.readings[-1] or logs.is_in_use
            yield _torn(reading, reading.torn, logs) if is_newest else _torn_once_whole(reading, reading.torn)


def _torn(reading: LogReading, line: LogLine, logs: Logs) -> Finding:
    when = "is being written just now" if logs.is_in_use else "was being written when the process died"
    ids = _legible(line)
    about = f" It was about {named(ids)}." if ids else ""
    return Finding(
        kind="torn_line", is_note=True, file=str(reading.path), line=line.number, offset=line.offset,
        what="the last line is torn off",
        meaning=f"It {when}, so it was never acknowledged. Nothing is lost.{about}",
        way_out="None is needed: a start leaves it out.", global_ids=ids,
    )  # fmt: skip


def _torn_once_whole(reading: LogReading, line: LogLine) -> Finding:
    """Tell of a torn line in a log that another has followed: it was whole then."""
    ids = _legible(line)
    about = f", about {named(ids)}" if ids else ""
    return Finding(
        kind="torn_once_whole", file=str(reading.path), line=line.number, offset=line.offset,
        what="the last line is torn off, although this log was complete once",
        meaning=f"At least 1 acknowledged commit is lost{about}. A loss of power does that under --durability os.",
        way_out="A start goes on without it. So does `--repair`, which keeps a copy of the log.",
        can_repair=True, lost=1, global_ids=ids,
    )  # fmt: skip


def _line_of(fault: Fault, logs: Logs) -> LogLine | None:
    """Return the damaged line a fault speaks of."""
    reading = logs.of(fault)
    if reading is None or fault.kind is not FaultKind.DAMAGED_LINE:
        return None
    return next((line for line in reading.damaged if line.number == fault.line), None)


def _legible(line: LogLine) -> tuple[str, ...]:
    """Return the Global IDs that can be read in what is left of a line."""
    return tuple(dict.fromkeys(match.decode("ascii") for match in _LEGIBLE.findall(line.text)))
