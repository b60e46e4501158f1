"""Callers: each lives a life of holds, releases and invoices until the server is gone, and notes what it is told."""

import random
import threading
import time
from collections.abc import Callable, Sequence

from tests.torture.client import Client, Lost
from tests.torture.histories import Call, History, Ledger, Operation
from tests.torture.inventories import UNKNOWN_LISTING, Inventory

_LOOKS = ("/readyz", "/_mock/holds?limit=5", "/_mock/audit?pending=ok", "/_mock/listings?limit=5&held=true")
_NO_LISTING_HAS_SO_MANY = 900


class Caller:
    """One client of the automator, with a connection of its own."""

    def __init__(self, name: str, inventory: Inventory, ledger: Ledger, old: Sequence[History]) -> None:
        self.name = name
        self.lost_at: float | None = None
        self._chance = random.Random(name)
        self._inventory = inventory
        self._remote_ids = list(inventory.remote_ids())
        self._ledger = ledger
        self._old = list(old)
        self._client: Client

    def work(self, url: str, stop: threading.Event) -> None:
        """Make calls until the server is gone."""
        number = 0
        with Client(url) as self._client:
            try:
                while not stop.is_set():
                    number += 1
                    self._live(f"{self.name}-{number}")
            except Lost:
                self.lost_at = time.monotonic()

    def _live(self, global_id: str) -> None:
        dice = self._chance.random()
        if dice < 0.05 and self._old:
            self._end(self._old.pop())
        elif dice < 0.10:
            self._client.raw("GET", self._chance.choice(_LOOKS))
        else:
            script = self._chance.choices(list(_SCRIPTS), list(_SCRIPTS.values()))[0]
            script(self, self._ledger.begin(global_id))

    def _make(self, story: History, call: Call) -> bool:
        """Make a call and note it, before and after. Tell whether it succeeded. Raises Lost."""
        method, path, body = call.request(story.global_id)
        call.sent = time.monotonic()
        story.calls.append(call)
        answer = self._client.call(method, path, body)
        call.heard = time.monotonic()
        call.answer = answer
        return answer.status == 200

    def _hold(self, story: History) -> Call:
        remote_id = self._chance.choice(self._inventory.wanted if self._chance.random() < 0.7 else self._remote_ids)
        return Call(Operation.HOLD, remote_id, self._chance.randint(1, 3))

    def _end(self, story: History) -> None:
        self._make(story, self._chance.choice([Call(Operation.RELEASE), _invoice(story)]))

    def keep(self, story: History) -> None:
        """Hold, and leave it."""
        self._make(story, self._hold(story))

    def release(self, story: History) -> None:
        """Hold and release."""
        if self._make(story, self._hold(story)):
            self._make(story, Call(Operation.RELEASE))

    def invoice(self, story: History) -> None:
        """Hold and invoice."""
        if self._make(story, self._hold(story)):
            self._make(story, _invoice(story))

    def everything_twice(self, story: History) -> None:
        """Repeat every call, as after a timeout."""
        hold = self._hold(story)
        end = self._chance.choice([Call(Operation.RELEASE), _invoice(story)])
        if self._make(story, hold):
            for call in (hold.again(), end, end.again()):
                self._make(story, call)

    def too_early(self, story: History) -> None:
        """Release before the hold: a tombstone, and what it refuses."""
        for call in (Call(Operation.RELEASE), self._hold(story), _invoice(story), Call(Operation.RELEASE)):
            self._make(story, call)

    def refused(self, story: History) -> None:
        """Ask for what cannot be, under an id that holds something and under one that does not."""
        self._make(story, Call(Operation.HOLD, UNKNOWN_LISTING, 1))
        self._make(story, Call(Operation.HOLD, "TG-C", _NO_LISTING_HAS_SO_MANY))
        if self._make(story, self._hold(story)):
            self._make(story, Call(Operation.HOLD, "TG-B", 4))
            if self._make(story, _invoice(story)):
                self._make(story, Call(Operation.INVOICE, order_id=f"second-{story.global_id}"))
                self._make(story, Call(Operation.RELEASE))


def _invoice(story: History) -> Call:
    return Call(Operation.INVOICE, order_id=f"order-{story.global_id}")


_SCRIPTS: dict[Callable[[Caller, History], None], int] = {
    Caller.keep: 6,
    Caller.release: 45,
    Caller.invoice: 6,
    Caller.everything_twice: 12,
    Caller.too_early: 8,
    Caller.refused: 8,
}
"""What callers do, and how often: mostly what leaves the tickets free again, so that they do not run out."""
