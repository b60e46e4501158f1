"""Files that somebody removes, edits or cuts under the running store: written again, kept aside, or told."""

import errno
import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput, InventoryLocked, StoreUnavailable
from tests.conftest import a_listing
from tests.store.actors import state_of
from tests.store.disk import Opener, busy, crashed, fails, files, hold, survives
from tests.store.test_file_lock import another_process


@pytest.mark.parametrize("commits", [False, True])
def test_a_removed_file_is_written_again(open_store: Opener, path: Path, commits: bool) -> None:
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
def test_a_removed_file_is_written_again_by_a_stop(open_store: Opener, path: Path, commits: bool) -> None:
    store = open_store(path, a_listing(quantity=20))
    if commits:
        busy(store)
    expected = state_of(store)
    path.unlink()
    store.close()
    assert files(path.parent).keys() == {"inventory.json"}
    assert state_of(open_store()) == expected


def test_a_file_edited_beside_commits_is_kept_under_another_name(
    open_store: Opener, path: Path, caplog: pytest.LogCaptureFixture
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


def test_a_file_edited_beside_no_commits_counts_at_the_next_start(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    path.write_bytes(path.read_bytes().replace(b"120.00", b"130.00"))
    assert not store.wants_checkpoint()
    store.close()
    assert files(path.parent).keys() == {"inventory.json"}
    assert next(open_store().listings())[0].wholesale_price == Decimal("130.00")


def test_an_edit_is_kept_by_a_stop_too(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    busy(store)
    path.write_bytes(b"mine")
    expected = state_of(store)
    store.close()
    assert files(path.parent).keys() == {"inventory.json", "inventory.json.edited-by-hand.1"}
    assert path.with_name("inventory.json.edited-by-hand.1").read_bytes() == b"mine"
    assert state_of(open_store()) == expected


def test_an_edit_is_copied_where_there_are_no_links(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    busy(store)
    path.write_bytes(b"mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", fails(errno.EPERM))
        store.checkpoint()
    assert path.with_name("inventory.json.edited-by-hand.1").read_bytes() == b"mine"


def test_an_editor_that_is_still_writing_writes_to_what_is_kept(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    busy(store)
    with path.open("wb", buffering=0) as editor:
        editor.write(b"first half")
        store.checkpoint()
        editor.write(b", second half")
    assert path.with_name("inventory.json.edited-by-hand.1").read_bytes() == b"first half, second half"
    survives(open_store, store, "copy")


def test_a_file_touched_or_saved_unchanged_is_not_kept_twice(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    busy(store)
    os.utime(path)
    store.checkpoint()
    busy(store, "b")
    path.write_bytes(path.read_bytes())
    store.checkpoint()
    assert not [name for name in files(path.parent) if "edited" in name]


def test_a_folder_in_the_files_place_is_an_error_and_the_logs_have_everything(open_store: Opener, path: Path) -> None:
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


def test_a_removed_log_is_written_again_with_everything_in_it(open_store: Opener, path: Path) -> None:
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


def test_what_a_removed_log_had_is_in_the_file_after_a_stop(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    busy(store)
    path.with_name("inventory.json.log").unlink()
    expected = state_of(store)
    store.close()
    assert files(path.parent).keys() == {"inventory.json"}
    assert state_of(open_store()) == expected


def test_a_log_that_was_cut_stops_the_calls_until_the_file_has_everything(open_store: Opener, path: Path) -> None:
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


def test_without_the_folder_calls_are_refused_until_it_is_back(open_store: Opener, path: Path) -> None:
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


def test_a_stop_without_the_folder_says_what_is_lost(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    busy(store)
    shutil.rmtree(path.parent)
    with pytest.raises(BadInput, match="The last commits may be nowhere but in this process"):
        store.close()
    path.parent.mkdir()


def test_a_removed_lock_is_taken_again(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    path.with_name("inventory.json.lock").unlink()
    assert store.wants_checkpoint()
    store.checkpoint()
    assert not store.wants_checkpoint()
    with pytest.raises(InventoryLocked):
        open_store()


def test_with_the_lock_taken_by_another_nothing_is_answered_any_more(open_store: Opener, path: Path) -> None:
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
