"""The report of a checkout: a document of the same form as an automator's, so that it is shown in the same ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mockpos import __version__
from mockpos.checkout_plan.judge import Call, Result, exchange_of
from mockpos.checkout_plan.plan import Plan
from mockpos.conformance.check import Level, Word, verdict_of
from mockpos.conformance.checks import RULESET
from mockpos.conformance.report.document import CHECKOUT, FORMAT, finding_document, moment, plain_contract
from mockpos.contract.model import Contract


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
