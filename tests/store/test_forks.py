"""One process serves one file: a store that finds itself in a forked one refuses everything and never writes."""

import ctypes
import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockpos.domain.errors import MockMisuse
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from tests.conftest import BedMaker, ManualClock, a_listing, a_world
from tests.store.disk import Opener, files, hold

ASKED: dict[str, Callable[[MemoryStore], Any]] = {
    "hold": lambda store: hold(store, "child"),
    "expire": lambda store: store.expire_due(),
    "list": lambda store: list(store.listings()),
    "live holds": lambda store: list(store.live_holds()),
    "snapshot": lambda store: store.snapshot(),
    "clock": lambda store: store.change_clock(lambda now: pytest.fail("moved"), lambda: None),
    "replace": lambda store: store.replace_world(a_world()),
    "ready": lambda store: store.check_writable(),
}


def in_a_fork(what: Callable[[], None], fork: Callable[[], int] = os.fork) -> None:
    """Do something in a forked process; it must go well there."""
    pid = fork()
    if not pid:
        try:
            what()
        except BaseException as error:  # whatever it is, only the exit status leaves this process
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def refuses_everything(store: MemoryStore) -> None:
    for name, ask in ASKED.items():
        with pytest.raises(MockMisuse, match=r"-w 1 and without --preload") as refused:
            ask(store)
        assert refused.value.code == "mock_other_process", name
    assert not store.wants_checkpoint()
    store.close()


def test_a_forked_process_is_refused_and_the_first_goes_on(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=4))
    assert hold(store, "before") == "ok"
    before = files(path.parent)

    in_a_fork(lambda: refuses_everything(store))

    assert files(path.parent) == before
    assert hold(store, "after") == "ok"
    store.close()
    holds = json.loads(path.read_text())["holds"]
    assert {each["global_id"] for each in holds.values()} == {"before", "after"}


def test_a_worker_that_a_server_forked_in_c_is_refused_though_python_was_not_told(
    make_bed: BedMaker, open_store: Opener, path: Path
) -> None:
    """As uWSGI forks: nothing that Python calls after a fork is called."""
    bed, store = make_bed(), open_store(path, a_listing(quantity=4))
    assert bed.hold(global_id="before").status_code == 200

    def refused() -> None:
        for answer in (bed.hold(global_id="child"), bed.call("GET", "/_mock/listings")):
            assert (answer.status_code, answer.json["code"]) == (503, "mock_other_process")
        assert "uWSGI with --processes 1 and --lazy-apps" in answer.json["detail"]
        before = files(path.parent)
        store.close()
        assert files(path.parent) == before

    in_a_fork(refused, ctypes.PyDLL(None).fork)
    assert bed.hold(global_id="after").status_code == 200


def test_a_store_in_memory_belongs_to_its_process_too(clock: ManualClock) -> None:
    store = MemoryStore(a_world(), clock)
    in_a_fork(lambda: refuses_everything(store))
    assert hold(store, "after") == "ok"


def test_a_process_of_multiprocessing_is_refused(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=4))
    process = multiprocessing.get_context("fork").Process(target=refuses_everything, args=(store,))
    process.start()
    process.join(30)
    assert process.exitcode == 0
    assert hold(store, "after") == "ok"


def test_a_forked_process_that_opens_the_file_itself_may_once_the_first_has_ended(
    path: Path, clock: ManualClock
) -> None:
    store = JsonFileStore(path, clock, make_world=a_world)
    told, tell = os.pipe()
    pid = os.fork()
    if not pid:  # it lives on while the first process closes the file
        os.close(tell)
        os.read(told, 1)
        os._exit(0)
    os.close(told)
    store.close()
    JsonFileStore(path, clock).close()
    os.close(tell)
    os.waitpid(pid, 0)
