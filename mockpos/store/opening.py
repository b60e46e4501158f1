"""Opens an inventory: the file's world with what the logs hold beside it, in one file again. The lock is held."""

from collections.abc import Callable

from mockpos.store.inventory_file import InventoryFile
from mockpos.store.inventory_names import InventoryNames
from mockpos.store.replay import FileVersion, Replay, check_outcome, refuse_orphans
from mockpos.store.world import Limits, World
from mockpos.store.world_tables import generation_of, read_world, world_tables


def open_world(
    file: InventoryFile, names: InventoryNames, limits: Limits, make_world: Callable[[], World]
) -> tuple[World, int]:
    """Return the world and the generation of its file, which is made if it is missing.

    After a crash the file is written with what was committed after it. Raises BadInput; then every file is as it was.
    """
    tables, name = file.read(), str(names.file)
    if tables is None:
        _refuse_orphaned_logs(names, limits)
        world = make_world()
        file.replace(world_tables(world, 1))
        return world, 1
    generation = generation_of(tables, name)
    replay = Replay(names.file, FileVersion(generation, file.fingerprint), read_world(tables, name, limits))
    del tables  # a large file need not be in memory twice
    replay.read_all(names.logs())
    check_outcome(names.file, replay)
    if replay.commits:
        generation = replay.last_generation + 1
        file.replace(world_tables(replay.world, generation))
    for needless in (*names.older_logs(), *names.unfinished):
        needless.unlink(missing_ok=True)
    return replay.world, generation


def _refuse_orphaned_logs(names: InventoryNames, limits: Limits) -> None:
    orphans = Replay(names.file, None, World(limits))
    orphans.read_all(names.logs())
    refuse_orphans(names.file, orphans)
