"""Looks at an inventory as a start would read it, only that it goes on after every fault and writes nothing."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mockpos.codecs.file_layout import NotJson, Tables, fingerprint, parse_tables
from mockpos.domain.counted import are, counted
from mockpos.domain.errors import BadInput
from mockpos.domain.overlaps import overlaps
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
from mockpos.store.validation import check_invoices, check_live_holds
from mockpos.store.world import Limits, World
from mockpos.system_clock import SystemClock

_TRIES = 100


@dataclass(slots=True)
class OpenFiles:
    """The inventory file and its logs, the oldest first, open for reading. What is not there is left out."""

    streams: dict[Path, BinaryIO] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    """Files that are there, and why they cannot be read."""

    def sizes(self) -> dict[Path, int]:
        """Return how long each file is, in bytes."""
        return {path: os.fstat(stream.fileno()).st_size for path, stream in self.streams.items()}


@contextmanager
def open_together(names: InventoryNames) -> Iterator[OpenFiles]:
    """Open the files, again until none took another's place meanwhile.

    A file is only ever replaced whole and a log only ever grows, so what is open stays as it belongs together.
    """
    with ExitStack() as stack:
        for _ in range(_TRIES):
            with ExitStack() as attempt:
                before = _there(names)
                files = _open(before, attempt)
                in_place = (is_at(path, os.fstat(stream.fileno())) for path, stream in files.streams.items())
                if _there(names) == before and all(in_place):
                    stack.push(attempt.pop_all())
                    break
        yield files


def _there(names: InventoryNames) -> list[Path]:
    return [path for path in (names.file, *names.logs()) if os.path.exists(path)]


def _open(paths: list[Path], stack: ExitStack) -> OpenFiles:
    files = OpenFiles()
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

_MOST_FAULTS = 1_000
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
        with open_together(names) as files:
            if not files.streams and not files.unreadable:
                raise BadInput(f"{path}: there is no such file, and no commit log beside it; name an inventory file")
            in_use_by = None if is_ours else holder_of(names.lock)
            reading = _Reading(names.file)
            reading.read(files, progress)
            sizes = files.sizes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be looked at: {error.strerror} ({error.filename or names.file})") from None
    replay = reading.replay
    findings = list(reading.findings(is_in_use=in_use_by is not None))
    if in_use_by is None:
        findings += _leftovers(names, is_ours=is_ours)
    looks = [FileLook(at, size, _what(names, at, reading, replay)) for at, size in sizes.items()]
    progress(100)
    return Check(names, Report(names.file, in_use_by, looks, findings, _start(reading, replay)), replay)


class _Faults:
    """The first thousand faults of a kind of place, and how many more there are: a report must fit in memory."""

    def __init__(self) -> None:
        self.first: list[Fault] = []
        self.more = 0

    def add(self, fault: Fault) -> None:
        if len(self.first) < _MOST_FAULTS:
            self.first.append(fault)
        else:
            self.more += 1


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
    in_file: _Faults = field(default_factory=_Faults)
    in_logs: list[Fault] = field(default_factory=list)
    after: _Faults = field(default_factory=_Faults)
    deep: _Faults = field(default_factory=_Faults)

    @property
    def world(self) -> World:
        """Return the world that the file and its logs lead to."""
        return self.replay.world

    def read(self, files: OpenFiles, progress: Progress) -> None:
        """Read the file and its logs, and check what they lead to."""
        for path, why in files.unreadable.items():
            what, message = f"it cannot be read: {why}", f"{path}: cannot be read ({why})"
            self.in_file.add(Fault(kind=FaultKind.UNREADABLE, file=str(path), what=what, message=message))
        world = World(_EVERYTHING)
        if self.file in files.streams:
            self._parse(files.streams[self.file].read())
            progress(15)
            world, self.unread = read_tables(self.tables, str(self.file), _EVERYTHING, self.in_file.add)
            check_live_holds(world, str(self.file), self.in_file.add, self.unread)
            progress(55)
        self.replay = Replay(self.file, self.version, world, self.in_logs.append)
        for path, stream in files.streams.items():
            if path != self.file:
                self.replay.read(path, stream)
        if self.file not in files.streams and self.file not in files.unreadable:
            refuse_orphans(self.file, self.replay, self.in_logs.append)
        progress(80)
        known = {_subject(fault) for fault in self.in_file.first}
        check_outcome(self.file, self.replay, self._unless_known(known, self.after), self.unread)
        check_invoices(self.world, str(self.file), self._unless_known(known, self.deep))

    def findings(self, *, is_in_use: bool) -> Iterator[Finding]:
        """Return everything that was found, as it is told."""
        for fault in (*self.in_file.first, *self.after.first):
            yield _explained(fault, refuses_start=True, is_in_use=is_in_use)
        for fault in self.deep.first:
            yield _explained(fault, refuses_start=False, is_in_use=is_in_use)
        yield from self.broken
        for number, fault in enumerate(self.in_logs):
            yield log_finding(fault, self.replay.readings, is_first=number == 0, is_in_use=is_in_use)
        yield from log_notes(self.replay.readings, self.in_logs, is_in_use=is_in_use)
        yield from version_notes(self.replay.readings, self.in_logs, self.file, self.version)
        more = self.in_file.more + self.after.more + self.deep.more
        if more:
            what = f"{counted(more, 'more finding')} of its documents"
            yield found("more", self.file, what, refuses_start=True)
        yield from _about_listings(self.world, str(self.file))

    def _parse(self, data: bytes) -> None:
        name, made = str(self.file), fingerprint(data)
        try:
            self.tables = parse_tables(data, name)
            self.version = FileVersion(generation_of(self.tables, name), made)
        except BadInput as error:
            if self.tables:
                return  # its meta is bad, which is told when all tables are read
            kind, line, offset = FaultKind.NOT_AN_INVENTORY, None, None
            what = str(error).removeprefix(f"{name}: ")
            if isinstance(error, NotJson):
                line, offset, what = error.line, error.offset, error.what
            self.in_file.add(Fault(kind=kind, file=name, what=what, message=str(error), line=line, offset=offset))
            self.broken.extend(broken_lines(data, name))

    def _unless_known(self, known: set[tuple[FaultKind, str | None]], faults: _Faults) -> Complain:
        """Return who takes note of faults, but says nothing twice nor what only follows from what is unread."""

        def complain(fault: Fault) -> None:
            if _subject(fault) not in known and not self._may_follow(fault):
                known.add(_subject(fault))
                faults.add(fault)

        return complain

    def _may_follow(self, fault: Fault) -> bool:
        unread = self.unread
        if fault.global_id is not None and any(unread.may_be(kind, fault.global_id) for kind in ("holds", "invoices")):
            return True
        if fault.remote_id is None:
            return False
        if unread.may_be("stock", fault.remote_id) and fault.remote_id not in self.world.stock:
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


def _start(reading: _Reading, replay: Replay) -> Start | None:
    version, world = reading.version, reading.world
    if version is None:
        return None
    refused: Iterable[Fault] = (*reading.in_file.first, *reading.in_logs, *reading.after.first)
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


def _what(names: InventoryNames, path: Path, reading: _Reading, replay: Replay) -> str:
    """Say what a file is, in a few words."""
    if path == names.file:
        if reading.version is None:
            return "cannot be read as an inventory"
        shown = [counted(len(reading.tables.get(f"{noun}s", ())), noun) for noun in _NOUNS]
        return f"generation {reading.version.generation:,}: {', '.join(shown)}"
    log = next(each for each in replay.readings if each.path == path)
    if log.header is None:
        return "no header" if log.torn is None else "torn off before its first line ended"
    left_out = f", {log.passed.commits:,} more that cannot be applied" if log.passed.commits else ""
    return f"{counted(log.applied, 'commit')} after generation {log.header.generation:,}{left_out}"


_NOUNS = ("listing", "hold", "invoice", "tombstone")
