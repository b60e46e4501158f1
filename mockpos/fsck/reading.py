"""Reads an inventory's files as a start does, only that it goes on after every fault and writes nothing."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Raw

from mockpos.domain.errors import BadInput
from mockpos.fsck.broken_text import broken_lines
from mockpos.fsck.files_together import OpenFiles
from mockpos.fsck.finding import Finding
from mockpos.fsck.invariants import check_invoices
from mockpos.store.faults import Complain, Fault, FaultKind
from mockpos.store.inventory_names import InventoryNames
from mockpos.store.inventory_text import Tables, fingerprint, parse_tables
from mockpos.store.replay import FileVersion, Replay, check_outcome, refuse_orphans
from mockpos.store.table_reader import Unread
from mockpos.store.tables import generation_of, read_tables
from mockpos.store.validation import check_live_holds
from mockpos.store.world import Limits, World

Progress = Callable[[int], None]
"""Is told how much is done, in percent."""

_MOST_FAULTS = 1_000
_EVERYTHING = Limits(closed_holds=sys.maxsize, tombstones=sys.maxsize)
_READ, _UNDERSTOOD, _REPLAYED, _DONE = 15, 55, 80, 100


class Faults:
    """The first thousand faults of a kind of place, and how many more there are: a report must fit in memory."""

    def __init__(self) -> None:
        self.first: list[Fault] = []
        self.more = 0

    def add(self, fault: Fault) -> None:
        """Take note of one."""
        if len(self.first) < _MOST_FAULTS:
            self.first.append(fault)
        else:
            self.more += 1


@dataclass(slots=True)
class Reading:
    """What was read. ``version`` is None without a file whose generation can be told."""

    tables: Tables = field(default_factory=dict)
    version: FileVersion | None = None
    fingerprint: str = ""
    world: World = field(default_factory=lambda: World(_EVERYTHING))
    unread: Unread = field(default_factory=Unread)
    replay: Replay | None = None
    broken: list[Finding] = field(default_factory=list)
    """Lines of a file that is no JSON as a whole."""
    file_faults: Faults = field(default_factory=Faults)
    log_faults: list[Fault] = field(default_factory=list)
    world_faults: Faults = field(default_factory=Faults)
    """What is wrong with the world after the replay, of what a start looks at."""
    deep_faults: Faults = field(default_factory=Faults)
    """What is wrong with it that a start does not look for."""

    def of_documents(self) -> Iterator[tuple[Fault, bool]]:
        """Return each fault that is not a log's, and whether a start refuses it."""
        yield from ((fault, True) for fault in (*self.file_faults.first, *self.world_faults.first))
        yield from ((fault, False) for fault in self.deep_faults.first)

    @property
    def more(self) -> int:
        """How many faults there are that were counted and not kept."""
        return self.file_faults.more + self.world_faults.more + self.deep_faults.more

    def first_refusal(self) -> str | None:
        """Return what a start would say that refuses, if it does."""
        refused = [*self.file_faults.first, *self.log_faults, *self.world_faults.first]
        return refused[0].message if refused else None


def read_everything(names: InventoryNames, files: OpenFiles, progress: Progress) -> Reading:
    """Read the file and its logs, and check what they lead to."""
    reading = Reading()
    for path, why in files.unreadable.items():
        reading.file_faults.add(_unreadable(path, why))
    if names.file in files.streams:
        _read_text(reading, names.file, files.streams[names.file].read())
        progress(_READ)
        _read_tables(reading, names.file, progress)
    replay = reading.replay = Replay(names.file, reading.version, reading.world, reading.log_faults.append)
    sizes = files.sizes()
    done, total = 0, max(1, sum(sizes.values()) - sizes.get(names.file, 0))
    for path, stream in files.streams.items():
        if path != names.file:
            replay.read(path, stream)
            done += sizes[path]
            progress(_UNDERSTOOD + (_REPLAYED - _UNDERSTOOD) * done // total)
    if names.file not in files.streams and names.file not in files.unreadable:
        refuse_orphans(names.file, replay, reading.log_faults.append)
    reading.world = replay.world
    _check_world(reading, replay, names.file, progress)
    progress(_DONE)
    return reading


def _read_text(reading: Reading, file: Path, data: bytes) -> None:
    reading.fingerprint = fingerprint(data)
    name = str(file)
    try:
        reading.tables = parse_tables(data, name)
        reading.version = FileVersion(generation_of(reading.tables, name), reading.fingerprint)
    except BadInput as error:
        if reading.tables:
            return  # its meta is bad, which is told when all tables are read
        line, offset, what = _place_in(str(error).removeprefix(name), data)
        reading.file_faults.add(
            Fault(kind=FaultKind.NOT_AN_INVENTORY, file=name, what=what, message=str(error), line=line, offset=offset)
        )
        reading.broken.extend(broken_lines(data, name))


def _place_in(message: str, data: bytes) -> tuple[int | None, int | None, str]:
    """Take a message such as ``:3:17: not JSON: ...`` apart: its line, the offset of its byte, and what is wrong."""
    found = re.match(r":(\d+):(\d+): ", message)
    if found is None:
        return None, None, message.removeprefix(": ")
    line, column = int(found[1]), int(found[2])
    start = 0
    for _ in range(line - 1):
        start = data.index(b"\n", start) + 1
    return line, min(len(data), start + column - 1), message[found.end() :].partition(". The file")[0]


def _read_tables(reading: Reading, file: Path, progress: Progress) -> None:
    complain, name = reading.file_faults.add, str(file)
    tables = _Counted(reading.tables, lambda share: progress(_READ + round((_UNDERSTOOD - _READ) * share)))
    reading.world, reading.unread = read_tables(tables, name, _EVERYTHING, complain)
    check_live_holds(reading.world, name, complain, reading.unread)


def _check_world(reading: Reading, replay: Replay, file: Path, progress: Progress) -> None:
    """Check the world that everything led to, and say nothing twice nor what only follows from what is unread."""
    world, unread = reading.world, reading.unread
    known = {_subject(fault) for fault in reading.file_faults.first}

    def taking_note_in(faults: Faults) -> Complain:
        def complain(fault: Fault) -> None:
            if _subject(fault) not in known and not _may_follow_from(fault, unread, world):
                known.add(_subject(fault))
                faults.add(fault)

        return complain

    def seen(number: int) -> None:
        progress(_REPLAYED + (_DONE - _REPLAYED) * number // max(1, len(world.closed)))

    check_outcome(file, replay, taking_note_in(reading.world_faults), unread)
    check_invoices(world, str(file), taking_note_in(reading.deep_faults), seen)


def _subject(fault: Fault) -> tuple[FaultKind, str | None]:
    return fault.kind, fault.global_id or fault.remote_id


def _may_follow_from(fault: Fault, unread: Unread, world: World) -> bool:
    if fault.global_id is not None and any(unread.may_be(kind, fault.global_id) for kind in ("holds", "invoices")):
        return True
    if fault.remote_id is None:
        return False
    if unread.may_be("stock", fault.remote_id) and fault.remote_id not in world.stock:
        return True
    return any(unread.may_be(kind, fault.remote_id) for kind in ("listings", "holds on", "invoices on"))


def _unreadable(path: Path, why: str) -> Fault:
    message = f"{path}: cannot be read ({why})"
    return Fault(kind=FaultKind.UNREADABLE, file=str(path), what=f"it cannot be read: {why}", message=message)


class _Counted(Mapping[str, Mapping[str, Raw]]):
    """Tables that tell which share of their documents was read so far."""

    def __init__(self, tables: Tables, tell: Callable[[float], None]) -> None:
        self._tables = tables
        self._tell = tell
        self._done = 0
        self._total = max(1, sum(map(len, tables.values())))

    def __getitem__(self, name: str) -> Mapping[str, Raw]:
        return _CountedTable(self._tables[name], self._count)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def _count(self) -> None:
        self._done += 1
        if self._done % 1_000 == 0:
            self._tell(min(1.0, self._done / self._total))


class _CountedTable(Mapping[str, Raw]):
    """One table, whose documents are counted as they are read."""

    def __init__(self, documents: dict[str, Raw], count: Callable[[], None]) -> None:
        self._documents = documents
        self._count = count

    def __getitem__(self, number: str) -> Raw:
        self._count()
        return self._documents[number]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)
