"""Ends a run by SIGINT or SIGTERM so that nothing stays held."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

_PATIENCE_S = 3.0


@dataclass(slots=True)
class Signals:
    """Which exit status a signal asks for; 0 where none came."""

    status: int = 0


@contextmanager
def ended_by_signals(stop: threading.Event) -> Iterator[Signals]:
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

    handlers = {signal.SIGINT: on_signal, signal.SIGTERM: on_signal, signal.SIGALRM: on_alarm}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
