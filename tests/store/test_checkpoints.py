"""Checkpoints: calls go on meanwhile, and a crash or a full disk at any step loses nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.json import decode

from mockpos.domain.errors import BadInput
from mockpos.domain.hold import Hold
from mockpos.store import tables as tables_of_a_world
from mockpos.store.json_file_store import JsonFileStore
from tests.conftest import ManualClock, a_listing
from tests.store.actors import automator, state_of
from tests.store.disk import Opener, busy, crashed, disk_full, files


def test_a_checkpoint_in_slices_lets_commits_through_and_survives_a_crash_at_every_slice(
    open_store: Opener, path: Path
) -> None:
    listings = [a_listing("TG-1", 1000), *(a_listing(f"TG-{number}") for number in range(2, 700))]
    store = open_store(path, *listings)
    busy(store, "before")
    crashes: list[tuple[Path, dict[str, object]]] = []
    for number, wait_for_disk in enumerate(store.checkpoint_in_slices()):
        crashes.append((crashed(store, f"at-{number}"), state_of(store)))
        busy(store, f"during-{number}")
        crashes.append((crashed(store, f"after-{number}"), state_of(store)))
        if wait_for_disk is not None:
            wait_for_disk()
    crashes.append((crashed(store, "end"), state_of(store)))

    assert len(crashes) > 12
    assert files(path.parent).keys() == {"inventory.json", "inventory.json.lock", "inventory.json.log"}
    for copy, expected in crashes:
        reopened = open_store(copy)
        assert state_of(reopened) == expected, copy
        reopened.close()
        assert files(copy.parent).keys() == {"inventory.json"}
        assert state_of(open_store(copy)) == expected, copy


def test_live_holds_are_written_in_small_pieces_in_the_order_they_were_held(
    open_store: Opener, path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading all of them at once stalled every call: for half a second with 20,000 live holds."""
    store = open_store(path, *(a_listing(f"TG-{number}") for number in range(2000)))
    pos = automator(store)
    for number in range(2000):
        clock.advance(number % 500)
        pos.hold(remote_id=f"TG-{number}", quantity=1, global_id=f"g-{7 * number % 2000:04}")
    held = [hold.global_id for hold in sorted(store.world.each_live(), key=lambda hold: (hold.held_at, hold.global_id))]
    read: list[str] = []
    real = tables_of_a_world.hold_of

    def noted(record: bytes) -> Hold:
        hold = real(record)
        read.append(hold.global_id)
        return hold

    monkeypatch.setattr(tables_of_a_world, "hold_of", noted)
    most = 0
    for wait_for_disk in store.checkpoint_in_slices():
        most = max(most, len(read))
        read.clear()
        if wait_for_disk is not None:
            wait_for_disk()

    assert 0 < most <= 64
    tables = decode(path.read_bytes())
    assert [document["global_id"] for document in tables["holds"].values()] == held


class Died(BaseException):
    """Stands for SIGKILL: nothing may run after it."""


STEPS = [(os, name) for name in ("open", "replace", "write", "fsync", "unlink", "ftruncate")]


@contextmanager
def dying_at(step: int, at_step: Callable[[], None]) -> Iterator[list[str]]:
    """Call ``at_step`` before the n-th change that a checkpoint makes on disk; yield the names of those made."""
    made: list[str] = []
    died: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for module, name in STEPS:
            real = getattr(module, name)

            def counted(*args: Any, _real: Any = real, _name: str = name, **kwargs: Any) -> Any:
                if died:
                    return None  # the way out of a dead process: nothing happens there
                if len(made) == step:
                    died.append(_name)
                    at_step()
                    raise Died(_name)
                made.append(_name)
                return _real(*args, **kwargs)

            patch.setattr(module, name, counted)
        yield made


def test_a_crash_at_every_step_on_disk_of_a_checkpoint_loses_nothing(
    open_store: Opener, path: Path, tmp_path: Path
) -> None:
    store = open_store(path, a_listing("TG-1", 1000), a_listing("TG-2"))
    for step in range(200):
        busy(store, f"step-{step}")
        expected = state_of(store)
        died = False

        def keep_files(number: int = step, store: JsonFileStore = store) -> None:
            with pytest.MonkeyPatch.context() as patch:
                for module, name in STEPS:
                    patch.setattr(module, name, REAL[name])
                crashed(store, f"died-{number}")

        with dying_at(step, keep_files) as made:
            try:
                store.checkpoint()
            except Died:
                died = True
        if not died:
            assert {"replace", "write", "fsync"} <= set(made)
            assert step > 8
            return
        reopened = open_store(tmp_path / f"died-{step}" / path.name)
        assert state_of(reopened) == expected, made
        reopened.close()
        store = open_store(crashed(store, f"next-{step}"))
    raise AssertionError("the checkpoint never ended")


def test_a_crash_at_every_step_on_disk_of_a_start_after_a_crash_loses_nothing(
    open_store: Opener, path: Path, tmp_path: Path
) -> None:
    store = open_store(path, a_listing("TG-1", 1000))
    busy(store, "checkpointed")
    next(store.checkpoint_in_slices())  # never finished, so there are two logs to replay
    busy(store)
    expected = state_of(store)
    for step in range(200):
        copy = crashed(store, f"run-{step}")

        def keep_files(number: int = step, copy: Path = copy) -> None:
            with pytest.MonkeyPatch.context() as patch:
                for module, name in STEPS:
                    patch.setattr(module, name, REAL[name])
                shutil.copytree(copy.parent, tmp_path / f"died-{number}")

        with dying_at(step, keep_files) as made:
            try:
                survivor = open_store(copy)
            except Died:
                survivor = None
        if survivor is not None:
            assert state_of(survivor) == expected
            assert {"replace", "write", "fsync", "unlink"} <= set(made)
            return
        reopened = open_store(tmp_path / f"died-{step}" / path.name)
        assert state_of(reopened) == expected, made
        reopened.close()
    raise AssertionError("the start never ended")


def test_the_new_file_is_on_the_disk_before_it_takes_the_olds_place(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing())
    busy(store)
    order: list[str] = []

    def sync(fd: int) -> None:
        order.append("sync " + Path(os.readlink(f"/proc/self/fd/{fd}")).name)

    def rename(old: Path, new: Path) -> None:
        order.append(f"rename {new.name}")
        REAL["replace"](old, new)

    def remove(at: Path) -> None:
        order.append(f"remove {at.name}")
        REAL["unlink"](at)

    with pytest.MonkeyPatch.context() as patch:
        for name, noted in (("fsync", sync), ("replace", rename), ("unlink", remove)):
            patch.setattr(os, name, noted)
        store.checkpoint()

    wanted = [
        "sync inventory.json.new",
        "rename inventory.json",
        f"sync {path.parent.name}",
        "remove inventory.json.log.1",
    ]
    assert [step for step in order if step in wanted] == wanted


REAL = {name: getattr(module, name) for module, name in STEPS}


@pytest.mark.parametrize("call", ["fsync", "replace", "write", "open"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_checkpoint_that_fails_loses_nothing_and_a_later_one_succeeds(
    open_store: Opener, path: Path, call: str, times: int
) -> None:
    store = open_store(path, a_listing("TG-1", 1000))
    for number in range(times):
        busy(store, f"before-{number}")
        with disk_full(call), pytest.raises(BadInput, match="No space left"):
            store.checkpoint()
    busy(store, "after")
    expected = state_of(store)
    assert state_of(open_store(crashed(store, "copy"))) == expected

    store.checkpoint()
    assert files(path.parent).keys() == {"inventory.json", "inventory.json.lock", "inventory.json.log"}
    assert state_of(open_store(crashed(store, "second copy"))) == expected
    store.close()
    assert files(path.parent).keys() == {"inventory.json"}


def test_a_stop_that_cannot_write_keeps_the_logs_and_gives_the_lock_back(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    expected = state_of(store)
    with disk_full("write"), pytest.raises(BadInput):
        store.close()

    assert state_of(open_store()) == expected


def test_failed_checkpoints_leave_no_file_open(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    before = len(os.listdir("/proc/self/fd"))
    for call in ("fsync", "replace", "write", "open"):
        with disk_full(call), pytest.raises(BadInput):
            store.checkpoint()

    assert len(os.listdir("/proc/self/fd")) == before


def test_a_log_that_outgrew_its_file_wants_a_checkpoint(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    assert not store.wants_checkpoint()
    with store.transaction() as tx:
        tx.put(a_listing(quantity=10, internal_notes="x" * 4_100_000))
    assert store.wants_checkpoint()
    store.checkpoint()
    assert not store.wants_checkpoint()
    with store.transaction() as tx:
        tx.put(a_listing(quantity=10, internal_notes="y" * 4_000_500))
    assert not store.wants_checkpoint(), "the file is larger than that now"


@pytest.mark.parametrize("is_written", [False, True])
def test_a_store_that_closes_while_a_thread_writes_a_checkpoint_leaves_a_sound_file(
    open_store: Opener, path: Path, is_written: bool
) -> None:
    """Under gunicorn and ``flask run`` the background is a thread, which goes on while the process ends."""
    store = open_store(path, *(a_listing(f"TG-{number}", 40) for number in range(1, 3000)))
    busy(store, "before")
    beside, whole = path.with_name("inventory.json.new"), path.stat().st_size
    in_thread = store.checkpoint_in_slices()
    for wait_for_disk in in_thread:
        if wait_for_disk is not None:
            wait_for_disk()
            if beside.stat().st_size > (whole if is_written else 0):
                break
    busy(store, "after")
    expected = state_of(store)
    store.close()
    for wait_for_disk in in_thread:
        if wait_for_disk is not None:
            wait_for_disk()
    assert files(path.parent).keys() == {"inventory.json"}
    reopened = open_store(path)
    assert state_of(reopened) == expected
