"""Which documented answers were met, over any number of sandboxes: added up, and written for people."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Pair = tuple[str | None, str]
"""An operation, or None for what is answered before one is known, and a code."""


@dataclass(slots=True)
class Coverage:
    """How often each documented answer was met. ``documents`` are what the control plane's /coverage answers."""

    titles: dict[Pair, str] = field(default_factory=dict)
    how: dict[Pair, str] = field(default_factory=dict)
    counts: Counter[Pair] = field(default_factory=Counter)

    def add(self, document: Mapping[str, Any]) -> None:
        """Add what one sandbox, or a whole server, met."""
        for operation in document["operations"]:
            for code in operation["codes"]:
                pair = (operation["operation"], code["code"])
                self.titles.setdefault(pair, code["title"])
                self.counts[pair] += code["count"]
        for missing in document["missing"]:
            self.how.setdefault((missing["operation"], missing["code"]), missing["provoke"])

    @property
    def seen(self) -> int:
        """Return how many documented answers were met."""
        return sum(self.counts[pair] > 0 for pair in self.titles)

    @property
    def percentage(self) -> float:
        """Return how many of a hundred were met, cut to tenths so that 100 means all."""
        return 1000 * self.seen // len(self.titles) / 10 if self.titles else 0.0

    @property
    def missing(self) -> list[Pair]:
        """Return what was never met, in documented order."""
        return [pair for pair in self.titles if not self.counts[pair]]

    def summary(self) -> str:
        """Return the whole in one sentence."""
        if not self.titles:
            return "no sandbox was used"
        return f"{self.seen} of {len(self.titles)} documented answers were met ({self.percentage:g}%)"

    def lines(self) -> list[str]:
        """Return what each operation met and what it never did, one line each."""
        found = []
        for operation in dict.fromkeys(operation for operation, _ in self.titles):
            codes = [code for of, code in self.titles if of == operation]
            met = [code for code in codes if self.counts[operation, code]]
            found.append(f"{operation or 'any':8} {len(met)} of {len(codes)}: {', '.join(met) or 'none'}")
        return found

    def fault(self, least: float | None) -> str:
        """Return why this is too little, or nothing."""
        if least is None or self.percentage >= least:
            return ""
        return f"{self.percentage:g}% of the documented answers were met, {least:g}% are asked for"
