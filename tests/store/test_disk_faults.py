"""A disk that loses something, or refuses: nothing rests on what is gone.

fdatasync may forget what it could not write: https://wiki.postgresql.org/wiki/Fsync_Errors.
"""

import errno
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mockpos.domain.errors import BadInput, OutcomeUnknown, StoreUnavailable
from tests.conftest import a_listing
from tests.store.actors import automator, code_of, held, state_of, stock_of
from tests.store.disk import Opener, busy, crashed, disk_full, fails, files, hold, survives


def test_after_a_failed_sync_no_later_one_is_trusted_until_everything_was_written_anew(
    open_store: Opener, path: Path
) -> None:
    store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
    assert hold(store, "before") == "ok"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdatasync", fails(errno.EIO))
        with pytest.raises(OutcomeUnknown, match=r"inventory\.json\.log: the disk did not confirm"):
            hold(store, "unknown")
    log = path.with_name("inventory.json.log").read_bytes()
    for call in (
        lambda: hold(store, "after"),
        lambda: hold(store, "before"),
        lambda: code_of(automator(store).release, global_id="nobody"),
        lambda: code_of(automator(store).invoice, global_id="before", order_id="o"),
        store.check_writable,
        store.expire_due,
        lambda: store.keep_clock(store.world.clock, store.world.committed_at),
    ):
        with pytest.raises(StoreUnavailable, match="did not confirm"):
            call()
    assert path.with_name("inventory.json.log").read_bytes() == log, "nothing was changed"

    assert store.wants_checkpoint()
    store.checkpoint()
    assert not store.wants_checkpoint()
    store.check_writable()
    assert [hold(store, name) for name in ("before", "unknown", "after")] == ["replayed", "replayed", "ok"]
    survives(open_store, store, "copy")


def test_nobody_who_waited_behind_a_failed_sync_is_told_that_it_was_confirmed(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
    real, calls = os.fdatasync, []
    started, all_committed = threading.Event(), threading.Event()

    def failing_once(fd: int) -> None:
        calls.append(fd)
        if len(calls) > 1:
            real(fd)
            return
        started.set()
        assert all_committed.wait(20)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    heard: list[str] = []

    def call(number: int) -> None:
        try:
            heard.append(hold(store, f"g-{number}"))
        except OutcomeUnknown:
            heard.append("unknown")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdatasync", failing_once)
        threads = [threading.Thread(target=call, args=(number,)) for number in range(6)]
        threads[0].start()
        assert started.wait(20)
        for thread in threads[1:]:
            thread.start()
        pause = threading.Event()
        while stock_of(store) != (14, 6, 0):
            pause.wait(0.005)
        all_committed.set()
        for thread in threads:
            thread.join()
    assert heard == ["unknown"] * 6
    store.checkpoint()
    survives(open_store, store, "copy")


def test_a_checkpoint_that_fails_too_after_a_failed_sync_keeps_the_calls_refused(
    open_store: Opener, path: Path
) -> None:
    store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdatasync", fails(errno.EIO))
        with pytest.raises(OutcomeUnknown):
            hold(store, "unknown")
    for call in ("open", "write", "fsync", "replace"):
        with disk_full(call), pytest.raises(BadInput, match="may be nowhere but in this process"):
            store.checkpoint()
        with pytest.raises(StoreUnavailable):
            hold(store, "after")
    store.checkpoint()
    assert hold(store, "after") == "ok"
    survives(open_store, store, "copy")


def test_a_checkpoint_notices_a_failed_sync_too_and_is_the_cure(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
    with store.transaction() as tx:  # not settled yet
        tx.put(a_listing("TG-2"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdatasync", fails(errno.EIO))
        writing = store.checkpoint_in_slices()
        next(writing)
        with pytest.raises(StoreUnavailable, match="did not confirm"):
            hold(store, "meanwhile")
        with pytest.raises(OutcomeUnknown, match="did not confirm"):
            store.settle()
        for wait in writing:
            if wait is not None:
                wait()
    store.settle()
    assert hold(store, "after") == "ok"
    survives(open_store, store, "copy")


def test_a_stop_writes_what_nobody_could_confirm(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdatasync", fails(errno.EIO))
        with pytest.raises(OutcomeUnknown):
            hold(store, "unknown")
        expected = state_of(store)
        store.close()
    assert files(path.parent).keys() == {"inventory.json"}
    assert state_of(open_store()) == expected


def test_another_world_in_the_place_of_an_unsure_one_is_a_cure_as_well(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
    kept = store.snapshot()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdatasync", fails(errno.EIO))
        with pytest.raises(OutcomeUnknown):
            hold(store, "unknown")
    store.replace_world(kept.copy())
    assert hold(store, "after") == "ok"
    assert sorted(store.world.live) == ["after"]
    survives(open_store, store, "copy")


def test_half_a_line_that_cannot_be_taken_back_is_the_last_one_in_its_log(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    busy(store)
    expected = state_of(store)
    real = os.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: real(fd, data[: len(data) // 2]))
        patch.setattr(os, "ftruncate", fails(errno.EIO))
        with pytest.raises(StoreUnavailable, match="no space left for a whole line"):
            hold(store, "half")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="half a commit could not be taken back"):
            hold(store, "after")
    assert state_of(store) == expected
    survives(open_store, store, "torn")
    store.checkpoint()
    assert hold(store, "after") == "ok"
    survives(open_store, store, "copy")


def test_who_was_let_in_before_half_a_line_writes_nothing_behind_it(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    waiting = store.transaction()  # past every check, and about to take the lock
    real = os.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: real(fd, data[: len(data) // 2]))
        patch.setattr(os, "ftruncate", fails(errno.EIO))
        with pytest.raises(StoreUnavailable):
            hold(store, "half")
    with pytest.raises(StoreUnavailable, match="half a commit could not be taken back"), waiting as tx:
        tx.put(a_listing("TG-2"))
    survives(open_store, store, "copy")


@pytest.mark.parametrize("call", ["pwrite", "ftruncate", "open", "write", "fsync", "replace"])
@pytest.mark.parametrize("state", ["new", "clean", "crashed"])
def test_a_start_on_a_disk_that_refuses_is_an_error_and_nothing_is_lost(
    open_store: Opener, path: Path, call: str, state: str
) -> None:
    expected: Any = None
    if state != "new":
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        expected = state_of(store)
        if state == "crashed":
            path = crashed(store, "copy")
        else:
            store.close()
    with disk_full(call), suppress(BadInput, StoreUnavailable):  # and nothing else
        open_store(path, a_listing(quantity=30)).close()
    reopened = open_store(path, a_listing(quantity=30))
    assert expected is None or state_of(reopened) == expected


def test_a_probe_that_fails_leaves_nothing_behind(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing())
    limit = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from mockpos.domain.errors import StoreUnavailable
from mockpos.store.json_file_store import JsonFileStore
from tests.conftest import ManualClock, a_world
store = JsonFileStore(Path({str(path.with_name("limited.json"))!r}), ManualClock(), make_world=a_world)
resource.setrlimit(resource.RLIMIT_FSIZE, (3, resource.RLIM_INFINITY))
try:
    store.check_writable()
except StoreUnavailable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.close()
"""
    done = subprocess.run([sys.executable, "-c", limit], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("limited.json: cannot be written (File too large)\n")
    assert not [name for name in files(path.parent) if "probe" in name]
    store.check_writable()


def test_a_hold_that_was_not_confirmed_is_found_by_who_asks_again(open_store: Opener, path: Path) -> None:
    """What a caller who heard 500 does: it repeats the call, and gets the hold it has."""
    store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdatasync", fails(errno.EIO))
        with pytest.raises(OutcomeUnknown):
            held(store, "unknown", 2)
    store.checkpoint()
    assert held(store, "unknown", 2).seats == ((0, 2),)
    assert stock_of(store) == (18, 2, 0)
