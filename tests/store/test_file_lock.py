"""One process for one inventory file."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mockpos.domain.errors import InventoryLocked
from tests.conftest import a_listing
from tests.store.actors import automator
from tests.store.disk import Opener, files

HOLDER = """
import sys, time
from pathlib import Path
from mockpos.store.json_file_store import JsonFileStore
class Clock:
    def now(self): return 0
store = JsonFileStore(Path(sys.argv[1]), Clock())
print("open", flush=True)
time.sleep(60)
"""


@contextmanager
def another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_process_is_refused_by_the_firsts_number_until_that_dies(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing()).close()
    link = path.with_name("link.json")
    with another_process(path) as first:
        before = files(path.parent)
        with pytest.raises(InventoryLocked, match=f"in use by process {first.pid};"):
            open_store()
        link.symlink_to(path)
        with pytest.raises(InventoryLocked, match=f"in use by process {first.pid};"):
            open_store(link)
        link.unlink()
        assert files(path.parent) == before
        first.send_signal(signal.SIGKILL)
        first.wait()

        store = open_store()
    assert path.with_name("inventory.json.lock").read_text() == f"process {os.getpid()}\n"
    store.close()


def test_a_second_store_in_the_same_process_is_refused(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing())
    with pytest.raises(InventoryLocked, match=f"process {os.getpid()}"):
        open_store()


def test_closing_again_does_nothing_to_the_next_owner(open_store: Opener, path: Path) -> None:
    first = open_store(path, a_listing())
    automator(first).hold(remote_id="TG-1", quantity=1, global_id="g-1")
    first.close()
    second = open_store()
    automator(second).hold(remote_id="TG-1", quantity=1, global_id="g-2")
    before = files(path.parent)

    first.close()

    assert files(path.parent) == before
    with pytest.raises(InventoryLocked):
        open_store()
