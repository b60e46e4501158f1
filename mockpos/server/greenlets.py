"""How synchronous code waits without holding other calls back.

The server runs each call's synchronous code in a greenlet on the event loop's thread. What wants to wait
(a delay, a disk) calls ``pause`` or ``offload``: the greenlet hands an awaitable to the coroutine that carries
it, other calls go on, and the greenlet resumes with the result. Anywhere else (tests, another WSGI server, a
script) the same two functions simply block. This module must not know HTTP, WSGI or gunicorn.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from threading import local
from typing import Any, TypeVar, cast

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]  # ships no types

T = TypeVar("T")


_IDLE_KEPT = 512
"""How many greenlets wait for the next call. Beyond these, what a crowd of delayed calls needed is given back."""

_ENDED = object()


class _Greenlet(greenlet):  # type: ignore[misc]  # greenlet ships no types
    """A greenlet that serves one call after another; its type tells it from gevent's and from the main one.

    Making a new one for each call costs 25 us and two system calls: Python maps a stack for it and unmaps it again.
    """

    def run(self) -> None:
        """Wait for a call, run it, hand its outcome over, wait for the next."""
        while True:
            fn = self.parent.switch(_ENDED)
            self.result, self.failure = None, None
            try:
                self.result = fn()
            except GreenletExit:
                raise  # nobody carries this call any more
            except BaseException as failure:  # it belongs to who carries the call
                self.failure = failure
            del fn

    def outcome(self) -> object:
        """Return what the call returned or raise what it raised, and keep nothing of it."""
        result, failure = self.result, self.failure
        self.result = self.failure = None
        if failure is not None:
            try:
                raise failure
            finally:
                del failure  # its traceback leads here
        return result


def _waiting_greenlet() -> _Greenlet:
    """Make one that waits. What its first switch brought, a greenlet would hold on to for good: it brings nothing."""
    call = _Greenlet()
    call.switch()
    return call


class _Idle(local):
    """The greenlets of one thread that wait for a call."""

    def __init__(self) -> None:
        self.greenlets: list[_Greenlet] = []


_idle = _Idle()


def can_wait() -> bool:
    """Say whether the caller runs in a call's greenlet, where waiting costs others nothing."""
    return isinstance(getcurrent(), _Greenlet)


def await_(awaitable: Awaitable[T]) -> T:
    """Wait for an awaitable from the synchronous code of a call; return its result or raise what it raised.

    Raises RuntimeError outside a call, where there is nobody to hand the awaitable to.
    """
    call = getcurrent()
    if not isinstance(call, _Greenlet):
        if isinstance(awaitable, Coroutine):
            awaitable.close()
        raise RuntimeError("await_ works only in synchronous code that the server runs; use pause or offload")
    return cast(T, call.parent.switch(awaitable))


def pause(seconds: float) -> None:
    """Wait ``seconds``; 0 lets others take a turn. Blocks the thread only outside the server."""
    if can_wait():
        await_(asyncio.sleep(seconds))
    else:
        time.sleep(seconds)


def offload(fn: Callable[[], T]) -> T:
    """Run ``fn`` (which blocks: an fsync, say) in a thread and return its result, while other calls go on.

    Outside the server it is called in place. ``fn`` sees no context variables of the caller: give it what it needs.
    """
    if not can_wait():
        return fn()
    return await_(asyncio.get_running_loop().run_in_executor(None, fn))


class GreenletCall:
    """Synchronous code in a greenlet of its own, begun: it ran until it ended or waits for the first time."""

    __slots__ = ("_call", "_handed")

    def __init__(self, fn: Callable[[], object]) -> None:
        idle = _idle.greenlets
        self._call = idle.pop() if idle else _waiting_greenlet()
        self._handed: Any = self._call.switch(fn)

    @property
    def has_ended(self) -> bool:
        """Whether it is over: then ``outcome`` can be asked for, once."""
        return self._handed is _ENDED

    async def finish(self) -> None:
        """Await whatever it hands over until it is over.

        A cancellation of this coroutine is raised in the code where it waits.
        """
        call = self._call
        while self._handed is not _ENDED:
            try:
                result = await self._handed
            except BaseException as failure:  # a cancellation too belongs to who waits
                self._handed = call.throw(failure)
            else:
                self._handed = call.switch(result)

    def outcome(self) -> object:
        """Return what it returned or raise what it raised. Its greenlet serves another from here on."""
        call, idle = self._call, _idle.greenlets
        del self._call
        if len(idle) < _IDLE_KEPT:
            idle.append(call)
        return call.outcome()


async def in_greenlet(fn: Callable[[], T]) -> T:
    """Run synchronous code that may wait, as a call does; return what it returned or raise what it raised."""
    call = GreenletCall(fn)
    await call.finish()
    return cast(T, call.outcome())


LONGEST_S = 0.005


def in_slices() -> Callable[[], None]:
    """Return what long work calls between two small steps: it lets others go on once a slice has lasted so long.

    Outside a call of our own server it does nothing: there the work has a thread of its own.
    """
    if not can_wait():
        return lambda: None
    until = time.perf_counter() + LONGEST_S

    def between() -> None:
        nonlocal until
        if time.perf_counter() >= until:
            pause(0)
            until = time.perf_counter() + LONGEST_S

    return between


def paced(items: Iterable[T]) -> Iterator[T]:
    """Iterate over what may be much, letting other calls take their turn every so often."""
    between = in_slices()
    for item in items:
        yield item
        between()
