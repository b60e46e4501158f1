"""Looks at an inventory as a start would read it, only that it goes on after every fault and writes nothing."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from mockpos.codecs.file_layout import NotJson, Tables, fingerprint_of, parse_tables
from mockpos.domain.counted import are, counted
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import overlaps
from mockpos.fsck.report import (
    MEANINGS,
    FileLook,
    Finding,
    Report,
    Start,
    broken_lines,
    found,
    log_finding,
    log_notes,
    version_notes,
)
from mockpos.services.quick_start import count_over
from mockpos.store.faults import Complain, Fault, FaultKind, Unread
from mockpos.store.file_lock import holder_of
from mockpos.store.inventory_path import InventoryNames, inventory_path, is_at
from mockpos.store.replay import FileVersion, Replay, check_outcome, refuse_orphans
from mockpos.store.tables import generation_of, read_tables
from mockpos.store.validation import Validation
from mockpos.store.world import Limits, World
from mockpos.system_clock import SystemClock


@dataclass(slots=True)
class _OpenFiles:
    """The inventory file and its logs, the oldest first, and why some that are there cannot be read."""

    streams: dict[Path, BinaryIO] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)


@contextmanager
def _open_together(names: InventoryNames) -> Iterator[_OpenFiles]:
    """Open the files, again until none took another's place meanwhile.

    A file is only ever replaced whole and a log only ever grows, so what is open stays as it belongs together. Raises
    BadInput when they are replaced again and again.
    """
    for _ in range(_TRIES):
        with ExitStack() as stack:
            paths = _there(names)
            files = _open(paths, stack)
            in_place = (is_at(path, os.fstat(stream.fileno())) for path, stream in files.streams.items())
            if _there(names) == paths and all(in_place):
                yield files
                return
    raise BadInput(f"{names.file}: the files change as they are opened; look again, or stop the server first")


def _there(names: InventoryNames) -> list[Path]:
    return [path for path in (names.file, *names.logs()) if os.path.exists(path)]


def _open(paths: list[Path], stack: ExitStack) -> _OpenFiles:
    files = _OpenFiles()
    for path in paths:
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                files.unreadable[path] = "it is no regular file"  # a pipe would be waited for without end
            else:
                files.streams[path] = stack.enter_context(path.open("rb"))
        except OSError as error:
            files.unreadable[path] = error.strerror or str(error)
    return files


Progress = Callable[[int], None]
"""Is told how much is done, in percent."""

_TRIES = 100
_MOST_TOLD = 1_000
"""Faults of a kind of place that are told one by one."""

_EVERYTHING = Limits(closed_holds=sys.maxsize, tombstones=sys.maxsize)


@dataclass(frozen=True, slots=True)
class Check:
    """A report, and the logs it rests on, the oldest first."""

    names: InventoryNames
    report: Report
    replay: Replay


def check(path: Path, progress: Progress = lambda percent: None, *, is_ours: bool = False) -> Check:
    """Look at the inventory at ``path``. Takes no lock and writes nothing. Raises BadInput when there is none.

    ``is_ours`` says that the caller holds the lock.
    """
    names = InventoryNames(inventory_path(path))
    try:
        with _open_together(names) as files:
            if not files.streams and not files.unreadable:
                raise BadInput(f"{path}: there is no such file, and no commit log beside it; name an inventory file")
            in_use_by = None if is_ours else holder_of(names.lock)
            reading = _Reading(names.file)
            reading.read(files, progress)
            sizes = {at: os.fstat(stream.fileno()).st_size for at, stream in files.streams.items()}
    except OSError as error:
        raise BadInput(f"{path}: cannot be looked at: {error.strerror} ({error.filename or names.file})") from None
    findings = list(reading.findings(is_in_use=in_use_by is not None))
    if in_use_by is None:
        findings += _leftovers(names, is_ours=is_ours)
    looks = [FileLook(at, size, _what(at, reading)) for at, size in sizes.items()]
    progress(100)
    return Check(names, Report(names.file, in_use_by, looks, findings, _start(reading)), reading.replay)


@dataclass(slots=True)
class _Reading:
    """What was read. ``version`` is None without a file whose generation can be told.

    ``after`` is what is wrong with the world after the replay, of what a start looks at; ``deep`` what it does not
    look for; ``broken`` the lines of a file that is no JSON as a whole.
    """

    file: Path
    tables: Tables = field(default_factory=dict)
    version: FileVersion | None = None
    unread: Unread = field(default_factory=Unread)
    replay: Replay = field(init=False)
    broken: list[Finding] = field(default_factory=list)
    in_file: list[Fault] = field(default_factory=list)
    in_logs: list[Fault] = field(default_factory=list)
    after: list[Fault] = field(default_factory=list)
    deep: list[Fault] = field(default_factory=list)

    def read(self, files: _OpenFiles, progress: Progress) -> None:
        """Read the file and its logs, and check what they lead to."""
        for path, why in files.unreadable.items():
            what, message = f"it cannot be read: {why}", f"{path}: cannot be read ({why})"
            self.in_file.append(Fault(kind=FaultKind.UNREADABLE, file=str(path), what=what, message=message))
        world = World(_EVERYTHING)
        if self.file in files.streams:
            self._parse(files.streams[self.file].read())
            progress(15)
            world, self.unread = read_tables(self.tables, str(self.file), _EVERYTHING, self.in_file.append)
            Validation(world, str(self.file), self.in_file.append, self.unread).check_live_holds()
            progress(55)
        self.replay = Replay(self.file, self.version, world, self.in_logs.append)
        for path, stream in files.streams.items():
            if path != self.file:
                self.replay.read(path, stream)
        if self.file not in files.streams and self.file not in files.unreadable:
            refuse_orphans(self.file, self.replay, self.in_logs.append)
        progress(80)
        known = {_subject(fault) for fault in self.in_file[:_MOST_TOLD]}
        check_outcome(self.file, self.replay, self._unless_known(known, self.after), self.unread)
        Validation(self.replay.world, str(self.file), self._unless_known(known, self.deep)).check_invoices()

    def findings(self, *, is_in_use: bool) -> Iterator[Finding]:
        """Return everything that was found, as it is told."""
        for fault in (*self.in_file[:_MOST_TOLD], *self.after[:_MOST_TOLD]):
            yield _explained(fault, refuses_start=True, is_in_use=is_in_use)
        for fault in self.deep[:_MOST_TOLD]:
            yield _explained(fault, refuses_start=False, is_in_use=is_in_use)
        yield from self.broken
        for number, fault in enumerate(self.in_logs):
            yield log_finding(fault, self.replay.readings, is_first=number == 0, is_in_use=is_in_use)
        yield from log_notes(self.replay.readings, self.in_logs, is_in_use=is_in_use)
        yield from version_notes(self.replay.readings, self.in_logs, self.file, self.version)
        more = sum(len(faults[_MOST_TOLD:]) for faults in (self.in_file, self.after, self.deep))
        if more:
            yield found("more", self.file, f"{counted(more, 'more finding')} of its documents", refuses_start=True)
        yield from _about_listings(self.replay.world, str(self.file))

    def _parse(self, data: bytes) -> None:
        name, made = str(self.file), fingerprint_of(BytesIO(data))
        try:
            self.tables = parse_tables(data, name)
            self.version = FileVersion(generation_of(self.tables, name), made)
        except BadInput as error:
            if self.tables:
                return  # its meta is bad, which is told when all tables are read
            fault = Fault(
                kind=FaultKind.NOT_AN_INVENTORY,
                file=name,
                what=str(error).removeprefix(f"{name}: "),
                message=str(error),
            )
            if isinstance(error, NotJson):
                fault = replace(fault, what=error.what, line=error.line, offset=error.offset)
            self.in_file.append(fault)
            self.broken.extend(broken_lines(data, name))

    def _unless_known(self, known: set[tuple[FaultKind, str | None]], faults: list[Fault]) -> Complain:
        """Return who takes note of faults, but says nothing twice nor what only follows from what is unread."""

        def complain(fault: Fault) -> None:
            if _subject(fault) not in known and not self._may_follow(fault):
                known.add(_subject(fault))
                faults.append(fault)

        return complain

    def _may_follow(self, fault: Fault) -> bool:
        unread = self.unread
        if fault.global_id is not None and any(unread.may_be(kind, fault.global_id) for kind in ("holds", "invoices")):
            return True
        if fault.remote_id is None:
            return False
        if unread.may_be("stock", fault.remote_id) and fault.remote_id not in self.replay.world.stock:
            return True
        return any(unread.may_be(kind, fault.remote_id) for kind in ("listings", "holds on", "invoices on"))


def _subject(fault: Fault) -> tuple[FaultKind, str | None]:
    return fault.kind, fault.global_id or fault.remote_id


def _explained(fault: Fault, *, refuses_start: bool, is_in_use: bool) -> Finding:
    """Turn a fault of the file or a document into a finding."""
    way_out = MEANINGS[fault.kind][1]
    return found(
        fault.kind, fault.file, fault.what, way_out=f"Stop the server first. {way_out}" if is_in_use else way_out,
        refuses_start=refuses_start, line=fault.line, offset=fault.offset, table=fault.table, document=fault.document,
        remote_id=fault.remote_id, global_ids=(fault.global_id,) if fault.global_id else (),
    )  # fmt: skip


def _about_listings(world: World, file: str) -> Iterator[Finding]:
    """Tell of seats that two listings offer, and of listings that nobody can buy any more."""
    listings = list(world.listings.values())
    for overlap in overlaps(listings):
        yield found("seats_overlap", file, str(overlap), table="listings", remote_id=overlap.second.remote_id)
    kept = (one for one in listings if world.anchor is None or (one.event and one.event.fixed_date))
    over = count_over(kept, SystemClock().now())
    if over:
        yield found("events_over", file, f"{over:,} of {counted(len(listings), 'listing')} {are(over)} over")


def _leftovers(names: InventoryNames, *, is_ours: bool) -> Iterator[Finding]:
    """Tell of files that a process left when it died."""
    for path in (path for path in names.unfinished() if path.exists()):
        yield found("leftover", path, "it was left unfinished")
    if names.lock.exists() and not is_ours:
        yield found("lock_left", names.lock, "nobody holds it, as far as can be seen from here")


def _start(reading: _Reading) -> Start | None:
    version, replay = reading.version, reading.replay
    if version is None:
        return None
    world = replay.world
    refused = (*reading.in_file, *reading.in_logs, *reading.after)
    named = [log.fingerprint for log in replay.readings if log.fingerprint and not log.is_in_file]
    return Start(
        refuses=next((fault.message for fault in refused), None),
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


def _what(path: Path, reading: _Reading) -> str:
    """Say what a file is, in a few words."""
    if path == reading.file:
        if reading.version is None:
            return "cannot be read as an inventory"
        shown = [counted(len(reading.tables.get(f"{noun}s", ())), noun) for noun in _NOUNS]
        return f"generation {reading.version.generation:,}: {', '.join(shown)}"
    log = next(each for each in reading.replay.readings if each.path == path)
    if log.header is None:
        return "no header" if log.torn is None else "torn off before its first line ended"
    left_out = f", {log.passed.commits:,} more that cannot be applied" if log.passed.commits else ""
    return f"{counted(log.applied, 'commit')} after generation {log.header.generation:,}{left_out}"


_NOUNS = ("listing", "hold", "invoice", "tombstone")
