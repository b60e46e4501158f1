"""What was found in the commit logs, and what it means for the commits in them: which are lost, which are left out."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import MsgspecError
from msgspec.json import decode

from mockpos.fsck.report import MEANINGS, PROVEN, REPAIRABLE, Finding, counted, named
from mockpos.store.commit_log import LogLine
from mockpos.store.replay import FileVersion, LogReading
from mockpos.store.replay_faults import Fault, FaultKind


def log_finding(fault: Fault, logs: Sequence[LogReading], *, is_first: bool, is_in_use: bool) -> Finding:
    """Turn a fault of the logs into a finding. The first tells which commits behind it are left out."""
    log = next((each for each in logs if str(each.path) == fault.file), None)
    is_proven = fault.kind is FaultKind.DAMAGED_HEADER and log is not None and log.header is not None
    meaning, way_out = PROVEN if is_proven else MEANINGS[fault.kind]
    passed, ids = _left_out(logs) if is_first and not is_proven else (0, ())
    if passed:
        about = f" about {named(ids)}" if ids else ""
        is_one = passed == 1
        meaning += (
            f" {counted(passed, 'commit')}{about} ({_where(logs)}) can be read, but {'is' if is_one else 'are'} not "
            f"applied: what {'it rests' if is_one else 'they rest'} on is missing."
        )
    way_out = way_out.format(logs=" and ".join(each.path.name for each in logs if each.passed.commits) or "the logs")
    if is_in_use:
        way_out = f"Stop the server, which then writes the file from its memory, and look again. {way_out}"
    return Finding(
        kind=fault.kind.value, file=fault.file, line=fault.line, offset=fault.offset, what=fault.what, meaning=meaning,
        way_out=way_out, can_repair=fault.kind in REPAIRABLE, refuses_start=True,
        lost=int(fault.kind is FaultKind.DAMAGED_LINE), passed=passed, global_ids=ids,
    )  # fmt: skip


def log_notes(logs: Sequence[LogReading], faults: Sequence[Fault], *, is_in_use: bool) -> Iterator[Finding]:
    """Tell what else is to be known of the logs: torn lines, more damage, and logs whose commits the file has."""
    told = {fault.file for fault in faults if fault.kind is FaultKind.LINES_MISSING}
    for log in logs:
        if log.more_damaged:
            yield Finding(
                kind=FaultKind.DAMAGED_LINE.value, file=str(log.path),
                what=f"{counted(log.more_damaged, 'more line')} of it do not match their checksums",
                meaning="They are not shown one by one.", can_repair=True, refuses_start=True, lost=log.more_damaged,
            )  # fmt: skip
        if log.is_in_file and not is_in_use:
            yield Finding(
                kind="log_in_file", is_note=True, file=str(log.path), what="its commits are in the file already",
                meaning="The process ended just before it would have removed it. Nothing is lost.",
                way_out="None is needed: a start removes it.",
            )  # fmt: skip
        elif log.torn is not None and str(log.path) not in told:
            yield _torn(log, log.torn, is_newest=log is logs[-1] or is_in_use, is_in_use=is_in_use)


def version_notes(
    logs: Sequence[LogReading], faults: Sequence[Fault], file: Path, version: FileVersion | None
) -> Iterator[Finding]:
    """Tell of commits that wait for a file that can be read, and of a file that was edited where that is allowed."""
    passed, ids = _left_out(logs)
    if version is None and passed and not faults:
        yield Finding(
            kind="commits_wait", is_note=True, file=str(next(log.path for log in logs if log.passed.commits)),
            what=f"{counted(passed, 'commit')} wait for the file" + (f", about {named(ids)}" if ids else ""),
            meaning="They are whole. Nothing of them is lost once the file can be read again as it was.",
            passed=passed, global_ids=ids,
        )  # fmt: skip
    for log in logs:
        is_the_files = version is not None and log.header is not None and log.header.generation == version.generation
        was_edited = version is not None and log.fingerprint not in ("", version.fingerprint)
        if is_the_files and was_edited and not log.passed.commits and not log.damaged:
            yield Finding(
                kind="edited", is_note=True, file=str(file), what="it was edited after mockpos wrote it",
                meaning="No commit was made since, so a start takes it as it is.",
            )  # fmt: skip


def _torn(log: LogReading, line: LogLine, *, is_newest: bool, is_in_use: bool) -> Finding:
    """Tell of a torn line: no damage at the end of all logs; in a log that another has followed it was whole once."""
    if is_newest:
        when = "is being written just now" if is_in_use else "was being written when the process died"
        return Finding(
            kind="torn_line", is_note=True, file=str(log.path), line=line.number, offset=line.offset,
            what="the last line is torn off",
            meaning=f"It {when}, so it was never acknowledged. Nothing is lost.",
            way_out="None is needed: a start leaves it out.",
        )  # fmt: skip
    return Finding(
        kind="torn_once_whole", file=str(log.path), line=line.number, offset=line.offset,
        what="the last line is torn off, although this log was complete once",
        meaning="At least 1 acknowledged commit is lost. A loss of power does that under --durability os.",
        way_out="A start goes on without it. So does `--repair`, which keeps a copy of the log.",
        can_repair=True, lost=1,
    )  # fmt: skip


def _left_out(logs: Sequence[LogReading]) -> tuple[int, tuple[str, ...]]:
    """Return how many commits can be read and are not applied, and the first Global IDs they are about."""
    ids = dict.fromkeys(each for log in logs for each in log.passed.global_ids)
    return sum(log.passed.commits for log in logs), tuple(ids)


def _where(logs: Sequence[LogReading]) -> str:
    spans = [(log.path.name, log.passed) for log in logs if log.passed.commits]
    return "; ".join(f"{name}, lines {passed.first_line:,} to {passed.last_line:,}" for name, passed in spans)


_MOST = 100
_SHOWN = 60
_TABLE = re.compile(rb'\{?"([a-z_]+)": ?\{(?:\}\}?,?)?')
_ENDS = (b"", b"}", b"},", b"}}")


def broken_lines(data: bytes, file: str) -> Iterator[Finding]:
    """Find the lines that cannot be read, up to a hundred. Finds none in a file that is laid out in another way."""
    lines = data.split(b"\n")
    if not _TABLE.fullmatch(lines[0].strip()):
        return
    offset, found, table = 0, 0, None
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        opening = _TABLE.fullmatch(text)
        if opening:
            table = opening[1].decode("ascii")
        elif text not in _ENDS and not _is_document(text):
            yield Finding(
                kind="broken_line", file=file, line=number, offset=offset, table=table,
                what=f"no document can be read from {_shown(text)}",
                meaning="What it stands for is unknown, so the whole file is refused.",
                way_out="Correct the line by hand, or restore the file and its logs from one backup.",
                refuses_start=True,
            )  # fmt: skip
            found += 1
            if found == _MOST:
                return
        offset += len(line) + 1


def _is_document(text: bytes) -> bool:
    try:
        decode(b"{" + text.removesuffix(b",") + b"}")
    except (MsgspecError, UnicodeDecodeError):
        return False
    return True


def _shown(text: bytes) -> str:
    start = text[:_SHOWN].decode("utf-8", "replace")
    return start + ("..." if len(text) > _SHOWN else "")
