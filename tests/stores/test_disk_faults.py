"""A disk that loses something, files that somebody removes or edits meanwhile: nothing rests on what is gone."""

import errno
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mockpos.domain.errors import BadInput, InventoryLocked, OutcomeUnknown, StoreUnavailable
from mockpos.stores.memory_store import MemoryStore
from mockpos.stores.tinydb_store import TinyDBStore
from tests.conftest import a_listing
from tests.stores.actors import automator, code_of, held, state_of, stock_of
from tests.stores.disk import Opener, busy, crashed, disk_full, fails, files
from tests.stores.test_file_lock import another_process


def hold(store: MemoryStore, global_id: str) -> str:
    return code_of(automator(store).hold, remote_id="TG-1", quantity=1, global_id=global_id)


def survives(open_store: Opener, store: TinyDBStore, name: str) -> None:
    """Make sure that everything the store knows is there after a crash at this moment."""
    expected = state_of(store)
    reopened = open_store(crashed(store, name))
    assert state_of(reopened) == expected
    reopened.close()


class TestAFailedSync:
    """fdatasync may forget what it could not write: https://wiki.postgresql.org/wiki/Fsync_Errors."""

    def test_no_later_one_is_trusted_until_everything_was_written_anew(self, open_store: Opener, path: Path) -> None:
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

    def test_a_checkpoint_that_fails_too_keeps_the_calls_refused(self, open_store: Opener, path: Path) -> None:
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

    def test_a_checkpoint_notices_it_too_and_is_the_cure(self, open_store: Opener, path: Path) -> None:
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

    def test_a_stop_writes_what_nobody_could_confirm(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=20), durable_on_disk=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fdatasync", fails(errno.EIO))
            with pytest.raises(OutcomeUnknown):
                hold(store, "unknown")
            expected = state_of(store)
            store.close()
        assert files(path.parent).keys() == {"inventory.json"}
        assert state_of(open_store()) == expected

    def test_another_world_in_its_place_is_a_cure_as_well(self, open_store: Opener, path: Path) -> None:
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


class TestTheFile:
    """The inventory file, removed or edited under the running store."""

    @pytest.mark.parametrize("commits", [False, True])
    def test_removed_it_is_written_again(self, open_store: Opener, path: Path, commits: bool) -> None:
        store = open_store(path, a_listing(quantity=20))
        if commits:
            busy(store)
        assert not store.wants_checkpoint()
        path.unlink()
        assert store.wants_checkpoint()
        store.checkpoint()
        assert not store.wants_checkpoint()
        survives(open_store, store, "copy")

    @pytest.mark.parametrize("commits", [False, True])
    def test_removed_it_is_written_again_by_a_stop(self, open_store: Opener, path: Path, commits: bool) -> None:
        store = open_store(path, a_listing(quantity=20))
        if commits:
            busy(store)
        expected = state_of(store)
        path.unlink()
        store.close()
        assert files(path.parent).keys() == {"inventory.json"}
        assert state_of(open_store()) == expected

    def test_edited_beside_commits_it_is_kept_under_another_name(
        self, open_store: Opener, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        store = open_store(path, a_listing(quantity=30))
        edits = []
        for number in (1, 2):
            busy(store, f"tag-{number}")
            assert not store.wants_checkpoint()
            edits.append(path.read_bytes().replace(b"120.00", b"13%d.00" % number))
            path.write_bytes(edits[-1])
            assert store.wants_checkpoint()
            store.checkpoint()
            assert not store.wants_checkpoint()
        for number in (1, 2):
            assert path.with_name(f"inventory.json.edited-by-hand.{number}").read_bytes() == edits[number - 1]
            assert f"kept as inventory.json.edited-by-hand.{number} and was not read" in caplog.text
        survives(open_store, store, "copy")
        assert next(open_store(crashed(store, "another")).listings())[0].wholesale_price == Decimal("120.00")

    def test_edited_beside_no_commits_it_counts_at_the_next_start(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        path.write_bytes(path.read_bytes().replace(b"120.00", b"130.00"))
        assert not store.wants_checkpoint()
        store.close()
        assert files(path.parent).keys() == {"inventory.json"}
        assert next(open_store().listings())[0].wholesale_price == Decimal("130.00")

    def test_an_edit_is_kept_by_a_stop_too(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        path.write_bytes(b"mine")
        expected = state_of(store)
        store.close()
        assert files(path.parent).keys() == {"inventory.json", "inventory.json.edited-by-hand.1"}
        assert path.with_name("inventory.json.edited-by-hand.1").read_bytes() == b"mine"
        assert state_of(open_store()) == expected

    def test_an_edit_is_copied_where_there_are_no_links(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        path.write_bytes(b"mine")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "link", fails(errno.EPERM))
            store.checkpoint()
        assert path.with_name("inventory.json.edited-by-hand.1").read_bytes() == b"mine"

    def test_an_editor_that_is_still_writing_writes_to_what_is_kept(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        with path.open("wb", buffering=0) as editor:
            editor.write(b"first half")
            store.checkpoint()
            editor.write(b", second half")
        assert path.with_name("inventory.json.edited-by-hand.1").read_bytes() == b"first half, second half"
        survives(open_store, store, "copy")

    def test_touched_or_saved_unchanged_it_is_not_kept_twice(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        os.utime(path)
        store.checkpoint()
        busy(store, "b")
        path.write_bytes(path.read_bytes())
        store.checkpoint()
        assert not [name for name in files(path.parent) if "edited" in name]

    def test_a_folder_in_its_place_is_an_error_and_the_logs_have_everything(
        self, open_store: Opener, path: Path
    ) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        kept = path.read_bytes()
        path.unlink()
        path.mkdir()
        with pytest.raises(BadInput, match=r"inventory\.json: .*The logs beside it have every commit"):
            store.checkpoint()
        assert hold(store, "goes-on") == "ok"
        path.rmdir()
        path.write_bytes(kept)
        survives(open_store, store, "copy")


class TestTheLog:
    """The commit log, removed or cut under the running store."""

    def test_removed_it_is_written_again_with_everything_in_it(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        path.with_name("inventory.json.log").unlink()
        assert hold(store, "meanwhile") == "ok"
        assert store.wants_checkpoint()
        writing = store.checkpoint_in_slices()
        next(writing)
        survives(open_store, store, "at once")
        assert hold(store, "during") == "ok"
        survives(open_store, store, "during")
        for wait in writing:
            if wait is not None:
                wait()
        assert not store.wants_checkpoint()
        survives(open_store, store, "after")

    def test_removed_it_is_in_the_file_after_a_stop(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        path.with_name("inventory.json.log").unlink()
        expected = state_of(store)
        store.close()
        assert files(path.parent).keys() == {"inventory.json"}
        assert state_of(open_store()) == expected

    def test_cut_it_stops_the_calls_until_the_file_has_everything(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        os.truncate(path.with_name("inventory.json.log"), 100)
        assert store.wants_checkpoint()
        writing = store.checkpoint_in_slices()
        next(writing)
        with pytest.raises(StoreUnavailable, match="somebody cut it while it was served"):
            hold(store, "during")
        for wait in writing:
            if wait is not None:
                wait()
        assert hold(store, "after") == "ok"
        survives(open_store, store, "after")

    def test_the_folder_gone_calls_are_refused_until_it_is_back(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        shutil.rmtree(path.parent)
        assert store.wants_checkpoint()
        with pytest.raises(BadInput, match="may be nowhere but in this process"):
            store.checkpoint()
        with pytest.raises(StoreUnavailable, match="somebody removed it while it was served"):
            hold(store, "refused")
        path.parent.mkdir()
        assert store.wants_checkpoint()
        store.checkpoint()
        assert not store.wants_checkpoint()
        assert hold(store, "after") == "ok"
        survives(open_store, store, "copy")

    def test_a_stop_without_the_folder_says_what_is_lost(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        busy(store)
        shutil.rmtree(path.parent)
        with pytest.raises(BadInput, match="The last commits may be nowhere but in this process"):
            store.close()
        path.parent.mkdir()


class TestTheLock:
    """The lock's file, removed under the running store."""

    def test_removed_it_is_taken_again(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        path.with_name("inventory.json.lock").unlink()
        assert store.wants_checkpoint()
        store.checkpoint()
        assert not store.wants_checkpoint()
        with pytest.raises(InventoryLocked):
            open_store()

    def test_taken_by_another_nothing_is_answered_any_more(self, open_store: Opener, path: Path) -> None:
        store = open_store(path, a_listing(quantity=30))
        assert hold(store, "ours") == "ok"
        path.with_name("inventory.json.lock").unlink()
        with another_process(path) as other:
            theirs = path.read_bytes()
            assert store.wants_checkpoint()
            with pytest.raises(BadInput, match=f"in use by process {other.pid}"):
                store.checkpoint()
            with pytest.raises(StoreUnavailable, match=f"in use by process {other.pid}"):
                hold(store, "refused")
            with pytest.raises(BadInput):
                store.close()
            assert path.read_bytes() == theirs
            assert path.with_name("inventory.json.lock").read_text() == f"process {other.pid}\n"


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
from mockpos.stores.tinydb_store import TinyDBStore
from tests.conftest import ManualClock, a_world
store = TinyDBStore(Path({str(path.with_name("limited.json"))!r}), ManualClock(), make_world=a_world)
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
