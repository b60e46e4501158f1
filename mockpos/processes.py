"""Processes that this program starts: a server that ends when this program does, and a command.

The command runs with this program's own standard streams, and with the signals that this program gets.
"""

import os
import select
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from threading import Event, Thread
from types import FrameType
from typing import IO

from mockpos.domain.errors import BadInput

SETTINGS_OF_OURS = ("memory", "ready_file", "stop_on_eof", "quiet")
"""Settings of a server that whoever starts one here cannot choose."""

_LAST_LINES = 60
_STOP_S = 15.0
_LOOK_MS = 200


class ServerProcess:
    """A server with throw-away state on a port of its own. It is ready once it is made.

    It keeps this process's standard streams alone: what it says is kept (``said``), and its warnings are handed to
    ``on_warning``. Signals of the terminal do not reach it.
    """

    def __init__(
        self,
        options: Sequence[str] = (),
        *,
        environment: Mapping[str, str] | None = None,
        on_warning: Callable[[str], None] = lambda line: None,
        stays: bool = False,
    ) -> None:
        """Start it and wait until it answers. ``stays``: it outlives this process. Raises BadInput with what it says.

        ``environment`` is this process's own if left out.
        """
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._on_warning = on_warning
        self._stopping = Event()
        reading, writing = os.pipe()
        ending = () if stays else ("--stop-on-eof",)
        command = ("serve", "--memory", "--quiet", "--ready-file", f"/dev/fd/{writing}", *ending, *options)
        try:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter, and no shell
                [sys.executable, "-P", "-m", "mockpos", *command],
                env=dict(os.environ if environment is None else environment),
                stdin=subprocess.DEVNULL if stays else subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(writing,),
                start_new_session=True,
            )
        finally:
            os.close(writing)
        assert self.process.stderr is not None
        self._listener = Thread(target=self._listen, args=(self.process.stderr,), name="mockpos says", daemon=True)
        try:
            self._listener.start()
            with os.fdopen(reading, encoding="utf-8") as ready:
                _wait_until_readable(reading)
                self.url = ready.readline().strip()
        except BaseException:  # Ctrl-C: it is not to go on starting
            self.stop()
            raise
        if not self.url:
            self.process.wait()
            self._close()
            raise BadInput(self.said.removeprefix("error: ") or f"mockpos serve ended with {self.process.returncode}")

    @property
    def said(self) -> str:
        """Return the last lines that it wrote."""
        return "\n".join(self._said)

    @property
    def exit_status(self) -> int | None:
        """Return None while it runs, else how it ended: negative for the number of a signal."""
        return self.process.poll()

    def when_ended(self, tell: Callable[[int], None]) -> None:
        """Call ``tell`` with the exit status when it ends before it is stopped, from another thread."""

        def wait() -> None:
            status = self.process.wait()
            if not self._stopping.is_set():
                tell(status)

        Thread(target=wait, name="mockpos ends", daemon=True).start()

    def stop(self) -> None:
        """Stop it and wait until it is gone. One that is gone already is no error."""
        self._stopping.set()
        self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._close()

    def leave(self) -> None:
        """Let it run on; what it says from now on is not kept."""
        self._stopping.set()

    def _listen(self, stream: IO[bytes]) -> None:
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip()
            self._said.append(text)
            if text.startswith("warning:"):
                self._on_warning(text)

    def _close(self) -> None:
        self._listener.join(_STOP_S)
        for stream in (self.process.stdin, self.process.stderr):
            if stream is not None:
                stream.close()


def _wait_until_readable(descriptor: int) -> None:
    """Wait until something can be read there, or its other end is closed.

    A signal that another thread got, or that came just before a call that blocks, interrupts no call: Python would
    hear it only when the call returns. So this one returns every 200 ms.
    """
    readable = select.poll()
    readable.register(descriptor, select.POLLIN)
    while not readable.poll(_LOOK_MS):
        pass


_FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_OF_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
NOT_FOUND = 127
NOT_EXECUTABLE = 126


class NotStarted(Exception):
    """The command cannot be run. ``status`` is what a shell would exit with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end; return its exit status, 128 and the signal's number when one ended it.

    Ctrl-C reaches a command in the foreground from its terminal, so it is not sent a second time. Raises NotStarted.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if process is None:
            early.append(number)
        elif not (number in _OF_THE_KEYBOARD and _in_foreground()):
            process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}  # before it can do anything
    try:
        process = _start(command, environment)
        for number in early:
            forward(number, None)
        status = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(list(command), env=dict(environment))  # noqa: S603  # running it is what is asked for
    except FileNotFoundError:
        raise NotStarted(f"{command[0]}: there is no such command", NOT_FOUND) from None
    except OSError as error:
        raise NotStarted(f"{command[0]}: it cannot be run ({error.strerror or error})", NOT_EXECUTABLE) from None


def _in_foreground() -> bool:
    """Tell whether a terminal sends its Ctrl-C to this process, and so to its children too."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
