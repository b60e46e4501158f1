"""A look at files that somebody serves: who it is, no lock, nothing written, and never a fault that is none."""

import os
import threading
from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput
from mockpos.fsck.check import check, holder_of
from mockpos.store import file_lock
from tests.conftest import a_listing
from tests.store.actors import automator
from tests.store.disk import Opener, busy
from tests.store.test_file_lock import another_process


def test_who_serves_it_is_told_and_nothing_of_theirs_is_a_leftover(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing(quantity=20)).close()
    with another_process(path) as server:
        path.with_name("inventory.json.new").write_bytes(b"being written")
        report = check(path).report
        assert report.in_use_by == f"process {server.pid}"
        assert report.findings == []
    report = check(path).report
    assert report.in_use_by is None
    assert [finding.kind for finding in report.findings] == ["leftover", "lock_left"]


def test_files_that_change_at_every_look_are_told_in_a_sentence(
    open_store: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(path, a_listing(quantity=20)).close()
    monkeypatch.setattr("mockpos.fsck.check.is_at", lambda path, found: False)
    with pytest.raises(BadInput, match=r"inventory\.json: the files change as they are opened; look again"):
        check(path)


def test_a_look_keeps_no_server_from_starting(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing(quantity=20)).close()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            check(path)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(100):
            open_store().close()
    finally:
        over.set()
        looking.join()


def test_files_that_move_while_they_are_looked_at_are_never_taken_for_damaged(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=100_000))
    over = threading.Event()

    def serve() -> None:
        number = 0
        while not over.is_set():
            number += 1
            automator(store).hold(remote_id="TG-1", quantity=1, global_id=f"g-{number}")
            automator(store).release(global_id=f"g-{number}")
            if number % 5 == 0:
                store.checkpoint()

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        for _ in range(150):
            report = check(path).report
            assert report.is_clean, report.findings
            assert report.in_use_by is not None
            assert {finding.kind for finding in report.findings} <= {"torn_line"}
    finally:
        over.set()
        serving.join()


def test_a_finding_in_a_file_in_use_says_to_stop_the_server_first(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    busy(store)
    log = path.with_name("inventory.json.log")
    data = bytearray(log.read_bytes())
    data[200] ^= 1
    log.write_bytes(data)
    (finding,) = check(path).report.findings
    assert finding.way_out.startswith("Stop the server")


@pytest.mark.parametrize(
    ("text", "alive"),
    [("process {pid}\n", True), ("process 999999999\n", False), ("process 0x1\n", False), ("", False)],
)
def test_where_locks_are_not_listed_the_process_has_to_be_alive(
    path: Path, monkeypatch: pytest.MonkeyPatch, text: str, alive: bool
) -> None:
    lock = path.with_name("inventory.json.lock")
    lock.write_text(text.format(pid=os.getpid()))
    assert holder_of(lock) is None, "this process does not hold it"
    monkeypatch.setattr(file_lock, "_LOCKS", path.with_name("no such list"))
    assert (holder_of(lock) is not None) is alive
