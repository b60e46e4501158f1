"""gunicorn's asgi worker, run directly in this process: serving, and stopping without cutting a call.

It must not know the app: what it serves, what to do when ready and what to do at the end are given to it.
"""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gasgi import ASGIWorker

from mockpos.server.bridge import WsgiBridge
from mockpos.server.protocol import IDLE_SECONDS, REQUEST_SECONDS, MockposProtocol
from mockpos.server.refusal import ErrorWriter

_SWEEP_SECONDS = 1.0
_HALF_READ_SECONDS = 1.0  # how long a stop waits for the rest of a request
_FLUSH_SECONDS = 2.0  # how long a stop waits for answers to leave
_CUT_SECONDS = 2.0  # how long calls have to clean up when a stop must cut them


class MockposWorker(ASGIWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Serves until it is asked to stop; then finishes the calls, runs ``on_stop`` and returns from ``run``."""

    loop: asyncio.AbstractEventLoop

    def __init__(
        self,
        bridge: WsgiBridge,
        sock: socket.socket,
        cfg: Any,
        log: Any,
        *,
        error_writer: ErrorWriter,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None],
        grace_s: float,
    ) -> None:
        super().__init__(age=0, ppid=0, sockets=[sock], app=None, timeout=0, cfg=cfg, log=log)
        self.asgi = bridge
        self.error_writer = error_writer
        self.protocols: set[MockposProtocol] = set()
        self.tasks: dict[asyncio.Task[Any], MockposProtocol] = {}  # of each connection, one or two
        self.calls_cut = 0
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._grace_s = grace_s
        self._stop_asked: asyncio.Event
        self._hurry = False

    def load_wsgi(self) -> None:
        """Load nothing: the app was given."""

    def init_signals(self) -> None:
        """Stop on SIGTERM, Ctrl-C and a closed terminal; a second one makes it quick."""
        self._stop_asked = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup asks by SIG_IGN not to be stopped by the terminal's end
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                self.loop.add_signal_handler(number, self._ask_stop)

    def _ask_stop(self) -> None:
        self._hurry = self._stop_asked.is_set()
        self._stop_asked.set()

    def run(self) -> None:
        """Serve until stopped. ``on_stop`` runs in any case, last, while signals still cannot interrupt it."""
        with contextlib.ExitStack() as last:
            last.callback(self._close)
            last.callback(self._on_stop)
            self.loop.run_until_complete(self._serve())

    def _close(self) -> None:
        self.loop.close()
        asyncio.set_event_loop(None)
        self.sockets[0].close()
        self.tmp.close()
        for end in self.PIPE:
            os.close(end)

    async def _serve(self) -> None:
        """Accept connections, say so, and wait for the stop."""
        server = await self.loop.create_server(
            lambda: MockposProtocol(self), sock=self.sockets[0], backlog=self.cfg.backlog
        )
        try:
            self._on_ready()
            while not self._stop_asked.is_set():
                await self._sweep()
        finally:
            self.alive = False  # from here on gunicorn closes each connection after its answer
            server.close()
            await self._finish_calls()
            await self._end_tasks()

    async def _sweep(self) -> None:
        """Give up on clients that take too long to send a request or the next one, every second until the stop."""
        try:
            await asyncio.wait_for(self._stop_asked.wait(), _SWEEP_SECONDS)
        except TimeoutError:
            self._give_up(REQUEST_SECONDS, MockposProtocol.give_up_reading)
            self._give_up(IDLE_SECONDS, MockposProtocol.give_up_idle)

    def _give_up(self, seconds: float, close: Callable[[MockposProtocol, float], None]) -> None:
        """Have every connection close on which somebody has been waited for that long."""
        since = self.loop.time() - seconds
        for protocol in list(self.protocols):
            close(protocol, since)

    async def _finish_calls(self) -> None:
        """Let running calls end and their answers leave; idle connections are closed at once."""
        await asyncio.sleep(0)  # what has arrived is read first: its connection is not idle
        await asyncio.sleep(0)
        deadline = self.loop.time() + self._grace_s
        while True:
            for protocol in list(self.protocols):
                protocol.stop()
            self._give_up(_HALF_READ_SECONDS, MockposProtocol.give_up_reading)
            if not self.tasks or self.loop.time() >= deadline or self._hurry:
                break
            await asyncio.wait(set(self.tasks), timeout=0.1)
        self.calls_cut = len(set(self.tasks.values()))
        deadline = self.loop.time() + (0 if self._hurry else _FLUSH_SECONDS)
        while self.protocols and not self.tasks and self.loop.time() < deadline and not self._hurry:
            await asyncio.sleep(0.01)

    async def _end_tasks(self) -> None:
        """Cancel what is left: background jobs, and calls that outlasted the grace; then wait for threads."""
        if self.calls_cut:
            self.log.warning("stopping with %d calls unfinished", self.calls_cut)
        tasks = asyncio.all_tasks(self.loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CUT_SECONDS)
        for protocol in list(self.protocols):
            protocol.transport.abort()
        await asyncio.sleep(0)
        await self.loop.shutdown_default_executor()
