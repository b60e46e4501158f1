"""What a look finds in the commit logs: which commits are lost, which are left out, and what is no damage."""

import zlib
from pathlib import Path

import pytest
from msgspec.json import encode

from mockpos.domain.errors import BadInput
from mockpos.fsck.check import check
from mockpos.store.world import Limits
from tests.conftest import a_listing
from tests.fsck.looks import flip, found, kinds, line_starts, notes, states_of
from tests.store.actors import automator, state_of
from tests.store.disk import Opener, busy, crashed, files


@pytest.fixture
def after_crash(open_store: Opener, path: Path) -> Path:
    """An inventory that was killed with nine commits in its log."""
    store = open_store(path, a_listing(quantity=40))
    list(states_of(store))
    copy = crashed(store, "copy")
    copy.with_name("inventory.json.lock").unlink()
    return copy


def log_of(inventory: Path, ending: str = ".log") -> Path:
    return inventory.with_name(inventory.name + ending)


def test_a_clean_inventory_has_nothing_to_tell(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing(), a_listing("TG-2")).close()
    before = files(path.parent)
    report = check(path).report
    assert (report.is_clean, report.findings) == (True, [])
    assert report.start is not None
    assert (report.start.replays, report.start.listings, report.start.refuses) == (0, 2, None)
    assert files(path.parent) == before


def test_a_look_tells_what_a_start_then_does(open_store: Opener, after_crash: Path) -> None:
    before = files(after_crash.parent)
    checkup = check(after_crash)
    assert files(after_crash.parent) == before
    start = checkup.report.start
    assert checkup.report.is_clean
    assert start is not None
    store = open_store(after_crash)
    world = store.snapshot()
    assert (start.replays, start.file_matches, start.log_generations) == (9, True, (1,))
    assert (start.listings, start.live_holds, start.ended_holds) == (1, len(world.live), len(world.closed))
    assert (start.invoices, start.tombstones, start.last_commit) == (2, len(world.tombstones), world.committed_at)


def test_two_logs_of_an_unfinished_checkpoint_are_told_as_they_are_replayed(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=40))
    busy(store, "first")
    next(store.checkpoint_in_slices())
    busy(store, "second")
    expected = state_of(store)
    copy = crashed(store, "copy")
    start = check(copy).report.start
    assert start is not None
    assert (start.replays, start.log_generations) == (14, (1, 2))
    assert notes(copy) == ["lock_left"]
    assert state_of(open_store(copy)) == expected


def test_a_torn_last_line_is_no_damage_wherever_it_was_torn(after_crash: Path) -> None:
    log = log_of(after_crash)
    data = log.read_bytes()
    last = line_starts(data)[-1]
    for length in range(last + 1, len(data)):
        log.write_bytes(data[:length])
        report = check(after_crash).report
        (note,) = report.findings
        assert (note.kind, note.is_note, note.line, note.offset) == ("torn_line", True, 10, last), length
        assert "never acknowledged" in note.meaning
        assert report.start is not None
        assert (report.start.replays, report.start.refuses) == (8, None)


def test_a_log_torn_in_its_first_line_is_no_damage(after_crash: Path) -> None:
    log = log_of(after_crash)
    header = log.read_bytes()[: line_starts(log.read_bytes())[1]]
    for length in range(len(header)):
        log.write_bytes(header[:length])
        assert check(after_crash).report.is_clean


def test_a_flipped_bit_anywhere_is_found_at_its_line_and_a_start_would_say_the_same(
    open_store: Opener, after_crash: Path
) -> None:
    log = log_of(after_crash)
    good = log.read_bytes()
    starts = line_starts(good)
    for place in range(0, len(good), 3):
        log.write_bytes(good)
        flip(log, place, 1 << (place % 8))
        line = good[:place].count(b"\n") + 1
        report = check(after_crash).report
        first = next(finding for finding in report.findings if not finding.is_note)
        assert (first.line, first.offset, first.file) == (line, starts[line - 1], str(log)), place
        assert first.kind == ("damaged_header" if line == 1 else "damaged_line")
        assert report.start is not None
        with pytest.raises(BadInput) as refused:
            open_store(after_crash)
        assert report.start.refuses == str(refused.value)


def test_a_damaged_line_tells_which_commits_are_lost_and_which_are_left_out(after_crash: Path) -> None:
    log = log_of(after_crash)
    flip(log, line_starts(log.read_bytes())[4] + 3)  # the hold of a-3
    (finding,) = found(after_crash)
    assert (finding.lost, finding.passed) == (1, 5)
    assert set(finding.global_ids) == {"a-3", "a-2", "a-unknown", "a-4", "a-5"}
    assert "At least 1 acknowledged commit is lost." in finding.meaning
    assert "inventory.json.log, lines 6 to 10" in finding.meaning
    assert "`--repair` cuts the log before this place, keeping a copy" in finding.way_out


def test_every_damaged_line_is_told_and_the_left_out_commits_once(after_crash: Path) -> None:
    log = log_of(after_crash)
    starts = line_starts(log.read_bytes())
    for line in (3, 6, 8):
        flip(log, starts[line - 1] + 20)
    findings = found(after_crash)
    assert [finding.line for finding in findings] == [3, 6, 8]
    assert [finding.lost for finding in findings] == [1, 1, 1]
    assert [finding.passed for finding in findings] == [5, 0, 0]


def test_damage_in_the_older_of_two_logs_leaves_all_of_the_newer_out(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=40))
    busy(store, "first")
    next(store.checkpoint_in_slices())
    busy(store, "second")
    copy = crashed(store, "copy")
    older = log_of(copy, ".log.1")
    flip(older, line_starts(older.read_bytes())[5])
    (finding,) = found(copy)
    assert (finding.file, finding.line, finding.passed) == (str(older), 6, 9)
    assert "second-unknown" in finding.global_ids


def test_an_older_log_that_was_cut_is_refused_when_a_newer_one_has_commits(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=40))
    busy(store, "first")
    next(store.checkpoint_in_slices())
    alone = crashed(store, "alone")
    busy(store, "second")
    copy = crashed(store, "copy")
    for inventory in (copy, alone):
        older = log_of(inventory, ".log.1")
        older.write_bytes(older.read_bytes()[:-9])

    (finding,) = found(copy)
    assert (finding.kind, finding.passed, finding.refuses_start) == ("lines_missing", 7, True)
    before = files(copy.parent)
    with pytest.raises(BadInput, match=r"log\.1:8: torn off here, but inventory\.json\.log holds commits made after"):
        open_store(copy)
    assert files(copy.parent).keys() == before.keys() - {"inventory.json.lock"}

    (finding,) = found(alone)
    assert (finding.kind, finding.lost, finding.refuses_start) == ("torn_once_whole", 1, False)
    assert len(open_store(alone).world.closed) == 2


@pytest.mark.parametrize("length", [0, 10])
def test_an_older_log_that_lost_even_its_header_is_refused(open_store: Opener, path: Path, length: int) -> None:
    store = open_store(path, a_listing(quantity=40))
    busy(store, "first")
    next(store.checkpoint_in_slices())
    busy(store, "second")
    copy = crashed(store, "copy")
    older = log_of(copy, ".log.1")
    older.write_bytes(older.read_bytes()[:length])

    assert kinds(copy) == ["lines_missing"]
    with pytest.raises(BadInput, match=r"log\.1:1: torn off here"):
        open_store(copy)


def test_a_damaged_header_is_proven_by_the_fingerprint_in_it(after_crash: Path) -> None:
    log = log_of(after_crash)
    good = log.read_bytes()
    flip(log, 2)  # in the checksum
    (finding,) = found(after_crash)
    assert (finding.kind, finding.passed, finding.can_repair) == ("damaged_header", 0, True)
    assert "No commit is lost" in finding.meaning

    log.write_bytes(good)
    flip(log, good.index(b'"fingerprint":"') + 16)
    (finding,) = found(after_crash)
    assert (finding.kind, finding.passed, finding.can_repair) == ("damaged_header", 9, True)
    assert "cannot be told" in finding.meaning


def test_a_file_edited_beside_commits_is_told(after_crash: Path) -> None:
    after_crash.write_bytes(after_crash.read_bytes().replace(b"120.00", b"130.00"))
    (finding,) = found(after_crash)
    assert (finding.kind, finding.passed, finding.can_repair) == ("changed_by_hand", 9, False)
    assert "move inventory.json.log away" in finding.way_out


def test_an_older_version_of_the_file_is_told(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    old = path.read_bytes()
    busy(store, "x")
    store.checkpoint()
    busy(store, "y")
    copy = crashed(store, "copy")
    copy.write_bytes(old)
    (finding,) = found(copy)
    assert (finding.kind, finding.passed, finding.file) == ("other_version", 7, str(log_of(copy)))


def test_an_edit_that_counts_is_a_note(open_store: Opener, path: Path) -> None:
    copy = crashed(open_store(path, a_listing()), "copy")
    copy.write_bytes(copy.read_bytes().replace(b"120.00", b"130.00"))
    assert check(copy).report.is_clean
    assert "edited" in notes(copy)


def test_a_missing_file_beside_commits_is_told_with_what_the_logs_have(after_crash: Path) -> None:
    after_crash.rename(after_crash.with_name("backup.json"))
    report = check(after_crash).report
    (finding,) = (each for each in report.findings if not each.is_note)
    assert (finding.kind, finding.passed, finding.can_repair) == ("file_missing", 9, False)
    assert "move inventory.json.log away" in finding.way_out
    assert report.start is None


def test_a_log_of_another_version_of_mockpos_is_told(after_crash: Path) -> None:
    from mockpos.store.commit_log import line_of

    log = log_of(after_crash)
    rest = log.read_bytes().partition(b"\n")[2]
    log.write_bytes(line_of(1, encode({"mockpos": 7, "generation": 1, "fingerprint": ""})) + rest)
    (finding,) = found(after_crash)
    assert (finding.kind, finding.passed, finding.can_repair) == ("other_format", 9, False)


def test_a_log_of_the_version_before_line_numbers_is_told(open_store: Opener, after_crash: Path) -> None:
    header = b'{"mockpos":1,"generation":1,"fingerprint":""}'
    log_of(after_crash).write_bytes(b"%08x %b\n" % (zlib.crc32(header), header))
    assert kinds(after_crash) == ["other_format", "lock_left"] or kinds(after_crash) == ["other_format"]
    with pytest.raises(BadInput, match="written by another version of mockpos; start that version once"):
        open_store(after_crash)


def test_a_whole_line_that_makes_no_sense_is_damage(open_store: Opener, after_crash: Path) -> None:
    from mockpos.store.commit_log import line_of

    log = log_of(after_crash)
    good = log.read_bytes()
    for nonsense in ({"at": 1}, {"at": 1, "put": [["z", []]]}, {"at": 1, "put": [["h", []]]}, {"put": 3}, {"clock": 1}):
        log.write_bytes(good + line_of(11, encode(nonsense)))
        (finding,) = found(after_crash)
        assert (finding.kind, finding.line) == ("damaged_line", 11), nonsense
        with pytest.raises(BadInput, match=r"log:11: damaged"):
            open_store(after_crash)


def test_lines_that_changed_places_are_refused(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=40))
    list(states_of(store))
    copy = crashed(store, "copy")
    log = log_of(copy)
    lines = log.read_bytes().splitlines(keepends=True)
    lines[4], lines[5] = lines[5], lines[4]
    log.write_bytes(b"".join(lines))
    (finding,) = found(copy)
    assert (finding.kind, finding.line, finding.can_repair) == ("lines_missing", 5, True)
    assert finding.what == "this is line 6 of the log, but line 5 should stand here"
    with pytest.raises(BadInput, match=r"log:5: this is line 6 of the log, but line 5 should stand here"):
        open_store(copy)


def test_every_line_that_is_taken_out_is_missed(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=40))
    states = list(states_of(store))
    copy = crashed(store, "copy")
    log = log_of(copy)
    lines = log.read_bytes().splitlines(keepends=True)
    for number in range(1, len(lines)):
        log.write_bytes(b"".join(lines[: number - 1] + lines[number:]))
        finding = found(copy)[0]
        assert finding.kind == ("damaged_header" if number == 1 else "lines_missing")
        assert finding.line == number
        with pytest.raises(BadInput, match=rf"log:{number}: "):
            open_store(copy)
    log.write_bytes(b"".join(lines[:-1]))  # the last one may never have been written
    assert found(copy) == []
    assert state_of(open_store(copy)) == states[-2]


def test_lines_at_the_end_of_an_older_log_are_missed(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=40))
    busy(store, "first")
    next(store.checkpoint_in_slices())
    busy(store, "second")
    copy = crashed(store, "copy")
    older = log_of(copy, ".log.1")
    older.write_bytes(b"".join(older.read_bytes().splitlines(keepends=True)[:-1]))
    (finding,) = found(copy)
    assert (finding.kind, finding.line) == ("lines_missing", 8)
    with pytest.raises(BadInput, match=r"log\.1:8: ends before this line, but inventory\.json\.log holds commits"):
        open_store(copy)


def test_more_is_remembered_after_a_crash_than_before_it_and_no_hold_stands_twice(
    open_store: Opener, path: Path
) -> None:
    """A Global ID that was forgotten and held again is alive, whatever a larger memory still knows of its end."""
    store = open_store(path, a_listing(quantity=40), limits=Limits(closed_holds=1))
    pos = automator(store)
    for global_id in ("again", "other", "third"):
        pos.hold(remote_id="TG-1", quantity=1, global_id=global_id)
        pos.invoice(global_id=global_id, order_id=f"o-{global_id}")
    pos.hold(remote_id="TG-1", quantity=1, global_id="again")
    copy = crashed(store, "copy")
    assert check(copy).report.is_clean
    for _ in range(2):
        reopened = open_store(copy)
        assert sorted(reopened.world.live) == ["again"]
        assert [hold.global_id for hold, _ in reopened.world.each_closed()] == ["other", "third"]
        assert dict(reopened.world.orders.items()) == {"o-other": "other", "o-third": "third"}
        assert reopened.world.closed.forgotten == 1
        reopened.close()


def test_a_million_bytes_of_garbage_is_told_in_few_words(after_crash: Path) -> None:
    log = log_of(after_crash)
    log.write_bytes(log.read_bytes() + b"\n" * 5_000 + b"\0" * 1_000_000)
    report = check(after_crash).report
    assert len(report.findings) == 102
    assert report.findings[-1].kind == "torn_line"
    assert any("4,900 more lines" in finding.what for finding in report.findings)


def test_there_is_nothing_to_look_at(path: Path) -> None:
    with pytest.raises(BadInput, match=r"inventory\.json: there is no such file"):
        check(path)
    path.mkdir()
    with pytest.raises(BadInput, match=r"inventory\.json: is a directory; name a regular file"):
        check(path)


def test_a_backup_with_a_number_beside_the_log_is_no_log(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing())
    busy(store)
    expected = state_of(store)
    copy = crashed(store, "copy")
    backup = log_of(copy, ".log.backup.1")
    backup.write_bytes(b"mine")
    assert check(copy).report.is_clean
    assert state_of(open_store(copy)) == expected
    assert backup.read_bytes() == b"mine"
