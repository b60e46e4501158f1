"""Long work of one call in slices: between them other calls go on."""

import time
from collections.abc import Callable

from mockpos.server.greenlets import can_wait, pause

LONGEST_S = 0.005


def in_slices(longest_s: float = LONGEST_S) -> Callable[[], None]:
    """Return what long work calls between two small steps: it lets others go on once a slice has lasted so long.

    Outside a call of our own server it does nothing: there the work has a thread of its own.
    """
    if not can_wait():
        return lambda: None
    until = time.perf_counter() + longest_s

    def between() -> None:
        nonlocal until
        if time.perf_counter() >= until:
            pause(0)
            until = time.perf_counter() + longest_s

    return between
