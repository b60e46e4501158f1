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
    """The background job, on counts of calls that a test makes."""

    def __init__(self) -> None:
        self.begun = self.knots = 0

    async def __aenter__(self) -> "Serving":
        self._job = asyncio.create_task(keep_collected(lambda: self.begun, lambda: self.knots))
        await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._job

    async def calls(self, count: int, *, knots: int = 0) -> None:
        for _ in range(count):
            self.begun += 1
            self.knots += knots
            await asyncio.sleep(0.003)


def knot() -> "weakref.ref[Knot]":
    return weakref.ref(Knot())


def test_what_knotty_calls_left_behind_is_freed_while_others_go_on() -> None:
    async def serve() -> None:
        async with Serving() as server:
            left = knot()
            assert left() is not None
            await server.calls(3, knots=1)
            assert left() is None

    asyncio.run(serve())


def test_other_calls_are_not_held_up_for_it() -> None:
    async def serve() -> None:
        async with Serving() as server:
            looks = gc.get_stats()[0]["collections"]
            await server.calls(10)
            assert gc.get_stats()[0]["collections"] == looks
            assert gc.get_count()[0] < 1000  # and what they made is young no more

    asyncio.run(serve())


def test_what_was_missed_is_found_once_nobody_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_WORTH_A_LOOK", 10)

    async def serve() -> None:
        async with Serving() as server:
            left = knot()
            await server.calls(20)
            assert left() is not None
            await asyncio.sleep(0.2)
            assert left() is None

    asyncio.run(serve())


@pytest.mark.parametrize("spared", [("_WORTH_A_LOOK", 1000), ("_MOST_LOOKED_THROUGH", 0)])
def test_a_few_calls_or_a_large_inventory_are_not_worth_a_look_through_everything(
    monkeypatch: pytest.MonkeyPatch, spared: tuple[str, int]
) -> None:
    monkeypatch.setattr(background, "_WORTH_A_LOOK", 10)
    monkeypatch.setattr(background, *spared)

    async def serve() -> None:
        async with Serving() as server:
            left = knot()
            await server.calls(20)
            await asyncio.sleep(0.2)
            assert left() is not None

    asyncio.run(serve())


def test_python_collects_by_itself_before_and_after_but_not_meanwhile() -> None:
    async def serve() -> None:
        async with Serving():
            assert not gc.isenabled()

    asyncio.run(serve())
    assert gc.isenabled()
