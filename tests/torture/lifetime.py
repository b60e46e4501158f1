"""One life of the server: callers and a changer of worlds at work from its readiness to its death."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from tests.torture.changes import SNAPSHOT, Kind, WorldChanger
from tests.torture.client import Client
from tests.torture.findings import Finding
from tests.torture.histories import Ledger
from tests.torture.inventories import Inventory
from tests.torture.kill_points import KillPoint
from tests.torture.workload import Caller

_EVERYTHING = tuple(Kind)
_KINDS: dict[KillPoint, Sequence[Sequence[Kind]]] = {
    KillPoint.CHECKPOINT: [(Kind.UPDATE,), (*[Kind.UPDATE, Kind.REPLACE] * 3, Kind.RESTORE, Kind.RESET)],
    KillPoint.TURNED: [(Kind.UPDATE,), (*[Kind.UPDATE, Kind.REPLACE] * 3, Kind.RESTORE)],
    KillPoint.IMPORT: [(Kind.UPDATE, Kind.REPLACE, Kind.REFUSED)],
    KillPoint.RESTORE: [(Kind.RESTORE,), (Kind.RESTORE, Kind.UPDATE, Kind.CLOCK)],
    KillPoint.RESET: [(Kind.RESET,), (Kind.RESET, Kind.UPDATE, Kind.CLOCK)],
    KillPoint.OTHER: [(Kind.RESTORE, Kind.RESET)],
}
"""What is changed while a moment is waited for; everything, where nothing is said."""

_GAP_S = {KillPoint.CHECKPOINT: (0.1, 0.6), KillPoint.TURNED: (0.1, 0.6)}
_USUAL_GAP_S = (0.02, 0.25)


class Lifetime:
    """Those who call while the server lives. The snapshot that restores go back to is taken before any of them does."""

    def __init__(
        self, name: str, inventory: Inventory, ledger: Ledger, callers: int, aim: KillPoint, numbers: Callable[[], int]
    ) -> None:
        chance = random.Random(name)
        old = ledger.alive()
        chance.shuffle(old)
        shares = [old[number::callers] for number in range(callers)]
        self.callers = [
            Caller(f"{name}-{number}", inventory, ledger, share) for number, share in enumerate(shares, start=1)
        ]
        kinds = chance.choice(_KINDS.get(aim, [_EVERYTHING]))
        self.changer = WorldChanger(inventory, kinds, chance, numbers)
        self._gap_s = _GAP_S.get(aim, _USUAL_GAP_S)
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(callers + 1)
        self._work: list[Future[None]] = []

    def begin(self, url: str) -> None:
        """Let everybody call."""
        with Client(url) as client:
            taken = client.call("PUT", f"/_mock/snapshots/{SNAPSHOT}")
            assert taken.status == 200, taken
        self._work = [self._pool.submit(caller.work, url, self._stop) for caller in self.callers]
        self._work.append(self._pool.submit(self.changer.work, url, self._stop, self._gap_s))

    def end(self) -> list[Finding]:
        """Wait until everybody has noticed the end. Return what went wrong with a caller itself."""
        self._stop.set()
        self._pool.shutdown()
        failures = [failure for work in self._work if (failure := work.exception()) is not None]
        return [Finding("a caller failed", repr(failure)) for failure in failures]

    def complaints(self, ended_at: float | None) -> list[Finding]:
        """Return what was wrong with answers to changes, and the answers that were lost while the server lived."""
        wrong = [complaint for change in self.changer.made if (complaint := change.complaint())]
        found = [Finding("change", complaint) for complaint in wrong]
        for lost_at in [caller.lost_at for caller in self.callers] + [self.changer.lost_at]:
            if lost_at is not None and ended_at is not None and lost_at < ended_at:
                early_s = ended_at - lost_at
                found.append(Finding("answer lost by a living server", f"{early_s:.3f} s before its end"))
        return found
