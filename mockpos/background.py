"""What a serving mockpos does beside its calls: file written, scenarios current, idle sandboxes away; how it stops."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Thread

from mockpos.domain.clock import stands_still
from mockpos.domain.errors import MockposError
from mockpos.sandboxes.registry import Sandboxes
from mockpos.sandboxes.sandbox import STOPPED
from mockpos.server.greenlets import in_greenlet
from mockpos.store.memory_store import MemoryStore

_LOOK_EVERY_S = 1.0
_LONGEST_WAIT_S = 30.0
_EXPIRE_EVERY_S = 0.25
_LOOK_FOR_IDLE_EVERY_S = 5.0
_SHARE_OF_A_TURN = 0.05
"""What is written costs the calls the same in the end, so the less at a time, the evener their latency. With less than
0.04 the log of a server that is never idle would outgrow the file before that is written."""
_MOST_AT_ONCE_S = 0.001


class Background:
    """The work beside the calls of one server. ``warn`` and ``tell`` take a line for whoever watches."""

    def __init__(
        self, store: MemoryStore, sandboxes: Sandboxes, *, warn: Callable[[str], None], tell: Callable[[str], None]
    ) -> None:
        self._store = store
        self._sandboxes = sandboxes
        self._warn = warn
        self._tell = tell
        self._tasks: list[asyncio.Task[None]] = []
        self._thread: Thread | None = None
        self._stands_still = False

    def start(self) -> None:
        """Do it on the running event loop, until that cancels it."""
        loop = asyncio.get_running_loop()
        work = (
            keep_checkpointed(self._store, self._warn),
            _every(_EXPIRE_EVERY_S, self._expire),
            _every(_LOOK_EVERY_S, self._reload),
            _every(_LOOK_FOR_IDLE_EVERY_S, self._drop_idle),
            _every(_LOOK_EVERY_S, self._watch_clock),
        )
        self._tasks += map(loop.create_task, work)

    def start_in_thread(self) -> None:
        """Do it in a thread of its own, once, where no event loop serves the calls."""
        if self._thread is None:
            self._thread = Thread(target=lambda: asyncio.run(self._run()), name="mockpos background", daemon=True)
            self._thread.start()

    async def _run(self) -> None:
        self.start()
        await asyncio.gather(*self._tasks)

    async def _expire(self) -> None:
        """Let holds end that have lapsed, though nobody calls: listeners learn of it, and no call has to do it."""
        for sandbox in list(self._sandboxes):
            if sandbox.store.is_due():
                with suppress(MockposError):  # a disk that refuses: the next call says so
                    await in_greenlet(sandbox.store.expire_due)

    async def _reload(self) -> None:
        """Read the scenario files again that were edited, and tell which they are."""
        reload = self._sandboxes.default.selector.reload
        for message in await asyncio.get_running_loop().run_in_executor(None, reload):
            self._warn(message)

    async def _drop_idle(self) -> None:
        """Drop the sandboxes nobody has used for their TTL, and tell which they were."""
        for name in await in_greenlet(self._sandboxes.drop_idle):
            self._tell(f"sandbox {name} was idle for its TTL and is gone")

    async def _watch_clock(self) -> None:
        """Warn once when time begins to stand still, because the machine's clock jumped back."""
        still_ms = self._store.stands_still_ms()
        if still_ms and not self._stands_still:
            self._warn(f"time {stands_still(still_ms)}")
        self._stands_still = still_ms > 0


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do some work again and again, for as long as the event loop runs."""
    while True:
        await asyncio.sleep(seconds)
        await work()


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


class Stopping:
    """Called again and again while a server stops, with the number of calls that are not over."""

    def __init__(self, sandboxes: Sandboxes, tell: Callable[[str], None]) -> None:
        self._sandboxes = sandboxes
        self._tell = tell
        self._has_told = False

    def __call__(self, calls: int) -> None:
        """Wake every delayed call, and say once what the stop waits for."""
        for sandbox in self._sandboxes:
            sandbox.delayed_calls.wake(STOPPED)
        if not self._has_told:
            self._has_told = True
            self._tell(
                f"stopping: {calls} {'call is' if calls == 1 else 'calls are'} under way; Ctrl-C again cuts them"
            )
