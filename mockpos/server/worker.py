"""A gunicorn worker that serves on one event loop, and stops without cutting a call.

``gunicorn -k mockpos.server.Worker app:app`` runs it under gunicorn's master, ``mockpos serve`` directly. It must not
know the application: what it serves is found on the WSGI application it is given.
"""

import asyncio
import contextlib
import os
import signal
import socket
from typing import Any

from gunicorn.workers import base

from mockpos.domain.counted import counted
from mockpos.server.application import Application, application_of
from mockpos.server.call import InFlightCall
from mockpos.server.protocol import HttpProtocol

_LOOK_SECONDS = 1.0
_HALF_READ_SECONDS = 1.0  # how long a stop waits for the rest of a request
_UNREAD_AT_STOP_SECONDS = 0.5  # how long a stop waits for a client that reads nothing
_MOST_UNSENT = 64 * 1024 * 1024  # bytes of answers that wait to be read, of all connections
_UNREAD_UNDER_PRESSURE_S = 0.9  # how long a client may read nothing while there are more: from one look to the next
_FLUSH_SECONDS = 2.0  # how long a stop waits for answers to leave
_CUT_SECONDS = 2.0  # how long calls have to clean up when a stop must cut them
_ACCEPTED_AT_ONCE = 32
_REFUSED_AT_ONCE = 32  # connections beyond the most that get an answer; those beyond these are closed
_ANSWERED_TOGETHER = 16  # more would let the first wait for longer than it pays
_NO_FILES_SECONDS = 1.0  # how long nothing is accepted when there is no descriptor left
_SAY_AGAIN_SECONDS = 60.0


class Worker(base.Worker):  # type: ignore[misc]  # gunicorn ships no types
    """Serves until it is asked to stop; then finishes the calls, runs ``on_stop`` and returns from ``run``."""

    loop: asyncio.AbstractEventLoop
    application: Application

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.protocols: set[HttpProtocol] = set()
        self.calls: set[InFlightCall] = set()  # those that wait
        self.most_connections: int = self.cfg.worker_connections
        self.calls_cut = 0
        self.grace_s = float(self.cfg.graceful_timeout)
        self._stop_asked: asyncio.Event
        self._hurry = False
        self._ended: list[InFlightCall] = []  # those that are to be answered in this turn
        self._answered: list[InFlightCall] = []  # those that were
        self._will_end = False  # the turn will have an end
        self._making: set[asyncio.Task[Any]] = set()  # connections that were accepted a moment ago
        self._said_full_at = -_SAY_AGAIN_SECONDS

    def load_wsgi(self) -> None:
        """Find what to serve."""
        super().load_wsgi()
        self.application = application_of(self.wsgi)

    def init_signals(self) -> None:
        """Stop on SIGTERM, Ctrl-C and a closed terminal; a second one, or SIGQUIT, makes it quick."""
        ignores_hangup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN  # as nohup asks for
        super().init_signals()
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # like SIGUSR1, it would end a process that knows it not
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self._stop_asked = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self.loop.add_signal_handler(number, self._ask_stop)
        self.loop.add_signal_handler(signal.SIGQUIT, self._ask_quick_stop)
        if ignores_hangup:
            self.loop.remove_signal_handler(signal.SIGHUP)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _ask_stop(self) -> None:
        self._hurry = self._stop_asked.is_set()
        self._stop_asked.set()

    def _ask_quick_stop(self) -> None:
        self._hurry = True
        self._stop_asked.set()

    def run(self) -> None:
        """Serve until stopped. ``on_stop`` runs in any case, last, while signals still cannot interrupt it."""
        with contextlib.ExitStack() as last:
            last.callback(self._close)
            last.callback(self.application.on_stop)
            self.loop.run_until_complete(self._serve())

    def _close(self) -> None:
        self.loop.close()
        asyncio.set_event_loop(None)
        for sock in self.sockets:
            sock.close()
        self.tmp.close()
        for end in self.PIPE:
            os.close(end)

    async def _serve(self) -> None:
        """Accept connections, say so, and wait for the stop."""
        for sock in self.sockets:
            sock.setblocking(False)
        self._accept_on(self.sockets)
        try:
            self.application.on_ready()
            while not self._stop_asked.is_set():
                await self._look()
        finally:
            self.alive = False
            for sock in self.sockets:
                self.loop.remove_reader(sock.fileno())
                sock.close()
            await self._finish_calls()
            await self._end_tasks()

    # Accepting

    def _accept_on(self, sockets: list[Any]) -> None:
        for sock in sockets:
            if self.alive:
                self.loop.add_reader(sock.fileno(), self._accept, sock)

    def _accept(self, listener: Any) -> None:
        """Accept a few connections: those that are served wait for no crowd at the door."""
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                sock, _ = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as failure:
                self._say_full(f"no connection can be accepted: {failure.strerror}")
                self.loop.remove_reader(listener.fileno())
                self.loop.call_later(_NO_FILES_SECONDS, self._accept_on, [listener])
                return
            if len(self.protocols) + len(self._making) >= self.most_connections + _REFUSED_AT_ONCE:
                self._say_full(f"more than {self.most_connections} connections; those beyond are refused")
                sock.close()
                continue
            self._make(sock)

    def _make(self, sock: socket.socket) -> None:
        task = self.loop.create_task(self.loop.connect_accepted_socket(lambda: HttpProtocol(self), sock))
        self._making.add(task)
        task.add_done_callback(self._making.discard)

    def _say_full(self, message: str) -> None:
        now = self.loop.time()
        if now - self._said_full_at >= _SAY_AGAIN_SECONDS:
            self._said_full_at = now
            self.log.warning("%s", message)

    # Answering

    def answer_soon(self, call: InFlightCall) -> None:
        """Have a call that has ended answered with those of the same turn of the event loop.

        A client that waits for several answers is woken once for them: a tenth of a hold's CPU.
        """
        if not self._will_end:
            self._will_end = True
            self.loop.call_soon(self._end_turn)
        self._ended.append(call)
        if len(self._ended) >= _ANSWERED_TOGETHER:
            self._answer()

    def _answer(self) -> None:
        for call in self._ended:
            call.answer()
        self._answered += self._ended
        self._ended.clear()

    def _end_turn(self) -> None:
        """Send the answers that are ready. What there is to do after that keeps none of them waiting.

        That may be the next request of the same connection: it is answered in the next turn, however many come.
        """
        self._will_end = False
        self._answer()
        answered, self._answered = self._answered, []
        for call in answered:
            call.end()

    # Stopping

    async def _look(self) -> None:
        """Look after the connections, every second until the stop; let gunicorn know that we live, and it."""
        try:
            await asyncio.wait_for(self._stop_asked.wait(), _LOOK_SECONDS)
        except TimeoutError:
            now = self.loop.time()
            for protocol in list(self.protocols):
                protocol.look(now)
            self._bound_unsent(now)
            self.notify()
            if self.ppid and self.ppid != os.getppid():
                self._ask_stop()

    def _bound_unsent(self, now: float) -> None:
        """End the connections that read nothing, the largest first, while too much waits to be read."""
        waiting = sorted((-protocol.unsent, id(protocol), protocol) for protocol in self.protocols)
        total = -sum(size for size, _, _ in waiting)
        for size, _, protocol in waiting:
            if total <= _MOST_UNSENT:
                return
            if protocol.give_up_unread(now, _UNREAD_UNDER_PRESSURE_S):
                total += size

    async def _finish_calls(self) -> None:
        """Let running calls end and their answers leave; idle connections are closed at once."""
        await asyncio.sleep(0)  # what has arrived is read first: its connection is not idle
        await asyncio.sleep(0)
        for protocol in list(self.protocols):
            protocol.stop()
        await asyncio.sleep(0)
        deadline = self.loop.time() + self.grace_s
        while True:
            for protocol in list(self.protocols):
                protocol.stop()
                protocol.give_up_reading(self.loop.time() - _HALF_READ_SECONDS)
                protocol.give_up_unread(self.loop.time(), _UNREAD_AT_STOP_SECONDS)
            if self.calls:
                self.application.on_stopping(len(self.calls))
            if not (self.calls or self._half_read()) or self.loop.time() >= deadline or self._hurry:
                break
            self.notify()
            await asyncio.sleep(0.05)
        self.calls_cut = len(self.calls)
        deadline = self.loop.time() + (0 if self._hurry else _FLUSH_SECONDS)
        while self.protocols and not self.calls and self.loop.time() < deadline and not self._hurry:
            for protocol in list(self.protocols):
                protocol.give_up_unread(self.loop.time(), _UNREAD_AT_STOP_SECONDS)
            await asyncio.sleep(0.01)

    def _half_read(self) -> bool:
        return any(protocol.is_reading for protocol in self.protocols)

    async def _end_tasks(self) -> None:
        """Cancel what is left: background jobs, and calls that outlasted the grace; then wait for threads."""
        if self.calls_cut:
            self.log.warning("stopping with %s unfinished", counted(self.calls_cut, "call"))
        tasks = asyncio.all_tasks(self.loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CUT_SECONDS)
        for protocol in list(self.protocols):
            protocol.abort()
        await asyncio.sleep(0)
        await self.loop.shutdown_default_executor()
