"""Reads an inventory: the file's world with what the logs hold beside it. Opened to be served, it is one file again."""

from collections.abc import Callable
from pathlib import Path

from mockpos.store.inventory_file import InventoryFile
from mockpos.store.inventory_names import InventoryNames
from mockpos.store.inventory_path import inventory_path
from mockpos.store.replay import FileVersion, Replay, check_outcome, refuse_orphans
from mockpos.store.tables import generation_of, read_world, world_tables
from mockpos.store.world import Limits, World


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
    for needless in (*names.older_logs(), *names.unfinished):
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
        _refuse_orphaned_logs(names, limits)
        return None
    generation = generation_of(tables, name)
    replay = Replay(names.file, FileVersion(generation, file.fingerprint), read_world(tables, name, limits))
    del tables  # a large file need not be in memory twice
    replay.read_all(names.logs())
    check_outcome(names.file, replay)
    return replay, generation


def _refuse_orphaned_logs(names: InventoryNames, limits: Limits) -> None:
    orphans = Replay(names.file, None, World(limits))
    orphans.read_all(names.logs())
    refuse_orphans(names.file, orphans)
