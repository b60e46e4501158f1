"""Signals that end a command in good order: what is held is given back, and servers of its own are stopped."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

_PATIENCE_S = 3.0
_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def handled(handler: Callable[[int, object], object], numbers: tuple[int, ...] = _ENDING) -> Iterator[None]:
    """Handle SIGINT and SIGTERM, or other signals, within the block."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


@dataclass(slots=True)
class Signals:
    """Which exit status a signal asks for; 0 where none came."""

    status: int = 0


@contextmanager
def patiently_ended(stop: threading.Event) -> Iterator[Signals]:
    """Let a signal set ``stop``; a call under way has three seconds more, then KeyboardInterrupt is raised.

    After that, while holds are given back, further signals only say so.
    """
    seen = Signals()

    def on_signal(number: int, frame: object) -> None:
        if seen.status:
            click.echo("giving back what is held; this takes some seconds at most", err=True)
            return
        seen.status = 128 + number
        click.echo("stopping: giving back what is held", err=True)
        stop.set()
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)

    def on_alarm(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt

    with handled(on_signal), handled(on_alarm, (signal.SIGALRM,)):
        try:
            yield seen
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
