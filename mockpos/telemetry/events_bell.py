"""Wakes everyone who waits for events on one event loop, all at once and not too often.

However fast events come, the listeners of a loop are woken at most so often that serving them leaves most of the
loop's time to calls: each awakening then brings a listener several events. The first event after a silence is not
held up. Must not know what an event is.
"""

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable
from threading import Lock

SHORTEST_S = 0.01
"""From one awakening to the next, when few listen."""

PER_LISTENER_S = 0.002
"""What each listener adds to it: about ten times what it costs to serve one."""


class Bell:
    """Those who wait on one loop. ``lock`` is the hub's: it is held for ``join`` and both kinds of ringing."""

    __slots__ = ("_lock", "_loop", "_not_before", "_rung", "_waiting")

    def __init__(self, loop: AbstractEventLoop, lock: Lock) -> None:
        self._loop = loop
        self._lock = lock
        self._waiting: set[Future[None]] = set()
        self._rung = False
        self._not_before = 0.0

    def join(self) -> Future[None]:
        """Return a future that is done at the next awakening. Called on the loop."""
        future: Future[None] = self._loop.create_future()
        self._waiting.add(future)
        return future

    def leave(self, future: Future[None]) -> None:
        """Wait no more. Called on the loop, without the lock."""
        with self._lock:
            self._waiting.discard(future)

    def ring(self) -> None:
        """Wake all who wait, soon. Costs next to nothing when nobody does, or when it was rung already."""
        if self._waiting and not self._rung:
            self._rung = self._call(self._plan)

    def ring_now(self) -> None:
        """Wake all who wait, without regard to how often that happens."""
        if self._waiting:
            self._call(self._wake)

    def _call(self, what: Callable[[], None]) -> bool:
        """Have something done on the loop; return False when that is closed and nobody can wait there."""
        try:
            if _running_here(self._loop):
                self._loop.call_soon(what)
            else:
                self._loop.call_soon_threadsafe(what)
        except RuntimeError:
            return False
        return True

    def _plan(self) -> None:
        delay = self._not_before - self._loop.time()
        if delay > 0:
            self._loop.call_later(delay, self._wake)
        else:
            self._wake()

    def _wake(self) -> None:
        with self._lock:
            self._rung = False
            woken, self._waiting = self._waiting, set()
        self._not_before = self._loop.time() + max(SHORTEST_S, PER_LISTENER_S * len(woken))
        for future in woken:
            end_wait(future)


def end_wait(future: Future[None]) -> None:
    """Let who waits for a future go on, unless it does already."""
    if not future.done():
        future.set_result(None)


def _running_here(loop: AbstractEventLoop) -> bool:
    try:
        return get_running_loop() is loop
    except RuntimeError:
        return False
