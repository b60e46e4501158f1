"""Another world takes the place of the one in use: what a restore and a reset do to the file."""

import shutil
from pathlib import Path

import pytest

from mockpos.domain.errors import StoreUnavailable
from mockpos.services.place_hold import place_hold
from mockpos.store import inventory_file
from mockpos.store.json_file_store import JsonFileStore
from tests.conftest import ManualClock, a_listing, a_world


def hold(store: JsonFileStore, global_id: str) -> None:
    with store.transaction() as tx:
        place_hold(tx, remote_id="TG-1", quantity=1, global_id=global_id, ttl_ms=60_000)


def opened(path: Path, clock: ManualClock) -> JsonFileStore:
    return JsonFileStore(path, clock, make_world=lambda: a_world(a_listing(quantity=40)))


def test_the_other_world_survives_a_crash_with_what_was_committed_to_it(tmp_path: Path, clock: ManualClock) -> None:
    store = opened(tmp_path / "i.json", clock)
    hold(store, "before")
    kept = store.snapshot()
    hold(store, "undone")
    store.replace_world(kept.copy())
    hold(store, "after")
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path, crashed, ignore=shutil.ignore_patterns("*.lock", "crashed"))
    store.close()
    again = JsonFileStore(crashed / "i.json", clock)
    assert sorted(again.world.live) == ["after", "before"]
    again.close()


def test_a_checkpoint_that_was_under_way_does_not_bring_the_old_world_back(tmp_path: Path, clock: ManualClock) -> None:
    store = opened(tmp_path / "i.json", clock)
    kept = store.snapshot()
    hold(store, "undone")
    under_way = store.checkpoint_in_slices()
    next(under_way)
    store.replace_world(kept.copy())
    hold(store, "after")
    for wait in under_way:
        if wait is not None:
            wait()
    assert sorted(store.world.live) == ["after"]
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["i.json"]  # the restored file was not taken for an edit
    again = JsonFileStore(tmp_path / "i.json", clock)
    assert sorted(again.world.live) == ["after"]
    again.close()


def test_calls_go_on_in_the_old_world_while_the_other_is_written(tmp_path: Path, clock: ManualClock) -> None:
    turns = iter(range(1000))
    made: list[str] = []

    def another_call() -> None:
        hold(store, name := f"between-{next(turns)}")
        made.append(name)

    store = JsonFileStore(
        tmp_path / "i.json", clock, make_world=lambda: a_world(a_listing(quantity=40)), in_slices=lambda: another_call
    )
    kept = store.snapshot()
    seen: list[list[str]] = []
    store.replace_world(kept.copy(), lambda: seen.append(sorted(store.world.live)))
    assert len(made) > 5
    assert seen == [[]]  # from one moment to the next, with what belongs to it
    after = sorted(store.world.live)
    assert 0 < len(after) < len(made)
    assert after == sorted(made[-len(after) :])
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path, crashed, ignore=shutil.ignore_patterns("*.lock", "crashed"))
    store.close()
    again = JsonFileStore(crashed / "i.json", clock)
    assert sorted(again.world.live) == after
    again.close()


@pytest.mark.parametrize("meanwhile", ["a checkpoint", "another world"])
def test_what_comes_first_while_a_world_is_written_makes_it_be_written_again(
    tmp_path: Path, clock: ManualClock, meanwhile: str
) -> None:
    pending = [meanwhile]

    def once() -> None:
        if pending and pending.pop() == "a checkpoint":
            store.checkpoint()
        elif meanwhile == "another world" and not done:
            done.append(meanwhile)
            store.replace_world(other.copy())
            hold(store, "in-the-other")

    done: list[str] = []
    store = JsonFileStore(
        tmp_path / "i.json", clock, make_world=lambda: a_world(a_listing(quantity=40)), in_slices=lambda: once
    )
    hold(store, "kept")
    kept = store.snapshot()
    hold(store, "other")
    other = store.snapshot()
    store.replace_world(kept.copy())
    hold(store, "after")
    assert sorted(store.world.live) == ["after", "kept"]
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path, crashed, ignore=shutil.ignore_patterns("*.lock", "crashed"))
    store.close()
    assert [file.name for file in tmp_path.iterdir() if file != crashed] == ["i.json"]
    for path in (tmp_path, crashed):
        again = JsonFileStore(path / "i.json", clock)
        assert sorted(again.world.live) == ["after", "kept"]
        again.close()


def test_when_the_file_cannot_be_written_the_old_world_stays(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path / "i.json", clock)
    kept = store.snapshot()
    hold(store, "stays")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(inventory_file.os, "fsync", full)
        with pytest.raises(StoreUnavailable, match="No space left"):
            store.replace_world(kept.copy())
    assert sorted(store.world.live) == ["stays"]
    hold(store, "goes-on")
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path, crashed, ignore=shutil.ignore_patterns("*.lock", "crashed"))
    store.close()
    again = JsonFileStore(crashed / "i.json", clock)
    assert sorted(again.world.live) == ["goes-on", "stays"]
    again.close()


def test_a_checkpoint_that_begins_before_a_world_is_wholly_there_keeps_the_log_that_it_needs(
    tmp_path: Path, clock: ManualClock
) -> None:
    """The disk is waited for once the other world is in place: calls go on, and a checkpoint may turn the log over."""
    begun: list[object] = []

    def begin_a_checkpoint() -> None:
        if "undone" not in store.world.live and not begun:
            hold(store, "after")
            begun.append(checkpoint := store.checkpoint_in_slices())
            next(checkpoint)

    store = JsonFileStore(
        tmp_path / "i.json",
        clock,
        make_world=lambda: a_world(a_listing(quantity=40)),
        in_slices=lambda: begin_a_checkpoint,
    )
    kept = store.snapshot()
    with store.transaction() as tx:
        place_hold(tx, remote_id="TG-1", quantity=1, global_id="undone", ttl_ms=60_000)
    store.replace_world(kept.copy())
    assert begun
    assert sorted(store.world.live) == ["after"]
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path, crashed, ignore=shutil.ignore_patterns("*.lock", "crashed"))
    again = JsonFileStore(crashed / "i.json", clock)
    assert sorted(again.world.live) == ["after"], "an acknowledged hold is lost"
    again.close()
    store.close()
