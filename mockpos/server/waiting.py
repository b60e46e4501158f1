"""How synchronous code waits without holding other calls back.

The server runs each call's synchronous code in a greenlet on the event loop's thread. What wants to wait
(a delay, a disk) calls ``pause`` or ``offload``: the greenlet hands an awaitable to the coroutine that carries
it, other calls go on, and the greenlet resumes with the result. Anywhere else (tests, another WSGI server, a
script) the same two functions simply block. This module must not know HTTP, WSGI or gunicorn.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]  # ships no types

T = TypeVar("T")


class _Call(greenlet):  # type: ignore[misc]  # greenlet ships no types
    """A greenlet that ``carry`` started; its type tells it from gevent's and from the main one."""


def can_wait() -> bool:
    """Say whether the caller runs in a call's greenlet, where waiting costs others nothing."""
    return isinstance(getcurrent(), _Call)


def await_(awaitable: Awaitable[T]) -> T:
    """Wait for an awaitable from the synchronous code of a call; return its result or raise what it raised.

    Raises RuntimeError outside a call, where there is nobody to hand the awaitable to.
    """
    call = getcurrent()
    if not isinstance(call, _Call):
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


async def carry(fn: Callable[[], T]) -> T:
    """Run synchronous ``fn`` in a greenlet of its own and await whatever it hands over until it returns.

    A cancellation of this coroutine is raised in ``fn`` where it waits.
    """
    call = _Call(fn)
    handed: Any = call.switch()
    while not call.dead:
        try:
            result = await handed
        except BaseException as failure:  # a cancellation too belongs to who waits
            handed = call.throw(failure)
        else:
            handed = call.switch(result)
    return cast(T, handed)
