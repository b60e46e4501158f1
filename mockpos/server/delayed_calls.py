"""Calls that wait on purpose, and a bell that wakes them all.

Built on ``waiting``: a sleeping call holds nobody else back. It must not know why anybody sleeps.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from weakref import WeakKeyDictionary

from mockpos.server.waiting import await_, can_wait


class DelayedCalls:
    """Everyone who sleeps in one sandbox."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._alarms: set[_Alarm] = set()

    def __len__(self) -> int:
        """Return how many sleep now: who was woken and waits for its turn to go on does not."""
        with self._lock:
            return sum(alarm.reason is None for alarm in self._alarms)

    def sleep(self, seconds: float, *, unless: Callable[[], bool] = lambda: False) -> str | None:
        """Sleep; return why one was woken, or None when the time is over, or when ``unless`` says not to sleep at all.

        From the moment that ``unless`` is asked, no ``wake`` is missed.
        """
        alarm = _LoopAlarm() if can_wait() else _ThreadAlarm()
        with self._lock:
            self._alarms.add(alarm)
        try:
            if not unless():
                alarm.wait(seconds)
        finally:
            with self._lock:
                self._alarms.discard(alarm)
        return alarm.reason

    def wake(self, reason: str) -> int:
        """Wake everybody who is not woken yet, saying why; return how many there were."""
        with self._lock:
            alarms = [alarm for alarm in self._alarms if alarm.reason is None]
            for alarm in alarms:
                alarm.reason = reason
        for alarm in alarms:
            alarm.ring()
        return len(alarms)


class _Alarm:
    reason: str | None = None

    def wait(self, seconds: float) -> None:
        raise NotImplementedError

    def ring(self) -> None:
        raise NotImplementedError


class _Turnstile:
    """Lets those who wake on one event loop go on one at a time, with a look at the network between any two.

    Hundreds whose time is over at once would else be served in one go, and whoever never slept would wait for all.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    def enter(self, rung: asyncio.Future[None]) -> None:
        """Let a sleeper go on when it is its turn."""
        self._waiting.append(rung)
        if len(self._waiting) == 1:
            rung.get_loop().call_soon(self._turn)

    def _turn(self) -> None:
        rung = self._waiting.popleft()
        if not rung.done():
            rung.set_result(None)
        if self._waiting:
            rung.get_loop().call_soon(self._turn)


_turnstiles: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turnstile] = WeakKeyDictionary()


def _turnstile(loop: asyncio.AbstractEventLoop) -> _Turnstile:
    turnstile = _turnstiles.get(loop)
    if turnstile is None:
        turnstile = _turnstiles[loop] = _Turnstile()
    return turnstile


class _LoopAlarm(_Alarm):
    """For a call on the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung: asyncio.Future[None] = self._loop.create_future()

    def wait(self, seconds: float) -> None:
        timer = self._loop.call_later(seconds, self._end)
        try:
            await_(self._rung)
        finally:
            timer.cancel()

    def ring(self) -> None:
        self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        _turnstile(self._loop).enter(self._rung)


class _ThreadAlarm(_Alarm):
    """For a call on a thread of its own, under another server or in a test."""

    def __init__(self) -> None:
        self._rung = Event()

    def wait(self, seconds: float) -> None:
        self._rung.wait(seconds)

    def ring(self) -> None:
        self._rung.set()
