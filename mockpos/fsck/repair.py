"""Puts an inventory right where that takes no guess: what is whole is kept, what is missing is not made up.

Every file that is changed is copied first, under ``FILE.before-repair.N`` and the same names behind it, so that
the copies are an inventory of their own. The lock is held from the look to the end.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mockpos.domain.errors import BadInput
from mockpos.fsck.checkup import Checkup, check_up
from mockpos.fsck.finding import Finding, counted
from mockpos.fsck.reading import Progress
from mockpos.store.file_lock import FileLock
from mockpos.store.inventory_file import InventoryFile, sync_folder
from mockpos.store.inventory_path import inventory_path
from mockpos.store.tables import world_tables


@dataclass(frozen=True, slots=True)
class Repair:
    """What is to be done. With ``blockers`` nothing is: they need a person first."""

    checkup: Checkup
    blockers: tuple[Finding, ...]
    copies: tuple[tuple[Path, Path], ...]
    """Files that are changed or removed, and what their copies will be called."""
    removals: tuple[Path, ...]
    writes_file: bool

    @property
    def is_needed(self) -> bool:
        """Tell whether there is anything to do."""
        return self.writes_file or bool(self.removals)

    def steps(self) -> list[str]:
        """Say what will be done, a step a line."""
        names, start = self.checkup.names, self.checkup.report.start
        steps = [f"copy {source.name} to {copy.name}" for source, copy in self.copies]
        if self.writes_file:
            replayed = f", with {counted(start.replays, 'commit')} of its logs" if start and start.replays else ""
            steps.append(f"write {names.file.name} anew{replayed}")
            left_out = sum(finding.passed for finding in self.checkup.report.findings)
            if left_out:
                steps.append(f"leave out {counted(left_out, 'commit')} past the gap; the copies keep them")
        return [*steps, *(f"remove {path.name}" for path in self.removals)]


@contextmanager
def planned_repair(path: Path, progress: Progress) -> Iterator[Repair]:
    """Look at an inventory that nobody serves, and keep others from serving it while the repair is decided and done.

    Raises BadInput: InventoryLocked when somebody serves it.
    """
    lock = FileLock(inventory_path(path))
    try:
        yield _plan(check_up(path, progress, is_ours=True))
    finally:
        lock.release()


def carry_out(repair: Repair) -> None:
    """Do it. Raises BadInput when a file cannot be written; then the copies are there and a repair can be tried again.

    A process that dies meanwhile leaves the old file with its logs, or the new one: the logs go last.
    """
    checkup = repair.checkup
    names, world = checkup.names, checkup.world
    try:
        for source, copy in repair.copies:
            _copy(source, copy)
        sync_folder(names.file.parent)
        if repair.writes_file:
            InventoryFile(names.file).replace(world_tables(world, checkup.next_generation))
        for path in repair.removals:
            path.unlink(missing_ok=True)
        sync_folder(names.file.parent)
    except OSError as error:
        raise BadInput(f"{names.file}: the repair stopped: {error.strerror} ({error.filename})") from None


def _plan(checkup: Checkup) -> Repair:
    names, report = checkup.names, checkup.report
    blockers = tuple(each for each in report.findings if each.must_be_right and not each.can_repair)
    writes_file = checkup.needs_writing and not blockers
    logs = tuple(path for path in names.logs() if path.exists()) if writes_file else ()
    leftovers = tuple(path for path in names.unfinished if path.exists())
    aside = names.free_aside("before-repair")
    copies = tuple(
        (path, aside.with_name(aside.name + path.name.removeprefix(names.file.name)))
        for path in ((names.file, *logs) if writes_file else ())
    )
    return Repair(checkup, blockers, copies, () if blockers else (*logs, *leftovers), writes_file)


def _copy(source: Path, copy: Path) -> None:
    """Copy a file to a name that is free, and wait until the disk has it."""
    with source.open("rb") as stream, copy.open("xb") as beside:
        shutil.copyfileobj(stream, beside)
        beside.flush()
        os.fsync(beside.fileno())
