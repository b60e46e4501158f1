"""What the tests of the JSON-file store share: files as they are, a crash, some traffic, a disk that refuses."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from tests.store.actors import automator, code_of, state_of

Opener = Callable[..., JsonFileStore]


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def crashed(store: JsonFileStore, name: str) -> Path:
    """Copy the files as they are, which is what a dead process leaves; return the copy's inventory."""
    copy = store.path.parent.with_name(name)
    shutil.copytree(store.path.parent, copy)
    return copy / store.path.name


def busy(store: MemoryStore, tag: str = "a") -> None:
    """Do one of everything on TG-1, which needs 6 seats."""
    pos = automator(store)
    for number in range(4):
        pos.hold(remote_id="TG-1", quantity=1, global_id=f"{tag}-{number}")
    pos.release(global_id=f"{tag}-0")
    pos.invoice(global_id=f"{tag}-1", order_id=f"{tag}-o1")
    code_of(pos.release, global_id=f"{tag}-unknown")
    code_of(pos.hold, remote_id="TG-1", quantity=999, global_id=f"{tag}-refused")


def hold(store: MemoryStore, global_id: str) -> str:
    return code_of(automator(store).hold, remote_id="TG-1", quantity=1, global_id=global_id)


def survives(open_store: Opener, store: JsonFileStore, name: str) -> None:
    """Make sure that everything the store knows is there after a crash at this moment."""
    expected = state_of(store)
    reopened = open_store(crashed(store, name))
    assert state_of(reopened) == expected
    reopened.close()


@contextmanager
def disk_full(call: str) -> Iterator[None]:
    """Let one kind of call to the operating system fail as on a full disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, fails(errno.ENOSPC))
        yield


def fails(number: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return refuse
