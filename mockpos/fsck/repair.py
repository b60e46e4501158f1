"""Repairs one thing: cuts a log before its first damaged line, and keeps a copy of the file and its logs.

What is whole is kept, what is missing is not made up. Logs that follow the cut rest on what is lost: they go too.
A damaged header that still names the file is written anew. The lock is held from the look to the end.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.fsck.check import Check, Progress, check
from mockpos.fsck.report import Finding, Report
from mockpos.store.commit_log import line_of
from mockpos.store.file_lock import FileLock
from mockpos.store.inventory_file import sync_folder
from mockpos.store.inventory_path import check_replaceable, inventory_path, take_over_mode
from mockpos.store.log_entries import LogHeader, header_entry


@dataclass(frozen=True, slots=True)
class Repair:
    """What is to be done. With ``blockers`` nothing is: they need a person first.

    ``log`` is cut at ``offset``, before ``line``, or has its ``header`` written anew; ``later`` logs are taken away.
    """

    report: Report
    blockers: tuple[Finding, ...] = ()
    log: Path | None = None
    line: int = 0
    offset: int = 0
    header: LogHeader | None = None
    later: tuple[Path, ...] = ()
    aside: str = ""

    @property
    def copies(self) -> tuple[tuple[Path, Path], ...]:
        """Return what is copied, and the copies' names: together they are an inventory of their own."""
        changed = (self.report.file, self.log, *self.later) if self.log is not None else ()
        name = self.report.file.name
        return tuple((path, path.with_name(self.aside + path.name.removeprefix(name))) for path in changed)

    def steps(self) -> list[str]:
        """Say what will be done, a step a line."""
        if self.log is None:
            return []
        steps = [f"copy {source.name} to {copy.name}" for source, copy in self.copies]
        how = "write its first line anew" if self.header else f"cut it before line {self.line:,}"
        steps.append(f"{self.log.name}: {how}")
        steps += [f"remove {path.name}, which rests on what is lost" for path in self.later]
        left_out = sum(finding.passed for finding in self.report.findings)
        if left_out:
            steps.append(f"leave out {counted(left_out, 'commit')} past the gap; the copies keep them")
        return steps


@contextmanager
def planned_repair(path: Path, progress: Progress) -> Iterator[Repair]:
    """Look at an inventory that nobody serves, and keep others from serving it while the repair is decided and done.

    Raises BadInput: InventoryLocked when somebody serves it.
    """
    real = inventory_path(path)
    check_replaceable(real)
    lock = FileLock(real)
    try:
        yield _plan(check(path, progress, is_ours=True))
    finally:
        lock.release()


def carry_out(repair: Repair) -> None:
    """Do it. Raises BadInput when a file cannot be written; then the copies are there and a repair can be tried again.

    Later logs go first, the newest of them first: a process that dies meanwhile leaves a gap that a start still sees.
    """
    log = repair.log
    if log is None:
        return
    try:
        for source, copy in repair.copies:
            with source.open("rb") as content:
                _write(copy, content, source)
        sync_folder(log.parent)
        for path in reversed(repair.later):
            path.unlink(missing_ok=True)
        if repair.header is not None:
            beside = log.with_name(log.name + ".new")
            beside.unlink(missing_ok=True)
            _write(beside, BytesIO(line_of(1, header_entry(repair.header)) + log.read_bytes().partition(b"\n")[2]), log)
            os.replace(beside, log)
        elif repair.line == 1:
            log.unlink()
        else:
            os.truncate(log, repair.offset)
        sync_folder(log.parent)
    except OSError as error:
        raise BadInput(f"{log}: the repair stopped: {error.strerror} ({error.filename})") from None


def _plan(checked: Check) -> Repair:
    report, logs = checked.report, checked.replay.readings
    blockers = tuple(each for each in report.findings if each.refuses_start and not each.can_repair)
    places = [
        (number, finding.line, finding.offset)
        for finding in report.findings
        for number, log in enumerate(logs)
        if finding.can_repair and finding.line is not None and finding.file == str(log.path)
    ]
    if blockers or not places:
        return Repair(report, blockers)
    number, line, offset = min(places, key=lambda place: place[:2])
    log = logs[number]
    is_proven = line == 1 and log.header is not None
    return Repair(
        report=report,
        log=log.path,
        line=line,
        offset=log.path.stat().st_size if offset is None else offset,  # it ends before this line
        header=log.header if is_proven else None,
        later=() if is_proven else tuple(later.path for later in logs[number + 1 :] if later.path.exists()),
        aside=checked.names.free_aside("before-repair").name,
    )


def _write(path: Path, content: BinaryIO, like: Path) -> None:
    """Write a file that is not there yet, for the same eyes as another, and wait until the disk has it."""
    with path.open("xb") as stream:
        take_over_mode(stream.fileno(), like)
        shutil.copyfileobj(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
