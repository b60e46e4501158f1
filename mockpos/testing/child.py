"""A command that runs with this program's own standard streams, and with the signals that this program gets."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

_FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_OF_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
NOT_FOUND = 127
NOT_EXECUTABLE = 126


class NotStarted(Exception):
    """The command cannot be run. ``status`` is what a shell would exit with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
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
