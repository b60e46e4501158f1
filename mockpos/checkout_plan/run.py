"""A checkout tried: plays the automator for each plan, waits until the checkout has done what it does, and reports."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mockpos import __version__
from mockpos.checkout_plan.judge import Call, Evidence, Result, exchange_of, read_calls
from mockpos.checkout_plan.plan import Plan
from mockpos.conformance.check import Level, Reason, Word, verdict_of
from mockpos.conformance.checks import RULESET
from mockpos.conformance.report.document import CHECKOUT, FORMAT, finding_document, moment, plain_contract
from mockpos.contract.model import Contract
from mockpos.control_client import ControlError
from mockpos.domain.catalogue import Operation
from mockpos.domain.counted import are, counted
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
            there = f"{counted(free, 'ticket')} {are(free)}"
            raise BadInput(f"{self.listing}: {there} free there, and the plan buys {self.plan.quantity}")
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


@dataclass(slots=True)
class CheckoutRun:
    """Everything that was found out about a checkout, plan by plan."""

    run_id: str
    contract: Contract
    contract_text: str
    listing: str
    results: list[Result] = field(default_factory=list)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    bought: int = 0
    interrupted: bool = False
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))  # noqa: TID251  # a report carries the date

    @property
    def next_number(self) -> int:
        """Return the number of the next call."""
        return 1 + sum(len(calls) for calls in self.calls.values())

    def add(self, plan: Plan, results: Sequence[Result], calls: Sequence[Call], sold: int) -> None:
        """Add what one plan came to."""
        self.results += results
        self.calls[plan.name] = list(calls)
        self.bought += sold

    def document(self) -> dict[str, Any]:
        """Lay it out as a document without key and host."""
        ended = datetime.now(UTC)  # noqa: TID251  # a report carries the date
        plans = list(dict.fromkeys(result.plan.name for result in self.results))
        words = [result.finding.word for result in self.results]
        began = min((calls[0].at for calls in self.calls.values() if calls), default=0.0)
        return {
            "mockpos_conform_report": FORMAT, "subject": CHECKOUT, "kit": __version__, "ruleset": RULESET,
            "run": self.run_id, "seed": 0, "began_at": moment(self.began_at),
            "took_s": round((ended - self.began_at).total_seconds(), 1),
            "contract": {"name": self.contract.name, "version": self.contract.version,
                         "content": plain_contract(self.contract_text)},
            "asked": {"plans": plans, "listing": self.listing, "level": Level.SHOULD.value},
            "command": f"mockpos checkout-plan run {' '.join(plans)}",
            "verdict": {Level.SHOULD.value: verdict_of(words).value},
            "counts": {Level.SHOULD.value: {word.value: words.count(word) for word in Word}},
            "checks_not_asked_for": [], "preflight": None, "preflight_reason": None, "interrupted": self.interrupted,
            "notes": [], "stale_known_failing": [], "left_behind": [], "bought": self.bought,
            "results": [self._result(result) for result in self.results],
            "exchanges": [exchange_of(call, plan, began) for plan, calls in self.calls.items() for call in calls],
        }  # fmt: skip

    def _result(self, result: Result) -> Mapping[str, Any]:
        rule = result.rule
        return {
            "id": f"{result.plan.name}:{rule.id}", **finding_document(result.finding),
            "exchanges": [call.number for call in self.calls.get(result.plan.name, ())], "facts": {},
            "rule": f"{result.plan.name}: {rule.rule}", "level": rule.level.value,
            "source": {"text": rule.source.text, "address": rule.source.address},
            "command": f"mockpos checkout-plan run {result.plan.name}",
        }  # fmt: skip
