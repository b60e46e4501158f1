"""The killer: waits for the moment it aims at, then kills. It must not know what becomes of it."""

import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from tests.torture.changes import IMPORTS, OTHER_WORLDS, Kind, WorldChanger
from tests.torture.kill_points import KillPoint, is_there
from tests.torture.server_process import ServerProcess

_PATIENCE_S = 15.0
_LOOK_EVERY_S = 0.0003
_LONGEST_START_S = 0.7
_LATEST_PART = 0.95
_LARGE_COMMIT_BYTES = 3_000
"""An import's line in the log is longer than that, an ordinary commit's is not."""

_AFTER_COMMIT_S = 0.06
_AFTER_FILE_S = {KillPoint.CHECKPOINT: 0.12, KillPoint.TURNED: 0.004, KillPoint.STOPPING: 0.06}
"""How long after a file appeared the kill may come, at most: about as long as the file is there."""

IN_FLIGHT: Mapping[KillPoint, Sequence[Kind]] = {
    KillPoint.IMPORT: IMPORTS,
    KillPoint.RESTORE: (Kind.RESTORE,),
    KillPoint.RESET: (Kind.RESET,),
}


class Killer:
    """Kills one server. ``between`` is how long it lets it live before it looks for its moment, in seconds."""

    def __init__(self, server: ServerProcess, chance: random.Random, between: tuple[float, float]) -> None:
        self._server = server
        self._chance = chance
        self._between = between
        self.waited_in_vain = 0

    def strike(self, aim: KillPoint, changer: WorldChanger) -> float | None:
        """Wait for the moment, then kill. Return when (monotonic), or None when the server had ended by itself."""
        time.sleep(self._chance.uniform(*self._between))
        self._wait_for(aim, changer)
        at = time.monotonic()
        return at if self._server.kill() else None

    def strike_while_it_stops(self) -> float | None:
        """Ask it to stop, and kill it while it does. Return when it was asked, or None when it was done before."""
        time.sleep(self._chance.uniform(*self._between))
        asked_at = time.monotonic()
        self._server.signal(signal.SIGTERM)
        self._wait_until(lambda: is_there(KillPoint.CHECKPOINT, self._server.leftovers()))
        self._hesitate(_AFTER_FILE_S[KillPoint.STOPPING])
        return asked_at if self._server.kill() else None

    def strike_while_it_starts(self) -> bool:
        """Kill it before it is ready; tell whether that came off."""
        if self._chance.random() < 0.5:
            time.sleep(self._chance.uniform(0, _LONGEST_START_S))
        else:
            begun = time.time()
            self._wait_until(lambda: self._server.is_ready or self._rewrites_since(begun))
            self._hesitate(0.01)
        was_ready = self._server.is_ready
        return self._server.kill() and not was_ready

    def _wait_for(self, aim: KillPoint, changer: WorldChanger) -> None:
        """Wait for a moment. Most have two sides, and the kill comes on either of them."""
        other_side = self._chance.random() < 0.5
        match aim:
            case KillPoint.IMPORT if other_side:
                self._wait_for_large_commit()
            case KillPoint.RESTORE | KillPoint.RESET if other_side:
                self._wait_until_gone(KillPoint.OTHER)
            case KillPoint.IMPORT | KillPoint.RESTORE | KillPoint.RESET:
                self._wait_until_in_flight(changer, IN_FLIGHT[aim])
            case KillPoint.TURNED if other_side:
                self._wait_until_gone(KillPoint.CHECKPOINT)
            case KillPoint.CHECKPOINT | KillPoint.TURNED | KillPoint.OTHER:
                self._wait_until(lambda: is_there(aim, self._server.leftovers()))
                self._hesitate(_AFTER_FILE_S.get(aim) or changer.usual_s(OTHER_WORLDS) or 0.0)

    def _wait_until_gone(self, moment: KillPoint) -> None:
        """Wait until a file was there and is gone: its writer has renamed it, and has not yet said so."""
        self._wait_until(lambda: is_there(moment, self._server.leftovers()))
        self._wait_until(lambda: not is_there(moment, self._server.leftovers()))

    def _wait_for_large_commit(self) -> None:
        """Wait until the log grows by much at once, or begins to; or until a little later, before the answer."""
        sizes = [self._server.log_size()]

        def jumps() -> bool:
            sizes.append(self._server.log_size())
            return sizes[-1] - sizes.pop(0) > _LARGE_COMMIT_BYTES

        self._wait_until(jumps)
        self._hesitate(_AFTER_COMMIT_S)

    def _rewrites_since(self, begun: float) -> bool:
        beside = self._server.inventory.with_name(self._server.inventory.name + ".new")
        try:
            return beside.stat().st_mtime >= begun  # not the one that the kill before left
        except FileNotFoundError:
            return False

    def _wait_until_in_flight(self, changer: WorldChanger, kinds: Sequence[Kind]) -> None:
        """Wait until a change has been on its way for a chosen part of the time such a change takes."""
        part = self._chance.uniform(0, _LATEST_PART)

        def is_due() -> bool:
            change, usual_s = changer.in_flight(), changer.usual_s(kinds)
            if change is None or change.kind not in kinds or usual_s is None:
                return False
            return time.monotonic() - change.sent >= part * usual_s

        self._wait_until(is_due)

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not condition() and not self._server.has_ended:
            if time.monotonic() > deadline:
                self.waited_in_vain += 1
                return
            time.sleep(_LOOK_EVERY_S)

    def _hesitate(self, longest_s: float) -> None:
        """Let some time pass, every other time: the moment has parts."""
        if self._chance.random() < 0.5:
            time.sleep(self._chance.uniform(0, longest_s))
