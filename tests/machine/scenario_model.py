"""The model of scenarios: which rule decides about a call, and what that does to it.

It restates spec/scenarios.md. Rules are the dictionaries that are sent to mockpos; what is drawn by chance and what
only a real connection shows is not here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.machine.calls import Call
from tests.machine.listing_model import Listing
from tests.machine.model import Answer
from tests.machine.pos_model import Sandbox

Rule = Mapping[str, Any]
Scenario = Mapping[str, Any]

HEADER = "X-Mockpos-Scenario"
MAGIC: Scenario = {
    "name": "magic",
    "rules": [
        {"id": "timeout-after-invoice", "on": "invoice", "respond": "pos_timeout", "phase": "after_commit",
         "when": {"remote_id": "MOCK-TIMEOUT-AFTER-INVOICE", "attempt": 1}},
        {"id": "reset-after-hold", "on": "hold", "fault": "reset", "phase": "after_commit",
         "when": {"remote_id": "MOCK-RESET-AFTER-HOLD", "attempt": 1}},
        {"id": "expires-at-once", "on": "hold", "pos": [{"expire_hold": True}],
         "when": {"remote_id": "MOCK-EXPIRES-AT-ONCE"}},
        {"id": "listing_sold_out", "on": "hold", "respond": "listing_sold_out",
         "when": {"remote_id": "MOCK-LISTING_SOLD_OUT"}},
        {"id": "invoice_rejected", "on": "invoice", "respond": "invoice_rejected",
         "when": {"remote_id": "MOCK-INVOICE_REJECTED"}},
        {"id": "hold_not_found", "on": ["release", "invoice"], "respond": "hold_not_found",
         "when": {"remote_id": "MOCK-HOLD_NOT_FOUND"}},
        {"id": "release-pos_unavailable", "on": "release", "respond": "pos_unavailable",
         "when": {"remote_id": "MOCK-RELEASE-POS_UNAVAILABLE"}},
    ],
}  # fmt: skip
"""Some of the magic Remote IDs, as one scenario."""

MAGIC_IDS = ["MOCK-OK", *(rule["when"]["remote_id"] for rule in MAGIC["rules"])]
NEVER_SOLD_OUT = 1_000_000_000


def magic_listings() -> dict[str, Listing]:
    """Return the listings beside every inventory: unnumbered, 100.00 each, without end."""
    return {key: Listing(key, NEVER_SOLD_OUT, available=NEVER_SOLD_OUT, price=100) for key in MAGIC_IDS}  # type: ignore[arg-type]  # a whole number is a price


@dataclass(frozen=True)
class Played:
    """How a call went: what it was answered, and the (scenario, rule) that touched it."""

    answer: Answer
    marks: tuple[str, str] | None = None


@dataclass
class Counts:
    """What is counted in a sandbox. Firings: ``chosen`` are the active scenario's and magic's, ``named`` a header's."""

    calls: Counter[str] = field(default_factory=Counter)
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    chosen: Counter[tuple[str, str]] = field(default_factory=Counter)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)

    def copy(self) -> "Counts":
        return Counts(self.calls.copy(), self.attempts.copy(), self.chosen.copy(), self.named.copy())


@dataclass
class ScenarioModel:
    """The scenarios of a sandbox. ``library`` are those known by name."""

    sandbox: Sandbox
    library: dict[str, Scenario] = field(default_factory=dict)
    active: Scenario | None = None
    counts: Counts = field(default_factory=Counts)

    def choose(self, scenario: Scenario | None) -> None:
        """Make a scenario the active one; counting begins anew."""
        self.active = scenario
        self.counts = Counts()

    def play(self, made: Call, headers: Mapping[str, str]) -> Played:
        """Carry a call of the three operations out as the rule that decides says."""
        name = headers.get(HEADER)
        if name not in (None, "none", *self.library):
            return Played({"code": "mock_unknown_scenario"})
        arrival = self.arrive(made)
        for scenario, fired in self.that_apply(made, name):
            for rule in scenario["rules"]:
                if not self.matches(rule, made, headers, arrival):
                    continue
                key = (scenario["name"], rule["id"])
                if fired[key] >= rule.get("times", fired[key] + 1):
                    continue
                fired[key] += 1
                return self.follow(rule, made, key)
        return Played(self.sandbox.answer(made))

    def arrive(self, made: Call) -> dict[str, int]:
        """Count a call on arrival, replays too."""
        self.counts.calls[made.name] += 1
        attempt = made.name, made.get("global_id")
        self.counts.attempts[attempt] += 1
        return {"attempt": self.counts.attempts[attempt], "call": self.counts.calls[made.name]}

    def that_apply(self, made: Call, name: str | None) -> Iterator[tuple[Scenario, Counter[tuple[str, str]]]]:
        """Yield the scenarios to try: the header's, else the active one; then magic, when no rule of that matched."""
        if name == "none":
            return
        if name is not None:
            yield self.library[name], self.counts.named
        elif self.active is not None:
            yield self.active, self.counts.chosen
        if str(self.facts(made)["remote_id"]).startswith("MOCK-"):
            yield MAGIC, self.counts.chosen

    def facts(self, made: Call) -> dict[str, Any]:
        """Return what rules may ask for; of a release and an invoice, what the stored hold says. None is unknown."""
        facts = {key: made.get(key) for key in ("remote_id", "quantity", "global_id", "order_id")}
        hold = self.sandbox.holds.get(made.get("global_id"))
        if made.name != "hold" and hold is not None:
            facts |= {"remote_id": hold.remote_id, "quantity": hold.quantity}
        return facts

    def matches(self, rule: Rule, made: Call, headers: Mapping[str, str], arrival: Mapping[str, int]) -> bool:
        on = [rule["on"]] if isinstance(rule["on"], str) else rule["on"]
        if made.name not in on and "any" not in on:
            return False
        known = {**self.facts(made), **arrival}
        return all(
            fits(asked, headers.get("X-Buyer") if name == "header" else known.get(name))
            for name, asked in rule.get("when", {}).items()
        )

    def follow(self, rule: Rule, made: Call, marks: tuple[str, str]) -> Played:
        if "fault" in rule:
            return Played({"code": "mock_fault_unsupported"})  # there is no connection to break; nothing was changed
        forced: Answer | None = None
        if "respond" in rule:
            forced = {"code": rule["respond"]}
        elif "raw" in rule:
            forced = {"raw": rule["raw"]["status"]}
        if forced is not None and rule.get("phase") != "after_commit":
            return Played(forced, marks)
        answer = self.sandbox.answer(made)
        if "code" not in answer and not answer["replayed"]:
            self.sandbox.act(rule.get("pos", ()), made.get("global_id"))
        return Played(forced or answer, marks)


def fits(asked: Any, value: Any) -> bool:
    """Tell whether a fact is as a rule asks: a glob, several of them, a number, a range. The unknown never is."""
    if value is None:
        return False
    if isinstance(asked, dict) and "X-Buyer" in asked:
        asked = asked["X-Buyer"]
    if isinstance(asked, dict):
        return bool(asked.get("min", 1) <= value <= asked.get("max", value))
    if isinstance(asked, int):
        return bool(value == asked)
    globs = [asked] if isinstance(asked, str) else asked
    return any(fnmatchcase(value, glob) for glob in globs)
