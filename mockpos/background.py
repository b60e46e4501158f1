"""What a serving mockpos does beside its calls: keeps its file written, scenarios current, idle sandboxes away."""

import asyncio
import gc
from collections.abc import Callable

from mockpos.domain.errors import MockposError
from mockpos.sandboxes.registry import Sandboxes
from mockpos.scenario.selector import ScenarioSelector
from mockpos.store.memory_store import MemoryStore
from mockpos.system_memory import give_back

_LOOK_EVERY_S = 1.0
_LONGEST_WAIT_S = 30.0
_LOOK_FOR_IDLE_EVERY_S = 5.0
_LOOK_AT_YOUNG_EVERY_S = 0.05
_QUIET_S = 5.0
_WORTH_A_LOOK = 10_000  # calls
_MOST_LOOKED_THROUGH = 500_000  # objects
_SHARE_OF_A_TURN = 0.05
"""What is written costs the calls the same in the end, so the less at a time, the evener their latency. With less than
0.04 the log of a server that is never idle would outgrow the file before that is written."""
_MOST_AT_ONCE_S = 0.001


async def keep_checkpointed(store: MemoryStore, warn: Callable[[str], None]) -> None:
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


async def keep_reloaded(selector: ScenarioSelector, tell: Callable[[str], None]) -> None:
    """Look at the scenario files every second, for as long as the event loop runs, and tell what was edited."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        for message in await loop.run_in_executor(None, selector.reload):
            tell(message)


async def keep_idle_dropped(sandboxes: Sandboxes, tell: Callable[[str], None]) -> None:
    """Drop the sandboxes nobody has used for their TTL, every few seconds, and tell which they were."""
    while True:
        await asyncio.sleep(_LOOK_FOR_IDLE_EVERY_S)
        for name in sandboxes.drop_idle():
            tell(f"sandbox {name} was idle for its TTL and is gone")


async def keep_collected(calls: Callable[[], int], knots: Callable[[], int]) -> None:
    """Spare the calls the garbage collector: they leave nothing for it, save those that ``knots`` counts.

    Left to itself, Python looks through the young objects when there are so many more than before. In a busy server as
    many old ones go as new ones come: that seldom is so, and when it is, the young ones are hundreds of thousands and
    every call waits 50 ms. Here they are declared old by the clock, which takes no time; only where a call may have
    left a knot behind they are looked through first. What was missed is found when nobody calls for a while.
    """
    give_back()  # the text of the inventory, and what was made of it on the way
    gc.disable()
    gc.freeze()
    try:
        begun = looked = calls()
        tied = knots()
        quiet_s = 0.0
        while True:
            await asyncio.sleep(_LOOK_AT_YOUNG_EVERY_S)
            before, begun = begun, calls()
            tied_before, tied = tied, knots()
            if begun != before:
                quiet_s = 0.0
                if tied != tied_before:
                    gc.collect(0)
                gc.freeze()
                continue
            quiet_s += _LOOK_AT_YOUNG_EVERY_S
            if quiet_s >= _QUIET_S and begun - looked >= _WORTH_A_LOOK:
                _look_through_everything()
                looked = begun
    finally:
        gc.enable()


def _look_through_everything() -> None:
    """Collect among what is old too, where that is no more than takes a tenth of a second."""
    if gc.get_freeze_count() <= _MOST_LOOKED_THROUGH:
        gc.unfreeze()
    gc.collect()
    gc.freeze()
    give_back()


async def _checkpoint(store: MemoryStore) -> None:
    """Write a slice whenever the calls leave room, and some more for every turn in which many were served.

    A single caller waits for two slices at most. In a crowd, whose calls wait for each other for longer than that, one
    slice a turn would take minutes for a large file, and the log would grow meanwhile.
    """
    loop = asyncio.get_running_loop()
    until = 0.0
    for wait_for_disk in store.checkpoint_in_slices():
        if wait_for_disk is not None:
            await loop.run_in_executor(None, wait_for_disk)
        elif loop.time() >= until:
            left = loop.time()
            await asyncio.sleep(0)
            back = loop.time()
            until = back + min(_SHARE_OF_A_TURN * (back - left), _MOST_AT_ONCE_S)
