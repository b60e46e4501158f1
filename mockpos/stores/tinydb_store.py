"""The JSON-file store: a world in memory, a TinyDB file, and the commit log between the two.

    inventory.json        the world at the last checkpoint; alone the truth after a clean stop
    inventory.json.log    the commits since, each written before its answer
    inventory.json.log.7  commits before those, kept until the checkpoint that holds them is on disk
    inventory.json.lock   who has it open

A checkpoint first turns the log over, so calls go on being committed to the new one,
then writes a copy of the world in slices, then removes the old log. Every log
names the generation of the file it came after, so whatever moment the process dies at, file and
logs together say what was committed, once.
"""

import glob
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Lock

from mockpos.domain.clock import Clock, ClockSetting, Millis
from mockpos.domain.errors import BadInput, StoreUnavailable
from mockpos.stores.commit_log import CommitLog, LogHeader, read_log
from mockpos.stores.file_lock import FileLock
from mockpos.stores.inventory_file import InventoryFile, Slices, call, run_slices, sync_folder
from mockpos.stores.log_entries import changes_in, clock_in, entry_of
from mockpos.stores.memory_store import BuiltIn, MemoryStore, no_built_in
from mockpos.stores.world import Change, Limits, World
from mockpos.stores.world_tables import generation_of, read_world, world_tables

_SMALLEST_CHECKPOINT = 1_000_000
"""Bytes of log below which a checkpoint is not worth its writing, however small the file."""


class TinyDBStore(MemoryStore):
    """Keeps one world in one inventory file. Only one process at a time can.

    ``durable_on_disk`` makes ``settle`` wait for the disk, so that answers survive a loss of power;
    otherwise they survive the death of the process.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        limits: Limits = Limits(),  # noqa: B008  # frozen, so sharing the default is safe
        durable_on_disk: bool = False,
        wait_for_disk: Callable[[Callable[[], None]], None] = call,
        make_world: Callable[[], World] | None = None,
        built_in: BuiltIn = no_built_in,
    ) -> None:
        """Open the file, or make it from ``make_world``. Raises BadInput; then every file is as it was."""
        path = path.resolve() if path.is_symlink() else path  # so that the lock is the same by any name
        self.path = path
        self._durable_on_disk = durable_on_disk
        self._wait_for_disk = wait_for_disk
        self._log_path = path.with_name(path.name + ".log")
        self._file_lock = FileLock(path)
        try:
            self._file = InventoryFile(path)
            world = self._open(limits, make_world)
            super().__init__(world, clock, built_in=built_in)
            self._log = CommitLog(self._log_path, LogHeader(self._generation, self._file.fingerprint))
            if durable_on_disk:
                sync_folder(path.parent)
        except BaseException:
            self._file_lock.release()
            raise
        self._sync_lock = Lock()
        self._closed = False

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        """Write the commit to the log, then make it part of the world. The lock is held."""
        self._log.append(entry_of(changes, at))
        super().commit(changes, at)

    def check_writable(self) -> None:
        """Try to write beside the file. Raises StoreUnavailable when the disk refuses."""
        probe = self.path.with_name(f"{self.path.name}.probe")
        try:
            probe.write_bytes(b"mockpos")
            probe.unlink()
        except OSError as error:
            raise StoreUnavailable(f"{self.path}: cannot be written ({error.strerror})") from None

    def keep_clock(self, setting: ClockSetting, at: Millis) -> None:
        """Remember how the clock was set, over a restart too."""
        with self.lock:
            self._log.append({"clock": [setting.offset_ms, setting.frozen_at], "at": at})
            self.world.keep_clock(setting, at)

    def settle(self) -> None:
        """Wait for the disk where that was asked for. One wait covers every commit before it."""
        if not self._durable_on_disk:
            return
        log = self._log
        wanted = log.size

        def sync() -> None:
            with self._sync_lock:
                if log.synced < wanted:
                    log.sync()

        if log.synced < wanted:
            self._wait_for_disk(sync)

    def wants_checkpoint(self) -> bool:
        """Tell whether the log has outgrown the file, so that writing the file anew pays."""
        return self._log.size > max(_SMALLEST_CHECKPOINT, int(self._file.fingerprint.partition("-")[0] or 0))

    def checkpoint(self) -> None:
        """Write the file now."""
        run_slices(self.checkpoint_in_slices())

    def checkpoint_in_slices(self) -> Slices:
        """Write the file while calls go on, pausing at every yield. The lock is held for two short moments.

        Raises BadInput when the file cannot be written. The logs then keep every commit, until a later one succeeds.
        """
        try:
            with self.lock:
                world = self.world.copy()
                ended = self._turn_log_over()
                generation = self._generation
            try:
                tables = world_tables(world, generation)
                yield from self._file.replace_in_slices(tables, partial(self._if_still, generation))
            finally:
                with self._sync_lock:  # nobody is waiting for the disk to take it
                    ended.close()
            if self._generation != generation:
                return  # another world has taken this one's place meanwhile
            with self.lock:
                self._log.note({"fingerprint": self._file.fingerprint})
            self._remove_older_logs()
        except (OSError, StoreUnavailable) as error:
            raise BadInput(f"{self.path}: not written: {error}. The logs beside it have every commit") from None

    def replace_world(self, world: World) -> None:
        """Go on with another world, which is in the file before this returns.

        Whatever moment the process dies at, the old world with all its commits is there, or the new one.
        Calls wait meanwhile. Raises BadInput, with the old world in place, when the file cannot be written.
        """

        def take_its_place(rename: Callable[[], None]) -> None:
            rename()
            self._adopt(world)  # from here on the file is the new world's: so must be what is committed

        try:
            with self.lock:
                ended = self._turn_log_over()
                try:
                    tables = world_tables(world, self._generation)
                    run_slices(self._file.replace_in_slices(tables, take_its_place, suffix=".other"))
                    self._log.note({"fingerprint": self._file.fingerprint})
                finally:
                    with self._sync_lock:
                        ended.close()
            self._remove_older_logs()
        except (OSError, StoreUnavailable, BadInput) as error:
            if self.world is not world:
                raise BadInput(f"{self.path}: not written: {error}. The world is as it was") from None

    def _if_still(self, generation: int, rename: Callable[[], None]) -> None:
        """Put a checkpoint in the file's place, unless another world has taken it meanwhile."""
        with self.lock:
            if self._generation == generation:
                rename()

    def close(self) -> None:
        """Write the file, unless nothing changed, and leave nothing else behind.

        When the file cannot be written, the logs stay. Closing again does nothing: the files may be another's by then.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._log.commits or self._older_logs():
                self.checkpoint()
            self._log.path.unlink(missing_ok=True)
        finally:
            self._log.close()
            self._file_lock.release()

    def _turn_log_over(self) -> CommitLog:
        """Start a new log for the next generation and return the one that ended, which stays until it is not needed."""
        ended = self._log
        if self._durable_on_disk:
            ended.sync()
        beside = self._log_path.with_name(self._log_path.name + ".new")
        fresh = CommitLog(beside, LogHeader(self._generation + 1))
        try:
            ended.rename(self._log_path.with_name(f"{self._log_path.name}.{self._generation}"))
            fresh.rename(self._log_path)
            if self._durable_on_disk:
                sync_folder(self.path.parent)
        except OSError:
            fresh.close()
            raise
        self._generation += 1
        self._log = fresh
        return ended

    def _older_logs(self) -> list[Path]:
        found = self.path.parent.glob(glob.escape(self._log_path.name) + ".*")
        numbered = [path for path in found if path.suffix[1:].isdecimal()]
        return sorted(numbered, key=lambda path: int(path.suffix[1:]))

    def _remove_older_logs(self) -> None:
        for path in self._older_logs():
            path.unlink(missing_ok=True)

    def _open(self, limits: Limits, make_world: Callable[[], World] | None) -> World:
        tables = self._file.read()
        if tables is None:
            self._refuse_orphaned_log()
            world = make_world() if make_world else World(limits)
            self._generation = 1
            self._file.replace(world_tables(world, self._generation))
            return world
        self._generation = generation_of(tables, str(self.path))
        world = read_world(tables, str(self.path), limits)
        if self._replay_logs(world):
            self._file.replace(world_tables(world, self._generation))
        self._remove_older_logs()
        for unfinished in (".new", ".other", ".probe", ".log.new"):
            self.path.with_name(self.path.name + unfinished).unlink(missing_ok=True)
        return world

    def _replay_logs(self, world: World) -> bool:
        """Apply what was committed after the file was written; tell whether there was anything.

        There are several logs when a checkpoint did not get as far as the file. A log whose generation
        is before the file's is in the file already. A gap between file and log means that they do not belong together.
        """
        commits, last = 0, self._generation - 1
        for path in (*self._older_logs(), self._log_path):
            header, entries = read_log(path) or (LogHeader(last), iter(()))
            if header.generation >= self._generation:
                found = self._replay(world, path, header, entries)
                fits = header.generation <= last + 1
                commits, last = commits + found, header.generation
            else:
                found = path == self._log_path and any("put" in entry for entry in entries)
                fits = header.generation == self._generation - 1
            if found and not fits:
                raise BadInput(
                    f"{self.path}: not the version that {path.name} holds commits to. Put that version back, "
                    f"or move {path.name} away to go on without those commits. Nothing was changed"
                )
        if commits:
            self._generation = last + 1
        return commits > 0

    def _replay(self, world: World, path: Path, header: LogHeader, entries: Iterator[dict[str, object]]) -> int:
        fingerprint, commits = header.fingerprint, 0
        for entry in entries:
            if "fingerprint" in entry:
                fingerprint = str(entry["fingerprint"])
                continue
            if "clock" in entry:
                world.keep_clock(*clock_in(entry))
                commits += 1
                continue
            changes, at = changes_in(entry)
            world.apply(changes, at)
            commits += 1
        if commits and header.generation == self._generation and fingerprint not in ("", self._file.fingerprint):
            raise BadInput(
                f"{self.path}: changed by hand while {path.name} holds {commits} commits made after it. Put the file "
                f"back as it was, or move {path.name} away to go on without those commits. Nothing was changed"
            )
        return commits

    def _refuse_orphaned_log(self) -> None:
        for path in (*self._older_logs(), self._log_path):
            found = read_log(path)
            if found is not None and any("put" in entry for entry in found[1]):
                raise BadInput(
                    f"{self.path} is missing, but {path.name} holds commits made to it. Put the file back, or move "
                    f"{path.name} away to start anew. Nothing was changed"
                )
