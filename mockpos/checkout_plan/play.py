"""Plays the automator for one plan, and waits until the checkout under test has done what it does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mockpos.checkout_plan.judge import Call, Evidence, read_calls
from mockpos.checkout_plan.plan import Plan
from mockpos.conformance.check import Reason
from mockpos.control_client import ControlError
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.testing.sandbox import Sandbox

_LOOK_EVERY_S = 0.05
_NEW_LISTING = {"section": "101", "row": "A", "wholesale_price": "50.00"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long is waited, in seconds: for the first call, for more once all is settled, and while something is open."""

    first: float = 300.0
    settled: float = 3.0
    open: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


@dataclass(slots=True)
class Play:
    """One plan being played in a sandbox, on one listing."""

    sandbox: Sandbox
    plan: Plan
    listing: str
    waiting: Waiting = field(default_factory=Waiting)
    on_call: Callable[[dict[str, Any]], object] = lambda call: None
    first_number: int = 1
    calls: list[Call] = field(default_factory=list)

    def prepare(self) -> None:
        """Begin with a world in which the plan can be met. Raises BadInput where the listing cannot serve it."""
        self.sandbox.scenario = None
        self.sandbox.reset()
        free = self._free()
        if self.plan.sold_out and free:
            self.sandbox.control("POST", "/pos/sell", {"remote_id": self.listing, "quantity": free})
        elif not self.plan.sold_out and free < self.plan.quantity:
            raise BadInput(f"{self.listing}: {free} tickets are free there, and the plan buys {self.plan.quantity}")
        self.sandbox.scenario = self.plan.scenario

    def watch(self) -> Evidence:
        """Wait until the client is done; return what came of it."""
        return self.evidence(None if self._wait() else Reason.TIMED_OUT)

    def evidence(self, why_none: Reason | None) -> Evidence:
        """Return how things stand now."""
        self.calls = read_calls(self.sandbox, self.first_number)
        sold = sum(each["quantity"] for each in self.sandbox.invoices)
        held = sum(each["quantity"] for each in self.sandbox.holds if each["status"] == "held")
        return Evidence(self.calls, self.sandbox.audit().findings, sold, held, why_none)

    def _wait(self) -> bool:
        waiting, seen = self.waiting, 0
        changed = waiting.clock()
        while True:
            made = [call for call in self.sandbox.calls() if call["operation"] is not None]
            for call in made[seen:]:
                self.on_call(call)
            if len(made) > seen:
                seen, changed = len(made), waiting.clock()
            if self._is_over(seen, waiting.clock() - changed):
                return any(call["operation"] == Operation.HOLD.value for call in made)
            waiting.sleep(_LOOK_EVERY_S)

    def _is_over(self, calls: int, quiet: float) -> bool:
        """Tell whether nothing more is to be expected, ``quiet`` seconds after the last call."""
        waiting = self.waiting
        if not calls:
            return quiet >= waiting.first
        open_for = self.plan.patience / 1000 if waiting.open is None else waiting.open
        return quiet >= waiting.settled and (quiet >= open_for or self._is_settled())

    def _is_settled(self) -> bool:
        """Tell whether a correct client would have nothing more to do."""
        calls = read_calls(self.sandbox, self.first_number)
        return (calls[-1].is_done or calls[-1].is_refused) and self.sandbox.audit().clean

    def _free(self) -> int:
        try:
            return int(self.sandbox.listing(self.listing)["available"])
        except ControlError as error:
            if error.status != 404:
                raise
        quantity = max(8, self.plan.quantity)
        return int(self.sandbox.add_listing(remote_id=self.listing, quantity=quantity, **_NEW_LISTING)["available"])
