"""Applies the commit logs beside an inventory file to the file's world: what a start does after a crash.

There are several logs when a checkpoint did not get as far as the file. A log whose generation is before
the file's is in the file already. Anything that does not belong together is complained of; a reader that
goes on all the same never gets past a gap: from there on commits are read, counted and passed over.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from mockpos.domain.errors import BadInput
from mockpos.store import faults
from mockpos.store.commit_log import LineState, LogLine, each_line
from mockpos.store.faults import Complain, Fault, Unread, refuse
from mockpos.store.inventory_file import InventoryFile
from mockpos.store.inventory_path import InventoryNames, inventory_path
from mockpos.store.log_entries import (
    LogHeader,
    Parts,
    apply_entry,
    fingerprint_in,
    global_ids_in,
    is_part,
    number_in,
    read_header,
)
from mockpos.store.tables import generation_of, read_world, world_tables
from mockpos.store.validation import Validation
from mockpos.store.world import Limits, World

_MOST_IDS = 1_000
_MOST_DAMAGED = 100
_MOST_KEPT = 65_536


@dataclass(frozen=True, slots=True)
class FileVersion:
    """Which version of an inventory file is there."""

    generation: int
    fingerprint: str


@dataclass(slots=True)
class Passed:
    """Commits that were read and not applied: how many, and the first Global IDs they are about.

    Parts count with the entry that commits them, if there is one.
    """

    commits: int = 0
    first_line: int = 0
    last_line: int = 0
    global_ids: list[str] = field(default_factory=list)
    _in_parts: dict[object, list[str]] = field(default_factory=dict)

    def add(self, line: LogLine, entry: dict[str, Any]) -> None:
        """Take note of a commit."""
        if is_part(entry):
            self._note(self._in_parts.setdefault(number_in(entry), []), entry)
            return
        self.commits += 1
        self.first_line, self.last_line = self.first_line or line.number, line.number
        self.global_ids += self._in_parts.pop(number_in(entry), ())
        self._note(self.global_ids, entry)

    def _note(self, known: list[str], entry: dict[str, Any]) -> None:
        if len(known) < _MOST_IDS:
            try:
                known += global_ids_in(entry)
            except (ValueError, TypeError, KeyError, IndexError, AttributeError):
                return  # it makes no sense, so it is about nobody


@dataclass(slots=True)
class LogReading:
    """What was found in one log. ``header`` is None when there is none that can be trusted."""

    path: Path
    header: LogHeader | None = None
    fingerprint: str = ""
    is_in_file: bool = False
    """The file was written after this log ended, so there is nothing in it that the file lacks."""
    applied: int = 0
    passed: Passed = field(default_factory=Passed)
    damaged: list[LogLine] = field(default_factory=list)
    """The first of the damaged lines, with no more than their beginnings."""
    more_damaged: int = 0
    torn: LogLine | None = None
    lines: int = 1
    """How many lines there are, with those before the last one that are missing."""


class Replay:
    """Goes through the logs beside a file, the oldest first. ``world`` is the outcome so far."""

    def __init__(self, file: Path, version: FileVersion | None, world: World, complain: Complain = refuse) -> None:
        """Begin with the file's world; without a version there is no file, and nothing can be applied."""
        self.world = world
        self.commits = 0
        self.readings: list[LogReading] = []
        self.last_generation = version.generation - 1 if version else -1
        self._file = file
        self._version = version or FileVersion(0, "")
        self._complain = complain
        self._gap = version is None
        self._torn: LogReading | None = None
        """A log that ends in a torn line. It must be the last one with commits."""

    def read_all(self, paths: Iterable[Path]) -> None:
        """Read the logs that are there. Raises BadInput for one that cannot be read."""
        for path in paths:
            try:
                with path.open("rb") as stream:
                    self.read(path, stream)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise BadInput(f"{path}: cannot be read ({error.strerror})") from None

    def read(self, path: Path, stream: BinaryIO) -> None:
        """Read one log."""
        reading = LogReading(path)
        self.readings.append(reading)
        lines = each_line(stream)
        first = next(lines, None)
        if first is None or first.state is LineState.TORN:
            self._torn_at_its_start(reading, first)
            return
        header = reading.header = self._header(reading, first)
        if header is None:
            self._pass_over(reading, lines)
            self._gap = True
        elif header.generation < self._version.generation:
            self._read_superseded(reading, lines, header)
        elif self._gap or not self._belongs(header):
            self._pass_over(reading, lines)
            if reading.passed.commits and not self._gap:
                self._refuse_stranger(reading, header, reading.passed.commits)
            self.last_generation = header.generation
        else:
            self._apply(reading, lines, header)

    def _torn_at_its_start(self, reading: LogReading, first: LogLine | None) -> None:
        """Take a log without a header for none: but one that another has followed had a header, and commits."""
        reading.torn, reading.lines = first, 0
        ending = reading.path.suffix[1:]
        if ending.isdecimal() and int(ending) >= self._version.generation:
            self._torn = reading
            self.last_generation = max(self.last_generation, int(ending))

    def _header(self, reading: LogReading, line: LogLine) -> LogHeader | None:
        """Return the header, or None for one that cannot be trusted."""
        is_whole = line.state is LineState.WHOLE
        try:
            header = read_header(line.entry())
        except ValueError:
            header, is_whole = None, False
        if not is_whole:
            reading.damaged.append(replace(line, text=line.text[:_MOST_KEPT]))
            self._complain(faults.damaged(self._file, reading.path, line))
            header = self._proven(header)
        elif header is None:
            self._complain(faults.other_format(reading.path, line))
        reading.fingerprint = header.fingerprint if header else ""
        return header

    def _proven(self, damaged: LogHeader | None) -> LogHeader | None:
        """Return a damaged header put right, where it still names the file that is there by its fingerprint."""
        version = self._version
        if damaged is None or not version.fingerprint or damaged.fingerprint != version.fingerprint:
            return None
        return LogHeader(version.generation, version.fingerprint)

    def _read_superseded(self, reading: LogReading, lines: Iterable[LogLine], header: LogHeader) -> None:
        """Leave out a log that the file has everything of. The newest can only be the one just before the file."""
        reading.is_in_file = True
        if reading.path.suffix == ".log" and header.generation != self._version.generation - 1:
            self._pass_over(reading, lines)
            if reading.passed.commits:
                self._refuse_stranger(reading, header, reading.passed.commits)

    def _belongs(self, header: LogHeader) -> bool:
        return header.generation <= self.last_generation + 1 and self._is_of_the_file(header, header.fingerprint)

    def _is_of_the_file(self, header: LogHeader, fingerprint: str) -> bool:
        """Tell whether the log that follows the file directly means the file as it is; others mean no file."""
        return header.generation != self._version.generation or fingerprint in ("", self._version.fingerprint)

    def _apply(self, reading: LogReading, lines: Iterable[LogLine], header: LogHeader) -> None:
        world = self.world.copy()
        parts: Parts = {}
        for line in lines:
            entry = self._commit_in(reading, line)
            if entry is None:
                continue
            self._refuse_missing_lines(reading)
            try:
                if not self._gap:
                    apply_entry(entry, world, parts)
                    reading.applied += not is_part(entry)
                    continue
            except ValueError as error:
                self._damage(reading, line, str(error))
                continue
            reading.passed.add(line, entry)
        if not self._is_of_the_file(header, reading.fingerprint):  # it was being written when this log began
            found, reading.applied = reading.applied + reading.passed.commits, 0
            reading.passed.commits = found
            if found:
                self._refuse_stranger(reading, header, found)
                return
        world.forget_earlier_lives()
        self.world = world
        self.commits += reading.applied
        self.last_generation = header.generation

    def _pass_over(self, reading: LogReading, lines: Iterable[LogLine]) -> None:
        for line in lines:
            entry = self._commit_in(reading, line)
            if entry is not None:
                reading.passed.add(line, entry)

    def _commit_in(self, reading: LogReading, line: LogLine) -> dict[str, Any] | None:
        """Return the commit in a line, if there is one, having taken note of anything else."""
        if line.state is LineState.TORN:
            reading.torn = line
            self._torn = reading
            return None
        if line.state is LineState.DAMAGED:
            self._damage(reading, line)
            reading.lines += 1
            return None
        self._count(reading, line)
        try:
            entry = line.entry()
        except ValueError as error:
            self._damage(reading, line, str(error))
            return None
        fingerprint = fingerprint_in(entry)
        if fingerprint is not None:
            reading.fingerprint = fingerprint
            return None
        return entry

    def _count(self, reading: LogReading, line: LogLine) -> None:
        """Miss the lines that were taken out before a whole line."""
        if line.written_as != reading.lines + 1 and not self._gap:
            self._complain(faults.lines_taken_out(self._file, reading.path, line, reading.lines + 1))
            self._gap = True
        reading.lines = line.written_as

    def _damage(self, reading: LogReading, line: LogLine, why: str = faults.MISMATCH) -> None:
        self._gap = True
        if len(reading.damaged) == _MOST_DAMAGED:
            reading.more_damaged += 1
            return
        reading.damaged.append(replace(line, text=line.text[:_MOST_KEPT]))
        self._complain(faults.damaged(self._file, reading.path, line, why))

    def _refuse_missing_lines(self, reading: LogReading) -> None:
        """Miss the last lines of the log before, now that a commit comes after them."""
        cut = None if self._gap else self._cut_short(reading)
        if cut is not None:
            self._complain(faults.lines_missing(self._file, cut.path, cut.torn, cut.lines + 1, reading.path))
            self._gap = True

    def _cut_short(self, reading: LogReading) -> LogReading | None:
        """Return the log before, if it once had more lines."""
        if self._torn is not None and self._torn is not reading:
            return self._torn
        before = self.readings[-2] if len(self.readings) > 1 else None
        if before is None or before.header is None or reading.header is None or before.is_in_file:
            return None
        follows = before.header.generation + 1 == reading.header.generation
        return before if follows and before.lines < reading.header.lines_before else None

    def _refuse_stranger(self, reading: LogReading, header: LogHeader, commits: int) -> None:
        is_follower = self._version.generation <= header.generation <= self.last_generation + 1
        if is_follower and not self._is_of_the_file(header, reading.fingerprint):
            self._complain(faults.changed_by_hand(self._file, reading.path, commits))
        else:
            self._complain(faults.other_version(self._file, reading.path))
        self._gap = True


def refuse_orphans(file: Path, replay: Replay, complain: Complain = refuse) -> None:
    """Complain of every log with commits to a file that is not there."""
    for reading in replay.readings:
        if reading.passed.commits:
            complain(faults.file_missing(file, reading.path))


def check_outcome(file: Path, replay: Replay, complain: Complain = refuse, unread: Unread | None = None) -> None:
    """Complain where the world that the logs led to does not add up: no line tells that one before it is missing."""

    def complain_of_logs(fault: Fault) -> None:
        complain(faults.does_not_add_up(file, fault))

    if replay.commits:
        validation = Validation(replay.world, str(file), complain_of_logs, unread)
        validation.check_live_holds()
        validation.check_counts()


def open_world(
    file: InventoryFile, names: InventoryNames, limits: Limits, make_world: Callable[[], World]
) -> tuple[World, int]:
    """Return the world and the generation of its file, which is made if it is missing. The lock is held.

    After a crash the file is written with what was committed after it. Raises BadInput; then every file is as it was.
    """
    found = _read(file, names, limits)
    if found is None:
        world = make_world()
        file.replace(world_tables(world, 1))
        return world, 1
    replay, generation = found
    if replay.commits:
        generation = replay.last_generation + 1
        file.replace(world_tables(replay.world, generation))
    for needless in (*names.older_logs(), *names.unfinished()):
        needless.unlink(missing_ok=True)
    return replay.world, generation


def read_inventory(path: Path, limits: Limits) -> World | None:
    """Return the world of an inventory without a lock, writing nothing; None when there is no file. Raises BadInput."""
    path = inventory_path(path)
    found = _read(InventoryFile(path), InventoryNames(path), limits)
    return found[0].world if found is not None else None


def _read(file: InventoryFile, names: InventoryNames, limits: Limits) -> tuple[Replay, int] | None:
    """Return the file with its logs applied, and the file's generation."""
    tables, name = file.tables(), str(names.file)
    if tables is None:
        orphans = Replay(names.file, None, World(limits))
        orphans.read_all(names.logs())
        refuse_orphans(names.file, orphans)
        return None
    generation = generation_of(tables, name)
    replay = Replay(names.file, FileVersion(generation, file.fingerprint), read_world(tables, name, limits))
    del tables  # a large file need not be in memory twice
    replay.read_all(names.logs())
    check_outcome(names.file, replay)
    return replay, generation
