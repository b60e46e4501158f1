"""What a command shows a person: safe texts, colours and bars, the standard streams, and what signals do.

Nothing in a file or an answer may move the cursor or rename the window. Commands clean what they know to come from
outside; the guarded streams are what no command can forget: colours and the movements of a progress bar pass, all other
control characters are shown as they would be written: \\x1b]0;... A program neither waits for whoever reads its
streams, nor fails for want of one. Signals end a command in good order: what is held is given back, and servers of its
own are stopped.
"""

import io
import os
import re
import select
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from mockpos.domain.counted import counted, were
from mockpos.domain.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_WIDTH = 160
_ROOM_OF_A_PIPE = 200


def safe(text: str, instead: str = "\ufffd") -> str:
    """Return a text whose unprintable characters, line breaks included, are replaced."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else instead for letter in text)


def colour() -> bool | None:
    """Return how colours are decided: never under NO_COLOR (https://no-color.org), else by whether it is a terminal."""
    return False if os.environ.get("NO_COLOR") else None


def show_error(text: str) -> None:
    """Print an error, a line of its own."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {text}", err=True, color=colour())


def terminal_width() -> int:
    """Return how many columns there are; a pipe has room."""
    return shutil.get_terminal_size((_ROOM_OF_A_PIPE, 24)).columns


def wrapped(text: str, indent: str = "") -> str:
    """Return a sentence in lines that fit the terminal."""
    return click.wrap_text(text, terminal_width(), indent, indent)


def mark(is_good: bool) -> str:
    """Return a tick or a cross."""
    return click.style("✓", fg="green") if is_good else click.style("✗", fg="red")


def check_files(files: Iterable[Path], told: Callable[[Path], Iterable[str]], indent: str = "  ") -> int:
    """Print a tick and what there is to say for each file, or a cross and its faults; return how many have any.

    ``told`` yields what stands beside the file's name, then lines below it. It raises BadInput with a fault a line.
    """
    bad = 0
    for path in files:
        try:
            beside, *below = told(path)
        except BadInput as error:
            bad += 1
            below = str(error).splitlines()
            click.echo(f"{mark(False)} {path}")
        else:
            click.echo(f"{mark(True)} {path}  {beside}")
        for line in below:
            click.echo(f"{indent}{line}")
    return bad


def table_console(pipe_width: int = _PIPE_WIDTH) -> "Console":
    """Return a console for tables: as wide as the terminal, or as ``pipe_width``, where rich would assume 80 columns.

    It obeys NO_COLOR by itself.
    """
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=pipe_width)


def shown(value: object) -> str:
    """Return a value as people read it: nothing in it moves the cursor or breaks the line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return safe(str(value))


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error; call what is yielded with how much is done so far."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


_AT_ONCE = 512  # bytes: what poll calls writable takes as much, whatever it is (POSIX's PIPE_BUF is larger)


def make_sure_of_files() -> None:
    """Open what is closed of the first three descriptors: a file of ours in their place would be printed into."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # as long as the program runs
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # the same


def drop_what_nobody_reads() -> None:
    """Write to standard error without ever waiting for its reader, from now on."""
    with suppress(OSError, ValueError):  # a stream without a descriptor, in tests, waits for nobody
        sys.stderr.flush()
        sys.stderr = GuardedStream(DroppingStream(sys.stderr))  # type: ignore[arg-type]  # IO but for its name


class DroppingStream(io.TextIOBase):
    """A text stream that drops what does not fit into the pipe behind it, and says so when there is room again.

    A server whose standard error goes to a pipe that nobody reads would else stand still, calls and signals included.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._fd = stream.fileno()
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLOUT)
        self._dropped = 0
        self._half = False  # the last line was written in part

    @property
    def encoding(self) -> str:  # type: ignore[override]  # what it is for the stream behind
        """Return the encoding of the stream behind."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # the same
        """Return what is done with text that cannot be encoded."""
        return self._stream.errors

    def fileno(self) -> int:
        """Return the descriptor behind."""
        return self._fd

    def isatty(self) -> bool:
        """Tell whether a person reads."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, text: str, /) -> int:
        """Write a text, or count its lines as dropped."""
        if not isinstance(text, str):
            raise TypeError("a text stream takes text")
        data = text.encode(self.encoding, "backslashreplace")
        try:
            if self._dropped and self._is_ready():
                self._tell_of_dropped()
            if self._dropped or not self._put(data):
                self._dropped += max(1, text.count("\n"))
        except OSError:  # the reader is gone
            self._dropped = 0
        return len(text)

    def _put(self, data: bytes) -> bool:
        """Write piece by piece for as long as there is room; return whether all was written."""
        for start in range(0, len(data), _AT_ONCE):
            if not self._is_ready():
                self._half = start > 0
                return False
            os.write(self._fd, data[start : start + _AT_ONCE])
        return True

    def _tell_of_dropped(self) -> None:
        cut = "...\n" if self._half else ""
        if self._put(
            f"{cut}({counted(self._dropped, 'line')} {were(self._dropped)} dropped: nobody read them)\n".encode()
        ):
            self._dropped, self._half = 0, False

    def _is_ready(self) -> bool:
        return bool(self._poll.poll(0))


_ALLOWED = r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[[0-9]*[A-GJK]|\r"
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
_TOLD = re.compile(f"({_ALLOWED})|({_CONTROL})")


def harmless(text: str) -> str:
    """Return a text that only colours and moves as mockpos itself does."""
    return _TOLD.sub(lambda match: match[1] or ascii(match[2])[1:-1], text)


class GuardedStream:
    """A text stream whose writes are harmless. All else is the stream's own."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; return how much of it was written."""
        self._stream.write(harmless(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def guard_streams() -> None:
    """Guard standard error, and standard output where it is a terminal: a pipe or a file gets what was asked for.

    What a narrow encoding cannot write is replaced, so that no command ends for want of a tick.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or isinstance(stream, GuardedStream):
            continue
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace" if name == "stdout" else "backslashreplace")
        if name == "stderr" or stream.isatty():
            setattr(sys, name, GuardedStream(stream))


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
