"""Calls that wait on purpose, and a way to wake them all.

Built on ``greenlets``: a sleeping call holds nobody else back. It must not know why anybody sleeps.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from weakref import WeakKeyDictionary

from mockpos.server.greenlets import await_, can_wait


class DelayedCalls:
    """Everyone who sleeps in one sandbox."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._delays: set[_LoopDelay | _ThreadDelay] = set()

    def __len__(self) -> int:
        """Return how many sleep now: who was woken and waits for its turn to go on does not."""
        with self._lock:
            return sum(delay.reason is None for delay in self._delays)

    def sleep(self, seconds: float, *, unless: Callable[[], bool] = lambda: False) -> str | None:
        """Sleep; return why one was woken, or None when the time is over, or when ``unless`` says not to sleep at all.

        From the moment that ``unless`` is asked, no ``wake`` is missed.
        """
        delay = _LoopDelay() if can_wait() else _ThreadDelay()
        with self._lock:
            self._delays.add(delay)
        try:
            if not unless():
                delay.wait(seconds)
        finally:
            with self._lock:
                self._delays.discard(delay)
        return delay.reason

    def wake(self, reason: str) -> int:
        """Wake everybody who is not woken yet, saying why; return how many there were."""
        with self._lock:
            delays = [delay for delay in self._delays if delay.reason is None]
            for delay in delays:
                delay.reason = reason
        for delay in delays:
            delay.end()
        return len(delays)


class _TurnTaking:
    """Lets those who wake on one event loop go on one at a time, with a look at the network between any two.

    Hundreds whose time is over at once would else be served in one go, and whoever never slept would wait for all.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    def enter(self, woken: asyncio.Future[None]) -> None:
        """Let a sleeper go on when it is its turn."""
        self._waiting.append(woken)
        if len(self._waiting) == 1:
            woken.get_loop().call_soon(self._turn)

    def _turn(self) -> None:
        woken = self._waiting.popleft()
        if not woken.done():
            woken.set_result(None)
        if self._waiting:
            woken.get_loop().call_soon(self._turn)


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _TurnTaking] = WeakKeyDictionary()


def _turn_taking(loop: asyncio.AbstractEventLoop) -> _TurnTaking:
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = _TurnTaking()
    return turns


class _LoopDelay:
    """For a call on the event loop."""

    reason: str | None = None

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._woken: asyncio.Future[None] = self._loop.create_future()

    def wait(self, seconds: float) -> None:
        timer = self._loop.call_later(seconds, self._end)
        try:
            await_(self._woken)
        finally:
            timer.cancel()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        _turn_taking(self._loop).enter(self._woken)


class _ThreadDelay:
    """For a call on a thread of its own, under another server or in a test."""

    reason: str | None = None

    def __init__(self) -> None:
        self._woken = Event()

    def wait(self, seconds: float) -> None:
        self._woken.wait(seconds)

    def end(self) -> None:
        self._woken.set()
