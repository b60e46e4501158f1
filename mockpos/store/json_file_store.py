"""The JSON-file store: a world in memory, a TinyDB file, and the commit log between the two.

    inventory.json        the world at the last checkpoint; alone the truth after a clean stop
    inventory.json.log    the commits since, each written before its answer
    inventory.json.log.7  commits before those, kept until the checkpoint that holds them is on disk
    inventory.json.lock   who has it open
    inventory.json.edited-by-hand.1   what somebody wrote to the file while it was served; never read

A checkpoint first turns the log over, so calls go on being committed to the new one, then writes a copy of the world in
slices, then removes the old log. Every log names the generation of the file it came after, so whatever moment the
process dies at, file and logs together say what was committed, once.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from weakref import ref

from mockpos.domain.clock import Clock, ClockSetting, Millis
from mockpos.domain.errors import BadInput, InventoryLocked, OutcomeUnknown, StoreUnavailable
from mockpos.services.ports import Change
from mockpos.store import log_entries
from mockpos.store.commit_log import CommitLog
from mockpos.store.file_lock import FileLock, lock_content
from mockpos.store.inventory_file import InventoryFile, Slices, call, run_slices, sync_folder
from mockpos.store.inventory_path import InventoryNames, check_replaceable, inventory_path
from mockpos.store.log_entries import LogHeader, Staged
from mockpos.store.memory_store import BuiltIn, InSlices, MemoryStore, no_built_in, no_others, nothing
from mockpos.store.replay import open_world
from mockpos.store.tables import world_tables
from mockpos.store.transaction import MemoryTransaction
from mockpos.store.world import Limits, World

_SMALLEST_CHECKPOINT = 4_000_000
"""Bytes of log below which a checkpoint is not worth its writing, however small the file: 20,000 holds."""


@dataclass(slots=True)
class _Replacement:
    """Another world that is to take the place of the one ``before``, and how its file's name ends until it has."""

    world: World
    at_once: Callable[[], None]
    suffix: str
    before: World | None = None


class JsonFileStore(MemoryStore):
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
        in_slices: InSlices = no_others,
    ) -> None:
        """Open the file, or make it from ``make_world``. Raises BadInput; then every file is as it was."""
        path = inventory_path(path)  # so that the lock is the same by any name
        check_replaceable(path)
        self.path = path
        self._names = InventoryNames(path)
        self._durable_on_disk = durable_on_disk
        self._wait_for_disk = wait_for_disk
        self._unsaved = ""
        self._content_lock: int | None = None
        self._file_lock = FileLock(path)
        try:
            self._content_lock = lock_content(path)
            self._file = InventoryFile(path)
            world, self._generation = open_world(self._file, self._names, limits, make_world or partial(World, limits))
            super().__init__(world, clock, built_in=built_in, in_slices=in_slices)
            self._log = CommitLog(self._names.log, LogHeader(self._generation, self._file.fingerprint), like=path)
            if durable_on_disk:
                sync_folder(path.parent)
        except OSError as error:
            self._unlock()
            raise BadInput(f"{path}: cannot be opened: {error.strerror} ({error.filename})") from None
        except BaseException:
            self._unlock()
            raise
        self._sync_lock = Lock()
        self._numbers = count(1)
        self._staging = 0
        self._closed = False
        os.register_at_fork(after_in_child=partial(_leave_to_the_first_process, ref(self)))

    def _transaction(self, expired_at_once: int) -> MemoryTransaction:
        """Open a transaction. Raises StoreUnavailable while it could rest on commits that may be lost."""
        if self._log.broken or self._unsaved:
            self._refuse_in_doubt()
        return super()._transaction(expired_at_once)

    def commit(self, changes: Sequence[Change], at: Millis) -> None:
        """Write the commit to the log, then make it part of the world. The lock is held."""
        self._log.append(log_entries.entry_of(changes, at, self.world))
        super().commit(changes, at)

    def stage(self, changes: Sequence[Change], before: World, between: Callable[[], None]) -> Staged:
        """Write the changes to the log in parts. A line for ``commit_staged`` makes them count, in the same log."""
        self._staging += 1  # no checkpoint may end the log meanwhile, as its growth would have it
        try:
            while True:
                staged = Staged(next(self._numbers), self._generation)
                for entry in log_entries.part_entries(staged.number, changes, before):
                    with self.lock:
                        self._refuse_in_doubt()
                        if self._generation != staged.generation:
                            break
                        self._log.note(entry)
                    staged.parts += 1
                    between()
                else:
                    return staged
        finally:
            self._staging -= 1

    def commit_staged(self, staged: object, at: Millis) -> bool:
        """Write the line that makes the parts count, unless their log has ended. The lock is held."""
        assert isinstance(staged, Staged)
        self._refuse_in_doubt()
        if self._generation != staged.generation:
            return False
        self._log.append(log_entries.parts_entry(staged.number, staged.parts, at))
        return True

    def check_writable(self) -> None:
        """Try to write beside the file. Raises StoreUnavailable when the disk refuses, or did and lost something."""
        super().check_writable()
        self._refuse_in_doubt()
        probe = self._names.probe
        try:
            probe.write_bytes(b"mockpos")
        except OSError as error:
            raise StoreUnavailable(f"{self.path}: cannot be written ({error.strerror})") from None
        finally:
            with suppress(OSError):
                probe.unlink()

    def keep_clock(self, setting: ClockSetting, at: Millis) -> None:
        """Remember how the clock was set, over a restart too."""
        self._refuse_in_doubt()
        super().keep_clock(setting, at)

    def _note_clock(self, setting: ClockSetting, at: Millis) -> None:
        self._log.append(log_entries.clock_entry(setting, at))
        super()._note_clock(setting, at)

    def settle(self) -> None:
        """Wait for the disk where that was asked for. One wait covers every commit before it.

        Raises OutcomeUnknown when the disk does not confirm: what was committed may not survive a loss of power.
        """
        if not self._durable_on_disk:
            return
        log, wanted = self._log, self._log.size

        def sync() -> None:
            with self._sync_lock:
                if log.synced < wanted:
                    log.sync()

        if log.synced < wanted and not self._unsaved:
            self._wait_for_disk(sync)
        if self._unsaved:
            raise OutcomeUnknown(self._unsaved)

    def wants_checkpoint(self) -> bool:
        """Tell whether the log has outgrown the file, or whether something happened that only a checkpoint puts right.

        That is a disk that lost something, and somebody who removed or changed a file under the running server.
        """
        if not self.is_here() or self._staging:
            return False
        outgrown = self._log.size > max(_SMALLEST_CHECKPOINT, int(self._file.fingerprint.partition("-")[0] or 0))
        return outgrown or bool(self._doubt()) or self._is_disturbed()

    def checkpoint(self) -> None:
        """Write the file now."""
        run_slices(self.checkpoint_in_slices())

    def checkpoint_in_slices(self) -> Slices:
        """Write the file while calls go on, pausing at every yield. The lock is held for two short moments.

        Raises BadInput when the file cannot be written. The logs then keep every commit, until a later one succeeds.
        """
        self.refuse_elsewhere()
        try:
            with self.lock:
                world = self.world.view()
                ended = self._turn_log_over()
                generation = self._generation
            try:
                renaming = partial(self._if_still, generation)
                yield from self._file.replace_in_slices(world_tables(world, generation), renaming)
            finally:
                with self._sync_lock:  # nobody is waiting for the disk to take it
                    ended.close()
            with self.lock:
                if self._generation != generation:
                    return  # another world has taken this one's place meanwhile
                self._finish_checkpoint()
            self._remove_logs_before(generation)
        except (OSError, StoreUnavailable) as error:
            raise BadInput(f"{self.path}: not written: {error}. {self._where_commits_are(error)}") from None
        except BadInput as error:
            raise BadInput(f"{error}. {self._where_commits_are(error)}") from None

    def replace_world(self, world: World, at_once: Callable[[], None] = nothing) -> None:
        """Go on with another world, which is in the file before this returns; see ``MemoryStore.replace_world``.

        Calls go on in the old world while the file is written. Whatever moment the process dies at, the old world with
        all its commits is there, or the new one. Raises StoreUnavailable, with the old world in place, when the file
        cannot be written.
        """
        self.refuse_elsewhere()
        replacement = _Replacement(world, at_once, f".other.{next(self._numbers)}")
        try:
            while replacement.before is None:  # again when a checkpoint or another world came first
                self._try_to_replace(replacement)
        except (OSError, StoreUnavailable, BadInput) as error:
            if replacement.before is None:
                raise StoreUnavailable(f"{self.path}: not written: {error}. The world is as it was") from None

    def _try_to_replace(self, replacement: "_Replacement") -> None:
        """Write the file of the next generation, and put it in place unless another has become that meanwhile."""
        generation = self._generation
        tables = world_tables(replacement.world, generation + 1)
        renaming = partial(self._take_place, replacement, generation)
        between = self.in_slices()
        for wait_for_disk in self._file.replace_in_slices(tables, renaming, suffix=replacement.suffix):
            if wait_for_disk is not None:
                self._wait_for_disk(wait_for_disk)
            between()
        if replacement.before is None:
            return
        with self.lock:
            if self._generation == generation + 1:
                self._finish_checkpoint()
        self._remove_logs_before(generation + 1)
        if replacement.before is not replacement.world:
            replacement.before.let_go(between)

    def _take_place(self, replacement: "_Replacement", generation: int, rename: Callable[[], None]) -> None:
        """Go on with another world: from the renaming on the file is its own, so must be what is committed."""
        with self.lock:
            if self._generation != generation:
                return
            ended = self._turn_log_over()
            try:
                rename()
                replacement.before = self.world
                self._adopt(replacement.world)
                replacement.at_once()
                self._sync_name()
            finally:
                with self._sync_lock:
                    ended.close()

    def _sync_name(self) -> None:
        """Wait until the disk has the file under its name: no commit to a new world may outlive it there."""
        try:
            sync_folder(self.path.parent)
        except OSError as error:
            self._unsaved = f"{self.path}: the disk did not confirm the file's name ({error.strerror})"

    def _if_still(self, generation: int, rename: Callable[[], None]) -> None:
        """Put a checkpoint in the file's place, unless another world has taken it meanwhile."""
        with self.lock:
            if self._generation == generation:
                rename()

    def close(self) -> None:
        """Write the file, unless nothing changed, and leave nothing else behind.

        When the file cannot be written, the logs stay. Closing again does nothing: the files may be another's by then.
        Nor does closing in a process that was forked: they are the first one's.
        """
        if self._closed or not self.is_here():
            return
        self._closed = True
        try:
            if self._has_commits() or self._doubt() or not self._file.is_there():
                self.checkpoint()
            with suppress(OSError):  # a log without commits is no harm
                self._log.path.unlink(missing_ok=True)
        finally:
            self._log.close()
            self._unlock()

    def _unlock(self) -> None:
        self._release_content()
        self._file_lock.release()

    def _release_content(self) -> None:
        """Let other names of the file go their own way: another one has taken its place under this name."""
        fd, self._content_lock = self._content_lock, None
        if fd is not None:
            os.close(fd)

    def _doubt(self) -> str:
        """Say why commits in memory may be nowhere else; nothing while they are where they belong."""
        return self._log.broken or self._unsaved

    def _refuse_in_doubt(self) -> None:
        if self._doubt():
            raise StoreUnavailable(f"{self._doubt()}. Calls are refused until the file has been written anew")

    def _where_commits_are(self, error: Exception) -> str:
        doubt = self._doubt()
        if not doubt:
            return "The logs beside it have every commit"
        because = "" if doubt in str(error) else f": {doubt}"
        return f"The last commits may be nowhere but in this process{because}"

    def _is_disturbed(self) -> bool:
        """Tell whether somebody removed or changed a file. An edit is left alone as long as nothing has to be written.

        Then it counts at the next start. Beside commits it would count for nothing, and keep that start from happening.
        """
        if not self._log.is_in_place() or not self._file_lock.is_in_place() or not self._file.is_there():
            return True
        return not self._file.is_as_known() and self._has_commits()

    def _has_commits(self) -> bool:
        return self._log.commits > 0 or bool(self._names.older_logs())

    def _turn_log_over(self) -> CommitLog:
        """Start a new log for the next generation and return the one that ended, which stays until it is not needed."""
        ended = self._log
        fresh: CommitLog | None = None
        try:
            self._file_lock.renew()
            self._make_sure_of(ended)
            fresh = CommitLog(
                self._names.new_log, LogHeader(self._generation + 1, lines_before=ended.lines), like=self.path
            )
            ended.rename(self._names.older_log(self._generation))
            fresh.rename(self._names.log)
            if self._durable_on_disk:
                sync_folder(self.path.parent)
        except (OSError, StoreUnavailable, BadInput) as error:
            if fresh is not None:
                fresh.close()
            if isinstance(error, InventoryLocked):
                ended.broken = ended.broken or str(error)
            elif not ended.is_in_place():
                ended.broken = ended.broken or f"{ended.path}: somebody removed it while it was served"
            raise
        self._unsaved = self._unsaved or ended.broken
        self._generation += 1
        self._log = fresh
        return ended

    def _make_sure_of(self, ended: CommitLog) -> None:
        """Have all of a log on the disk where that was asked for. Whether it is can be seen by ``broken``."""
        if not ended.is_whole():
            ended.broken = ended.broken or f"{ended.path}: somebody cut it while it was served"
        if self._durable_on_disk:
            with suppress(OutcomeUnknown):
                ended.sync()

    def _finish_checkpoint(self) -> None:
        """Take note that the file has everything up to the log that was begun with it. The lock is held."""
        self._unsaved = ""
        self._release_content()
        self._log.note(log_entries.fingerprint_entry(self._file.fingerprint))

    def _remove_logs_before(self, generation: int) -> None:
        """Remove the logs that a file of this generation has all of: a later one may have begun to take its place."""
        for path in self._names.older_logs(before=generation):
            path.unlink(missing_ok=True)

    def leave(self) -> None:
        """Let go of the files in a process that was forked: the lock is to end with the one that opened them."""
        if not self._closed:
            self._closed = True
            self._log.close()
            self._release_content()
            self._file_lock.leave()


def _leave_to_the_first_process(opened: "ref[JsonFileStore]") -> None:
    store = opened()
    if store is not None:
        store.leave()
