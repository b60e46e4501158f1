"""The page of rules, made from the checks themselves, and how sensitive they are: which broken automator each caught.

The broken automators, one fault each, are what the kit's own tests ran it against; they run it again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mockpos.conformance.check import Call, Check, Outcome
from mockpos.conformance.checks import CHECKS, RULESET, is_provisional
from mockpos.conformance.plan import described
from mockpos.files import rendered

_GROUPS = {
    "HOLD": "Hold",
    "REL": "Hold release",
    "INV": "Invoice",
    "KEY": "API key",
    "JSON": "JSON",
    "DOC": "Documentation",
    "SAFE": "Secrets",
    "NET": "Network",
    "LOAD": "Load",
    "TIME": "Times",
    "RACE": "Races",
}


def in_groups() -> Iterator[tuple[str, list[Check]]]:
    """Yield the rules by what they are about, in order of their ids."""
    for group, title in _GROUPS.items():
        yield title, sorted((check for check in CHECKS if check.group == group), key=lambda check: check.id)


def rule_document(check: Check) -> dict[str, Any]:
    """Lay out one rule as JSON."""
    return {
        "id": check.id,
        "rule": check.rule,
        "level": check.level.value,
        "source": {"text": check.source.text, "address": check.source.address or None},
        "needs": [need.value for need in check.needs],
        "after": list(check.after),
        "since": check.since,
        "provisional": is_provisional(check),
        "steps": list(described(check)),
        "acceptable": acceptable(check),
        "catches": caught_by(check.id),
    }


def acceptable(check: Check) -> list[str]:
    """Return the names of the outcomes that are acceptable, and how they are called."""
    outcomes = [each for step in check.steps if isinstance(step, Call) for each in step.expect]
    return list(dict.fromkeys(_named(each) for each in outcomes))


def markdown() -> str:
    """Write the page of rules."""
    rules = [
        (title, [rule_document(check) | {"source": check.source} for check in checks]) for title, checks in in_groups()
    ]
    return rendered(
        "mockpos.conformance.report", "rules.md", ruleset=RULESET, groups=rules, faults=caught_faults(),
        wrongly=sum(bool(each.wrongly) for each in caught_faults()),
    )  # fmt: skip


def _named(outcome: Outcome) -> str:
    name = outcome.name.replace("{status}", "STATUS")
    return name if outcome.word == "pass" else f"{name} ({outcome.word.value})"


@dataclass(frozen=True, slots=True)
class CaughtFault:
    """One broken automator: what is wrong with it, the check made for it, and the checks that did not pass."""

    fault: str
    check: str
    caught: tuple[str, ...]

    @property
    def wrongly(self) -> tuple[str, ...]:
        """Return the checks that failed it though they were not made for it."""
        return tuple(each for each in self.caught if each != self.check)


@cache
def caught_faults() -> tuple[CaughtFault, ...]:
    """Return the broken automators, in the order of the kit's tests."""
    documents = json.loads(files("mockpos.conformance").joinpath("faults.json").read_bytes())
    return tuple(CaughtFault(each["fault"], each["check"], tuple(each["caught"])) for each in documents)


def caught_by(check: str) -> list[str]:
    """Return the faults that a check caught."""
    return [each.fault for each in caught_faults() if check in each.caught]
