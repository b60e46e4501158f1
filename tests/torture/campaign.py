"""A campaign: one inventory file through many lives of the server, each ended by a kill but the last, which is stopped.

After every kill the next life begins by looking at everything and asking everything again.
"""

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.torture.client import Client
from tests.torture.counts import Counts
from tests.torture.findings import Finding, shortened
from tests.torture.histories import Ledger
from tests.torture.inventories import Inventory
from tests.torture.kill_points import Evidence, KillPoint
from tests.torture.killing import Killer
from tests.torture.lifetime import Lifetime
from tests.torture.observed import read
from tests.torture.recovery_check import RecoveryCheck
from tests.torture.server_process import INVENTORY, DidNotStart, ServerProcess

_LOCK_S = 10.0
_AS_GROUP = 0.4
"""How often the whole process group is killed, a shell in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a campaign is made of. ``between`` are seconds a server lives before its moment is looked for."""

    number: int
    seed: int
    folder: Path
    inventory: Inventory
    durability: str
    aims: Sequence[KillPoint]
    callers: int
    between: tuple[float, float]


class Campaign:
    """Tortures one inventory file. ``on_kill`` is told of every kill.

    ``kept`` is where the files are as the kill left them that the first finding came after.
    """

    def __init__(self, plan: Plan, on_kill: Callable[[], None]) -> None:
        self.tally = Counts()
        self.kept: Path | None = None
        self._plan = plan
        self._on_kill = on_kill
        self._chance = random.Random(f"{plan.seed}-{plan.number}")
        self._server = ServerProcess(plan.folder, ["--durability", plan.durability])
        self._killer = Killer(self._server, self._chance, plan.between)
        self._ledger = Ledger()
        self._reckoning = RecoveryCheck(plan.inventory, self._ledger, self.tally, self._chance)
        self._life: Lifetime | None = None
        self._lives = count(1)
        self._changes = count(1)

    def run(self) -> None:
        """Go through all lives, or until something is found: what came after that would be found for its sake."""
        self._plan.inventory.write(self._server.inventory)
        try:
            for aim in self._plan.aims:
                self._starting() if aim is KillPoint.STARTING else self._live_until(aim)
                if self.tally.findings:
                    return
            self._live_until_stopped()
        finally:
            self._server.end()
            self.tally.other["moments waited for in vain"] += self._killer.waited_in_vain
            self.tally.findings += [Finding("the server's log", line) for line in self._server.complaints()]
            self.tally.findings = shortened(self.tally.findings)

    def _starting(self) -> None:
        """Kill it while it starts on top of what is there."""
        self.tally.aimed[KillPoint.STARTING] += 1
        as_group = self._chance.random() < _AS_GROUP
        self._server.start(as_group=as_group)
        if self._killer.strike_while_it_starts():
            self._note_kill(Evidence(self._server.leftovers(), was_ready=False), as_group)

    def _live_until(self, aim: KillPoint) -> None:
        """Let the server live and die, once."""
        self.tally.aimed[aim] += 1
        stops = aim is KillPoint.STOPPING
        as_group = not stops and self._chance.random() < _AS_GROUP  # a shell would not wait for what it stops
        life = self._begin_life(aim, as_group)
        if life is None:
            return
        died_at = self._killer.strike_while_it_stops() if stops else self._killer.strike(aim, life.changer)
        left = self._server.leftovers()
        self.tally.findings += life.end() + life.complaints(died_at)
        if died_at is not None:
            lost = life.changer.in_flight()
            self._note_kill(Evidence(left, was_asked_to_stop=stops, lost=lost), as_group)
        elif stops:
            self.tally.other["stopped before the kill came"] += 1
        else:
            self.tally.findings.append(Finding("died by itself", f"while {aim} was waited for"))

    def _live_until_stopped(self) -> None:
        """Let the server live, stop it under load, and compare the file it leaves, which must be alone."""
        life = self._begin_life(KillPoint.RANDOM, as_group=False)
        if life is None:
            return
        time.sleep(self._chance.uniform(*self._plan.between))
        since_s, asked_at = time.time(), time.monotonic()
        self._server.signal(signal.SIGTERM)
        status = self._server.stopped()
        until_s = time.time()
        self.tally.findings += life.end() + life.complaints(asked_at)
        left = self._server.leftovers()
        if status != 0 or left != {INVENTORY}:
            self.tally.findings.append(Finding("clean stop", f"exit status {status}, left behind {sorted(left)}"))
            return
        self._reckoning.of(read(self._server.inventory, since_s, until_s), life)
        self.tally.other["clean stops after which the file alone was compared"] += 1

    def _begin_life(self, aim: KillPoint, as_group: bool) -> Lifetime | None:
        """Start the server on top of whatever is there, reckon, and let callers at it; None after a finding."""
        kept = self._server.keep_leftovers()
        url = self._start(as_group)
        if url is not None and self._life is not None:
            with Client(url) as client:
                self._reckoning.over_http(client, self._life)
        if url is None or self.tally.findings:
            self.kept = kept
            return None
        plan = self._plan
        name = f"{plan.seed}-{plan.number}-{next(self._lives)}"
        self._life = Lifetime(name, plan.inventory, self._ledger, plan.callers, aim, lambda: next(self._changes))
        self._life.begin(url)
        return self._life

    def _start(self, as_group: bool) -> str | None:
        """Start it and wait. One that dies may have the file for a moment after its parent is gone: then try again."""
        deadline = time.monotonic() + _LOCK_S
        while True:
            self._server.start(as_group=as_group)
            try:
                return self._server.url()
            except DidNotStart as refusal:
                if not refusal.in_use or time.monotonic() > deadline:
                    self.tally.findings.append(Finding("did not start", str(refusal)[-2000:]))
                    return None
                self.tally.other["starts refused while the killed process still had the file"] += 1

    def _note_kill(self, evidence: Evidence, as_group: bool) -> None:
        hand = "process group" if as_group else "process"
        self.tally.kills[f"{self._plan.inventory.name} inventory, durability {self._plan.durability}, {hand}"] += 1
        self.tally.met.update(evidence.met())
        torn = self._server.has_torn_log()
        self.tally.other["logs that ended in the middle of a line"] += torn
        self._on_kill()
