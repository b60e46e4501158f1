"""After a crash: the log is replayed, a torn line left out, and whatever does not belong together is refused."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput
from mockpos.store.world import Limits
from tests.conftest import ManualClock, a_listing
from tests.store.actors import TTL, assert_adds_up, automator, code_of, state_of, stock_of
from tests.store.disk import Opener, busy, crashed, files


def test_everything_acknowledged_is_there_after_a_crash(open_store: Opener, path: Path, clock: ManualClock) -> None:
    store = open_store(path, a_listing(quantity=10), a_listing("TG-2", 9, numbering=None))
    busy(store)
    clock.advance(TTL)
    automator(store, reacquire=True).invoice(global_id="a-2", order_id="late")
    with store.transaction() as tx:
        tx.put(a_listing("TG-3", wholesale_price=Decimal("1.25")))
        tx.drop_listing("TG-2")
    expected = state_of(store)

    copy = crashed(store, "copy")
    reopened = open_store(copy)

    assert state_of(reopened) == expected
    assert [listing.remote_id for listing, _ in reopened.listings()] == ["TG-1", "TG-3"]
    assert code_of(automator(reopened).invoice, global_id="a-1", order_id="a-o1") == "replayed"
    assert_adds_up(reopened)


def test_replay_never_doubles_however_often_the_process_dies(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    expected = state_of(store)
    for life in range(4):
        store = open_store(crashed(store, f"life-{life}"))
        assert state_of(store) == expected


def test_bounded_memory_is_counted_the_same_after_a_crash_and_after_a_stop(open_store: Opener, path: Path) -> None:
    limits = Limits(closed_holds=2, tombstones=1)
    store = open_store(path, a_listing(quantity=30), limits=limits)
    for tag in "abc":
        busy(store, tag)
    expected = state_of(store)
    assert expected["forgotten"] == (4, 2)
    copy = open_store(crashed(store, "copy"), limits=limits)
    assert state_of(copy) == expected
    copy.close()
    assert state_of(open_store(copy.path, limits=limits)) == expected

    smaller = open_store(crashed(store, "smaller"), limits=Limits(closed_holds=1, tombstones=1))
    assert smaller.world.closed.forgotten == 5


def test_a_torn_last_line_is_left_out_wherever_it_was_torn(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    expected = state_of(store)
    log = path.with_name("inventory.json.log")
    whole = log.read_bytes()
    automator(store).hold(remote_id="TG-1", quantity=2, global_id="torn")
    complete = log.read_bytes()
    copy = crashed(store, "copy")
    original = files(copy.parent)

    for length in range(len(whole), len(complete)):
        for name, data in original.items():
            copy.with_name(name).write_bytes(data)
        copy.with_name("inventory.json.log").write_bytes(complete[:length])
        reopened = open_store(copy)
        assert state_of(reopened) == expected, length
        reopened.close()


def test_a_log_torn_in_its_first_line_is_no_log(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing())
    copy = crashed(store, "copy")
    header = copy.with_name("inventory.json.log").read_bytes()
    for length in range(len(header)):
        copy.with_name("inventory.json.log").write_bytes(header[:length])
        open_store(copy).close()


def test_a_flipped_bit_anywhere_in_the_log_is_refused_and_nothing_is_touched(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    copy = crashed(store, "copy")
    copy.with_name("inventory.json.lock").unlink()
    log = copy.with_name("inventory.json.log")
    good = log.read_bytes()
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1 << (place % 8)
        log.write_bytes(bad)
        before = files(copy.parent)
        with pytest.raises(BadInput, match=r"inventory\.json\.log:\d+: damaged") as caught:
            open_store(copy)
        line = good[:place].count(b"\n") + 1
        assert f".log:{line}: " in str(caught.value), place
        assert files(copy.parent) == before


def _refused(open_store: Opener, copy: Path, match: str) -> None:
    copy.with_name("inventory.json.lock").unlink(missing_ok=True)
    before = files(copy.parent)
    with pytest.raises(BadInput, match=match):
        open_store(copy)
    assert files(copy.parent) == before


def test_a_file_edited_beside_commits_is_refused(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing())
    busy(store)
    copy = crashed(store, "copy")
    copy.write_bytes(copy.read_bytes().replace(b"120.00", b"130.00"))

    _refused(open_store, copy, r"changed by hand while inventory\.json\.log holds 7 commits")

    copy.with_name("inventory.json.log").rename(copy.with_name("away"))
    assert stock_of(open_store(copy)) == (4, 0, 0)


def test_a_file_edited_beside_a_log_without_commits_is_taken(open_store: Opener, path: Path) -> None:
    copy = crashed(open_store(path, a_listing()), "copy")
    copy.write_bytes(copy.read_bytes().replace(b"120.00", b"130.00"))

    assert next(open_store(copy).listings())[0].wholesale_price == Decimal("130.00")


def test_a_file_edited_after_a_checkpoint_beside_commits_is_refused(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    store.checkpoint()
    busy(store)
    copy = crashed(store, "copy")
    copy.write_bytes(copy.read_bytes().replace(b"120.00", b"130.00"))

    _refused(open_store, copy, "changed by hand")


@pytest.mark.parametrize("replacement", [b"", b"{}", b'{"listings": {}}'])
def test_a_file_emptied_beside_commits_is_refused(open_store: Opener, path: Path, replacement: bytes) -> None:
    store = open_store(path, a_listing())
    busy(store)
    copy = crashed(store, "copy")
    copy.write_bytes(replacement)

    _refused(open_store, copy, "not the version that inventory.json.log holds commits to")


@pytest.mark.parametrize("checkpoints", [1, 3])
def test_an_older_version_of_the_file_beside_commits_is_refused(
    open_store: Opener, path: Path, checkpoints: int
) -> None:
    store = open_store(path, a_listing(quantity=20))
    old = path.read_bytes()
    for number in range(checkpoints):
        busy(store, f"x{number}")
        store.checkpoint()
    busy(store, "last")
    copy = crashed(store, "copy")
    copy.write_bytes(old)

    _refused(open_store, copy, "not the version")


def test_a_much_newer_version_of_the_file_beside_commits_is_refused(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=30))
    busy(store, "first")
    copy = crashed(store, "copy")
    for tag in "abc":
        busy(store, tag)
        store.checkpoint()
    shutil.copy(path, copy)

    _refused(open_store, copy, "not the version")


def test_a_missing_file_beside_commits_is_refused(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing())
    busy(store)
    copy = crashed(store, "copy")
    copy.unlink()

    _refused(open_store, copy, r"is missing, but inventory\.json\.log holds commits")
    assert not copy.exists()
