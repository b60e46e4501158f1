"""How a checkpoint shares the event loop with the calls, by a clock that only they move."""

import asyncio
from itertools import pairwise
from typing import cast

import pytest

from mockpos.background import keep_checkpointed
from mockpos.store.inventory_file import Slices
from mockpos.store.memory_store import MemoryStore

_SLICE_S = 0.0001


class _SlowLoop(asyncio.SelectorEventLoop):
    """Its clock shows what was added to it."""

    now = 0.0

    def time(self) -> float:
        return self.now


class _Store:
    """Wants one checkpoint, of many slices."""

    def __init__(self, loop: _SlowLoop, slices: int) -> None:
        self.written = 0
        self._loop = loop
        self._slices = slices

    def wants_checkpoint(self) -> bool:
        return not self.written

    def checkpoint_in_slices(self) -> Slices:
        for _ in range(self._slices):
            self._loop.now += _SLICE_S
            self.written += 1
            yield None


@pytest.mark.parametrize(
    ("served_s", "slices_a_turn"),
    [
        pytest.param(0.0, 1, id="nobody calls"),
        pytest.param(0.0003, 1, id="a call a turn"),
        pytest.param(0.008, 4, id="thirty calls a turn"),
        pytest.param(3.0, 10, id="the machine stood still"),
    ],
)
def test_a_checkpoint_takes_a_twentieth_of_a_turn_and_never_more_than_a_millisecond(
    served_s: float, slices_a_turn: int
) -> None:
    loop = _SlowLoop()
    store, at_each_turn = _Store(loop, slices=500), list[int]()

    async def serve() -> None:
        while store.written < 500:
            at_each_turn.append(store.written)
            loop.now += served_s
            await asyncio.sleep(0)

    async def both() -> None:
        keeping = loop.create_task(keep_checkpointed(cast(MemoryStore, store), _fail))
        await asyncio.sleep(0)
        loop.now += 1.0  # it looks once a second
        while not store.written:
            await asyncio.sleep(0)
        await serve()
        keeping.cancel()

    try:
        loop.run_until_complete(both())
    finally:
        loop.close()
    written = {after - before for before, after in pairwise(at_each_turn[2:])}
    assert max(written) <= slices_a_turn + 1
    assert min(written) >= slices_a_turn - 1
    assert min(written) >= 1


class _FullDisk:
    """Can write nothing until its eighth try."""

    tries = 0

    def wants_checkpoint(self) -> bool:
        return True

    def checkpoint_in_slices(self) -> Slices:
        self.tries += 1
        if self.tries < 8:
            raise OSError("No space left on device")
        yield from ()


def test_while_nothing_can_be_written_it_tries_again_less_and_less_often_but_twice_a_minute() -> None:
    loop, store = _SlowLoop(), _FullDisk()
    said, tried_at = list[str](), list[float]()

    async def pass_time() -> None:
        keeping = loop.create_task(keep_checkpointed(cast(MemoryStore, store), said.append))
        while store.tries < 10:
            tries = store.tries
            await asyncio.sleep(0)
            if store.tries > tries:
                tried_at.append(loop.now)
            loop.now += 0.05
        keeping.cancel()

    try:
        loop.run_until_complete(pass_time())
    finally:
        loop.close()
    assert said[0] == "No space left on device; trying again in 2 s"
    waits = [2, 4, 8, 16, 30, 30, 30]
    assert [line.rpartition("in ")[2] for line in said] == [f"{wait} s" for wait in waits]
    assert [round(later - sooner) for sooner, later in pairwise(tried_at)] == [*waits, 1, 1]


def _fail(message: str) -> None:
    raise AssertionError(message)
