"""A disk that refuses, and answers that wait for the disk."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mockpos.domain.errors import StoreUnavailable
from tests.conftest import ManualClock, a_listing
from tests.store.actors import TTL, assert_adds_up, automator, code_of, state_of, stock_of
from tests.store.disk import Opener, busy, crashed, fails


def _short_write(real: Callable[..., int]) -> Callable[..., int]:
    return lambda fd, data: real(fd, data[: len(data) // 2])


@pytest.mark.parametrize("fault", ["full", "short"])
def test_a_commit_that_cannot_be_logged_did_not_happen(
    open_store: Opener, path: Path, clock: ManualClock, fault: str
) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    pos = automator(store)
    expected = state_of(store)
    log = path.with_name("inventory.json.log").read_bytes()
    for call in (
        lambda: pos.hold(remote_id="TG-1", quantity=1, global_id="lost"),
        lambda: pos.invoice(global_id="a-2", order_id="lost"),
        lambda: pos.release(global_id="a-2"),
        lambda: pos.release(global_id="nobody"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", fails(errno.ENOSPC) if fault == "full" else _short_write(os.write))
            with pytest.raises(StoreUnavailable, match=r"(?i)no space left"):
                call()
        assert state_of(store) == expected
        assert path.with_name("inventory.json.log").read_bytes() == log

    assert code_of(pos.hold, remote_id="TG-1", quantity=1, global_id="lost") == "ok"
    after = state_of(store)
    assert state_of(open_store(crashed(store, "copy"))) == after


def test_expiry_that_cannot_be_logged_happens_at_a_later_call(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    store = open_store(path, a_listing(quantity=10))
    pos = automator(store)
    pos.hold(remote_id="TG-1", quantity=4, global_id="g-1")
    clock.advance(TTL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", fails(errno.ENOSPC))
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                pos.hold(remote_id="TG-1", quantity=1, global_id="g-2")
    assert stock_of(store) == (6, 4, 0)

    assert code_of(pos.hold, remote_id="TG-1", quantity=10, global_id="g-2") == "ok"
    assert_adds_up(store)


def test_with_durability_os_no_call_waits_for_the_disk(
    open_store: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(path, a_listing(quantity=10))
    with monkeypatch.context() as patch:
        for name in ("fsync", "fdatasync"):
            patch.setattr(os, name, fails(errno.EIO))
        busy(store)


def test_with_durability_disk_every_answer_waits_for_what_it_rests_on(
    open_store: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(path, a_listing(quantity=10), durable_on_disk=True)
    real, syncs = os.fdatasync, []

    def counted(fd: int) -> None:
        syncs.append(os.fstat(fd).st_size)
        real(fd)

    monkeypatch.setattr(os, "fdatasync", counted)
    pos, log = automator(store), path.with_name("inventory.json.log")

    pos.hold(remote_id="TG-1", quantity=1, global_id="g-1")
    assert syncs == [log.stat().st_size]
    code_of(pos.release, global_id="unknown")
    assert len(syncs) == 2, "a tombstone is durable before its 404"
    code_of(pos.hold, remote_id="nothing", quantity=1, global_id="g-2")
    assert len(syncs) == 2, "nothing new to wait for"
    with store.transaction() as tx:  # another caller's commit, not yet settled
        tx.put(a_listing("TG-2"))
    pos.hold(remote_id="TG-1", quantity=1, global_id="g-1")
    assert len(syncs) == 3, "a replay waits too: it may rest on that commit"


def test_one_wait_for_the_disk_covers_all_who_wait(
    open_store: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(path, a_listing(quantity=100), durable_on_disk=True)
    real, syncs = os.fdatasync, []
    all_committed, started = threading.Event(), threading.Event()

    def slow(fd: int) -> None:
        syncs.append(1)
        started.set()
        assert all_committed.wait(20)
        real(fd)

    monkeypatch.setattr(os, "fdatasync", slow)
    pos = automator(store)
    threads = [
        threading.Thread(target=pos.hold, kwargs={"remote_id": "TG-1", "quantity": 1, "global_id": f"g-{number}"})
        for number in range(12)
    ]
    threads[0].start()
    assert started.wait(20)
    for thread in threads[1:]:
        thread.start()
    deadline = threading.Event()
    while stock_of(store) != (88, 12, 0):
        deadline.wait(0.005)
    all_committed.set()
    for thread in threads:
        thread.join()

    assert len(syncs) == 2, "the first caller's, and one for the other eleven"


def test_a_checkpoint_under_callers_who_wait_for_the_disk_loses_nothing(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=1000), durable_on_disk=True)
    pos = automator(store)
    faults: list[BaseException] = []

    def caller(number: int) -> None:
        try:
            for attempt in range(25):
                pos.hold(remote_id="TG-1", quantity=1, global_id=f"g-{number}-{attempt}")
        except BaseException as error:  # shown below
            faults.append(error)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.checkpoint()
    assert not faults
    assert stock_of(store) == (850, 150, 0)
    expected = state_of(store)
    assert state_of(open_store(crashed(store, "copy"))) == expected
