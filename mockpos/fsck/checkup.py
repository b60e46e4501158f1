"""A look at an inventory's files, as a report; and what a repair may make of them."""

from dataclasses import dataclass
from pathlib import Path

from mockpos.domain.errors import BadInput
from mockpos.fsck.explanations import explained
from mockpos.fsck.files_together import open_together
from mockpos.fsck.finding import counted
from mockpos.fsck.holder import holder_of
from mockpos.fsck.log_findings import Logs, log_findings, log_notes
from mockpos.fsck.notes import leftovers, other_notes
from mockpos.fsck.reading import Progress, Reading, read_everything
from mockpos.fsck.report import FileLook, Report, Start
from mockpos.store.inventory_names import InventoryNames
from mockpos.store.inventory_path import inventory_path
from mockpos.store.inventory_text import fingerprint_of
from mockpos.store.replay import LogReading, Replay
from mockpos.store.world import World


@dataclass(frozen=True, slots=True)
class Checkup:
    """A report, and what a repair needs: the world with all that can be applied."""

    names: InventoryNames
    report: Report
    world: World
    next_generation: int
    needs_writing: bool
    """The file would have to be written anew for a start to find nothing to do."""


def check_up(path: Path, progress: Progress = lambda percent: None, *, is_ours: bool = False) -> Checkup:
    """Look at the inventory at ``path``. Takes no lock and writes nothing. Raises BadInput when there is none.

    ``is_ours`` says that the caller holds the lock.
    """
    names = InventoryNames(inventory_path(path))
    try:
        with open_together(names) as files:
            if not files.streams and not files.unreadable:
                raise BadInput(f"{path}: there is no such file, and no commit log beside it; name an inventory file")
            in_use_by = None if is_ours else holder_of(names.lock)
            reading = read_everything(names, files, progress)
            sizes = files.sizes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be looked at: {error.strerror} ({error.filename or names.file})") from None
    replay = reading.replay
    assert replay is not None  # everything was read
    logs = Logs(names.file, replay.readings, in_use_by is not None, _same_version(names, reading, replay))
    findings = [
        explained(fault, refuses_start=refused, is_in_use=logs.is_in_use) for fault, refused in reading.of_documents()
    ]
    findings += [*reading.broken, *log_findings(reading.log_faults, logs), *log_notes(reading.log_faults, logs)]
    findings += [*other_notes(reading, logs), *leftovers(names, is_in_use=in_use_by is not None, is_ours=is_ours)]
    looks = [FileLook(at, size, _what(names, at, reading, replay)) for at, size in sizes.items()]
    return Checkup(
        names=names,
        report=Report(names.file, in_use_by, looks, findings, _start(reading, replay)),
        world=reading.world,
        next_generation=max(replay.last_generation, reading.version.generation if reading.version else 0) + 1,
        needs_writing=any(_is_unsound(each) for each in replay.readings),
    )


def _is_unsound(log: LogReading) -> bool:
    return bool(log.damaged or log.torn or log.passed.commits or log.is_in_file)


def _same_version(names: InventoryNames, reading: Reading, replay: Replay) -> Path | None:
    """Find a copy of the file as it was when the commits were made that cannot be applied to what it is now."""
    wanted = next((log.fingerprint for log in replay.readings if log.passed.commits and log.fingerprint), "")
    if not wanted or wanted == reading.fingerprint:
        return None
    size = int(wanted.partition("-")[0])
    for path in sorted(names.file.parent.glob("*")):
        try:
            if path.is_file() and path.stat().st_size == size:
                with path.open("rb") as stream:
                    if fingerprint_of(stream) == wanted:
                        return path
        except OSError:
            continue
    return None


def _start(reading: Reading, replay: Replay) -> Start | None:
    version, world = reading.version, reading.world
    if version is None:
        return None
    named = [log.fingerprint for log in replay.readings if log.fingerprint and not log.is_in_file]
    return Start(
        refuses=reading.first_refusal(),
        replays=replay.commits,
        generation=version.generation,
        log_generations=tuple(log.header.generation for log in replay.readings if log.header),
        file_matches=named[0] == version.fingerprint if named else None,
        listings=len(world.listings),
        live_holds=len(world.live),
        ended_holds=len(world.closed),
        invoices=sum(invoice is not None for _, invoice in world.each_closed()),
        tombstones=len(world.tombstones),
        last_commit=world.committed_at,
    )


def _what(names: InventoryNames, path: Path, reading: Reading, replay: Replay) -> str:
    """Say what a file is, in a few words."""
    if path == names.file:
        if reading.version is None:
            return "cannot be read as an inventory"
        tables = reading.tables
        nouns = ("listing", "hold", "invoice", "tombstone")
        shown = [counted(len(tables.get(f"{noun}s", ())), noun) for noun in nouns]
        return f"generation {reading.version.generation:,}: {', '.join(shown)}"
    log = next(each for each in replay.readings if each.path == path)
    if log.header is None:
        return "no header" if log.torn is None else "torn off before its first line ended"
    commits = counted(log.applied, "commit")
    left_out = f", {log.passed.commits:,} more that cannot be applied" if log.passed.commits else ""
    return f"{commits} after generation {log.header.generation:,}{left_out}"
