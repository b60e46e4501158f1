"""What a serving mockpos does beside its calls: keeps its file written, scenarios current, idle sandboxes away."""

import asyncio
import gc
from collections.abc import Callable

from mockpos.domain.errors import MockposError
from mockpos.sandboxes.registry import Sandboxes
from mockpos.scenario.director import Director
from mockpos.stores.tinydb_store import TinyDBStore
from mockpos.system_memory import give_back

_LOOK_EVERY_S = 1.0
_LONGEST_WAIT_S = 30.0
_LOOK_FOR_IDLE_EVERY_S = 5.0
_LOOK_AT_YOUNG_EVERY_S = 0.05  # more often, more is looked at that soon goes by itself: every 10 ms costs 15 us a call
_QUIET_S = 5.0
_WORTH_A_LOOK = 10_000  # calls


async def keep_checkpointed(store: TinyDBStore, warn: Callable[[str], None]) -> None:
    """Look every second, for as long as the event loop runs; write a slice at a time between calls.

    After a failure it looks less and less often, but at least twice a minute.
    """
    wait_s = _LOOK_EVERY_S
    while True:
        await asyncio.sleep(wait_s)
        try:
            if store.wants_checkpoint():
                await _checkpoint(store)
        except (MockposError, OSError) as error:
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            warn(f"{error}; trying again in {wait_s:g} s")
        else:
            wait_s = _LOOK_EVERY_S


async def keep_reloaded(director: Director, tell: Callable[[str], None]) -> None:
    """Look at the scenario files every second, for as long as the event loop runs, and tell what was edited."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        for message in await loop.run_in_executor(None, director.reload):
            tell(message)


async def keep_idle_dropped(sandboxes: Sandboxes, tell: Callable[[str], None]) -> None:
    """Drop the sandboxes nobody has used for their TTL, every few seconds, and tell which they were."""
    while True:
        await asyncio.sleep(_LOOK_FOR_IDLE_EVERY_S)
        for name in sandboxes.drop_idle():
            tell(f"sandbox {name} was idle for its TTL and is gone")


async def keep_collected(requests_begun: Callable[[], int]) -> None:
    """Look for unreachable objects: among the young ones often, among the old ones when nobody has called for a while.

    Left to itself, Python looks through the young ones when there are so many objects more than before. In a busy
    server as many old ones go as new ones come: that seldom is so, and when it is, the young ones are hundreds of
    thousands and every call waits 50 ms. By the clock they are those of some hundred calls, and a call waits half a
    millisecond. Calls leave nothing that only the collector could free, save a few that are refused early: looking
    through all that lasts (holds, journal) would stall the calls of a busy server for nothing.
    """
    give_back()  # the text of the inventory, and what was made of it on the way
    gc.freeze()  # what the start has built is never looked through
    gc.disable()
    try:
        seen = looked = requests_begun()
        quiet_s = 0.0
        while True:
            await asyncio.sleep(_LOOK_AT_YOUNG_EVERY_S)
            before, seen = seen, requests_begun()
            if seen != before:
                gc.collect(0)
                quiet_s = 0.0
                continue
            quiet_s += _LOOK_AT_YOUNG_EVERY_S
            if quiet_s >= _QUIET_S and seen - looked >= _WORTH_A_LOOK:
                gc.collect()
                give_back()
                looked = seen
    finally:
        gc.enable()


async def _checkpoint(store: TinyDBStore) -> None:
    loop = asyncio.get_running_loop()
    for wait_for_disk in store.checkpoint_in_slices():
        if wait_for_disk is None:
            await asyncio.sleep(0)
        else:
            await loop.run_in_executor(None, wait_for_disk)
