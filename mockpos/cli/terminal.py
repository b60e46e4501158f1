"""Text from outside, made safe to print: nothing in a file or an answer may move the cursor or rename the window."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every command loads this file, and few need what stands here
    from flask import Flask

    from mockpos.bootstrap import Mock
    from mockpos.contract.model import Contract


def safe(text: str) -> str:
    """Return a text whose unprintable characters, line breaks included, are replaced."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


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


class Extension(Protocol):
    """What is served beside mockpos itself."""

    @property
    def banner(self) -> str:
        """What is printed at the start instead of the usual."""
        ...

    def extend(self, app: "Flask", mock: "Mock", contract: "Contract", url: str) -> object:
        """Add to an application that is about to be served."""
        ...

    def begin(self) -> None:
        """Begin, now that the server answers."""
        ...

    def end(self) -> None:
        """End: the server stops."""
        ...
