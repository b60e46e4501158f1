"""When a server looks for objects that nobody can reach any more: never in the middle of many calls."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from mockpos import background
from mockpos.background import keep_collected


class Knot:
    """Holds itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(background, "_LOOK_AT_YOUNG_EVERY_S", 0.001)
    monkeypatch.setattr(background, "_QUIET_S", 0.05)
    yield
    gc.unfreeze()


class Serving:
    """The background job, on a count of calls that a test makes."""

    def __init__(self) -> None:
        self.begun = 0

    async def __aenter__(self) -> "Serving":
        self._job = asyncio.create_task(keep_collected(lambda: self.begun))
        await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._job

    async def calls(self, count: int) -> None:
        for _ in range(count):
            self.begun += 1
            await asyncio.sleep(0.003)


def knot() -> "weakref.ref[Knot]":
    return weakref.ref(Knot())


def test_what_calls_left_behind_is_freed_while_others_go_on() -> None:
    async def serve() -> None:
        async with Serving() as server:
            left = knot()
            assert left() is not None
            await server.calls(3)
            assert left() is None

    asyncio.run(serve())


def test_what_grew_old_is_looked_through_only_once_nobody_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_WORTH_A_LOOK", 10)

    async def serve() -> None:
        async with Serving() as server:
            held = Knot()
            old = weakref.ref(held)
            await server.calls(3)
            del held
            await server.calls(20)
            assert old() is not None
            await asyncio.sleep(0.2)
            assert old() is None

    asyncio.run(serve())


def test_a_few_calls_are_not_worth_a_look_through_everything() -> None:
    async def serve() -> None:
        async with Serving() as server:
            held = Knot()
            old = weakref.ref(held)
            await server.calls(3)
            del held
            await asyncio.sleep(0.2)
            assert old() is not None

    asyncio.run(serve())


def test_python_collects_by_itself_before_and_after_but_not_meanwhile() -> None:
    async def serve() -> None:
        async with Serving():
            assert not gc.isenabled()

    asyncio.run(serve())
    assert gc.isenabled()
