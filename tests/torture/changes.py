"""Changes of a whole world over the control plane: imports, restores, resets, the clock. One at a time, under load.

What they make true is written down as ``Facts``, so that it can be told afterwards whether a change whose answer
nobody heard is wholly there or not at all. Must not know how a server is looked into.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf

from tests.torture.client import Answer, Client, Lost
from tests.torture.inventories import Inventory

SNAPSHOT = "start-of-life"
ADVANCE_MS = 20 * 60 * 1000
"""Longer than a hold lives: every live hold lapses."""


class Kind(StrEnum):
    """What may be asked of the control plane."""

    UPDATE = "import (update)"
    REPLACE = "import (replace)"
    REFUSED = "import (refused)"
    RESTORE = "restore"
    RESET = "reset"
    CLOCK = "clock advance"


IMPORTS = (Kind.UPDATE, Kind.REPLACE)
OTHER_WORLDS = (Kind.RESTORE, Kind.RESET)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a world beside its Global IDs.

    ``imported`` is the number of the last import (0: none), ``extras`` are the imports whose own listings are there.
    ``offset_ms`` is how the clock is set; nobody knows it to the millisecond when that answer was lost.
    """

    imported: int = 0
    extras: frozenset[int] = frozenset()
    offset_ms: int = 0
    is_offset_exact: bool = True


@dataclass(slots=True)
class Change:
    """One change that was asked for. ``sent`` and ``heard`` are monotonic seconds."""

    kind: Kind
    number: int
    sent: float
    heard: float = inf
    answer: Answer | None = None

    @property
    def is_lost(self) -> bool:
        return self.answer is None

    @property
    def is_another_world(self) -> bool:
        return self.kind in OTHER_WORLDS

    def made(self, facts: Facts, start: Facts) -> Facts:
        """Return what is true after it. ``start`` is what was true when this life of the server began."""
        match self.kind:
            case Kind.UPDATE:
                return replace(facts, imported=self.number, extras=facts.extras | {self.number})
            case Kind.REPLACE:
                return replace(facts, imported=self.number, extras=frozenset({self.number}))
            case Kind.REFUSED:
                return facts
            case Kind.RESTORE | Kind.RESET:
                return start if self.kind is Kind.RESTORE else replace(start, offset_ms=0)
            case Kind.CLOCK:
                told = self.answer.body["offset_ms"] if self.answer else facts.offset_ms + ADVANCE_MS
                return replace(facts, offset_ms=told, is_offset_exact=self.answer is not None)

    def complaint(self) -> str | None:
        """Say what is wrong with the answer, or None."""
        if self.answer is None:
            return None
        wanted = (422, "mock_import_refused") if self.kind is Kind.REFUSED else (200, "")
        if (self.answer.status, self.answer.code) == wanted:
            return None
        return f"{self.kind} was answered {self.answer.status} {str(self.answer.body)[:300]}"


class WorldChanger:
    """Asks for changes, over and over, until the server is gone. Its connection is its own."""

    def __init__(
        self, inventory: Inventory, kinds: Sequence[Kind], chance: random.Random, numbers: Callable[[], int]
    ) -> None:
        self.made: list[Change] = []
        self.lost_at: float | None = None
        self._inventory = inventory
        self._kinds = kinds
        self._chance = chance
        self._numbers = numbers

    def work(self, url: str, stop: threading.Event, gap_s: tuple[float, float]) -> None:
        """Make change after change, with a pause between."""
        with Client(url) as client:
            while not stop.wait(self._chance.uniform(*gap_s)):
                kind = self._chance.choice(self._kinds)
                try:
                    self._make(client, kind)
                except Lost:
                    self.lost_at = time.monotonic()
                    return

    def in_flight(self) -> Change | None:
        """Return the change whose answer is awaited now."""
        last = self.made[-1] if self.made else None
        return last if last is not None and last.is_lost else None

    def usual_s(self, kinds: Sequence[Kind]) -> float | None:
        """Return how long such a change took the last time, or None before the first."""
        heard = [change for change in self.made if change.kind in kinds and not change.is_lost]
        return heard[-1].heard - heard[-1].sent if heard else None

    def _make(self, client: Client, kind: Kind) -> None:
        number = self._numbers()
        method, path, body = self._request(kind, number)
        change = Change(kind, number, time.monotonic())
        self.made.append(change)
        change.answer = client.call(method, path, body)
        change.heard = time.monotonic()

    def _request(self, kind: Kind, number: int) -> tuple[str, str, object]:
        match kind:
            case Kind.UPDATE | Kind.REPLACE | Kind.REFUSED:
                mode = {Kind.UPDATE: "update", Kind.REPLACE: "replace", Kind.REFUSED: "new"}[kind]
                return "POST", f"/_mock/listings/import?mode={mode}", self._inventory.file_of(number)
            case Kind.RESTORE:
                return "POST", f"/_mock/snapshots/{SNAPSHOT}/restore", None
            case Kind.RESET:
                return "POST", "/_mock/reset", None
            case Kind.CLOCK:
                return "POST", "/_mock/clock", {"advance": f"{ADVANCE_MS}ms"}
