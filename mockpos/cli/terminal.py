"""Text from outside, made safe to print: nothing in a file or an answer may move the cursor or rename the window."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # rich is loaded when it is needed
    from rich.console import Console

_PIPE_WIDTH = 160
_ROOM_OF_A_PIPE = 200


def safe(text: str) -> str:
    """Return a text whose unprintable characters, line breaks included, are replaced."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def colour() -> bool | None:
    """Return how colours are decided: never under NO_COLOR (https://no-color.org), else by whether it is a terminal."""
    return False if os.environ.get("NO_COLOR") else None


def terminal_width() -> int:
    """Return how many columns there are; a pipe has room."""
    return shutil.get_terminal_size((_ROOM_OF_A_PIPE, 24)).columns


def wrapped(text: str, indent: str = "") -> str:
    """Return a sentence in lines that fit the terminal."""
    return click.wrap_text(text, terminal_width(), indent, indent)


def mark(is_good: bool) -> str:
    """Return a tick or a cross."""
    return click.style("✓", fg="green") if is_good else click.style("✗", fg="red")


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
