"""What a stop does for the calls under way: none of them waits on any longer because a scenario says so."""

from collections.abc import Callable

from mockpos.sandboxes.registry import Sandboxes
from mockpos.sandboxes.sandbox import STOPPED


class Stopping:
    """Called again and again while a server stops, with the number of calls that are not over."""

    def __init__(self, sandboxes: Sandboxes, tell: Callable[[str], None]) -> None:
        self._sandboxes = sandboxes
        self._tell = tell
        self._has_told = False

    def __call__(self, calls: int) -> None:
        """Wake every delayed call, and say once what the stop waits for."""
        for sandbox in self._sandboxes:
            sandbox.delayed_calls.wake(STOPPED)
        if not self._has_told:
            self._has_told = True
            self._tell(
                f"stopping: {calls} {'call is' if calls == 1 else 'calls are'} under way; Ctrl-C again cuts them"
            )
