"""Says what is going on: a line that changes on a terminal, plain lines elsewhere. On standard error."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def telling(steps: int) -> Iterator[Callable[[str], None]]:
    """Yield what is told what is being done. A text "NAME: ..." begins one of the ``steps``."""
    console = Console(stderr=True, highlight=False)
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    began = time.monotonic()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("starting", total=steps)

        def tell(text: str) -> None:
            if console.is_terminal:
                progress.update(task, description=text)
            if ": " in text or not console.is_terminal:
                console.print(f"{time.monotonic() - began:6.0f} s  {text}", markup=False, soft_wrap=True)

        yield tell
