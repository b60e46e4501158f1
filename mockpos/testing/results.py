"""What a server says of its calls: what a client left behind, and which documented answers were met.

The coverage is added up over any number of sandboxes, and written for people: in lines, or as one page of HTML that
needs no network and no script.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from mockpos.domain.errors import BadInput
from mockpos.files import rendered


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing left behind: its kind (``orphaned_hold``, ...), a sentence, and the ids of the calls that prove it."""

    kind: str
    global_id: str
    detail: str
    requests: tuple[str, ...]
    sandbox: str | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read what the control plane answers for one finding."""
        return cls(
            document["kind"],
            document["global_id"],
            document["detail"],
            tuple(document["requests"]),
            document.get("sandbox"),
        )

    def __str__(self) -> str:
        """Return kind and sentence, as a failed assertion shows them."""
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings of a sandbox, or of a server. ``unsafe`` says why something may be missing, if it may."""

    findings: list[Finding]
    unsafe: str | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read what the control plane answers."""
        return cls([Finding.read(finding) for finding in document["findings"]], document.get("unsafe"))

    @property
    def clean(self) -> bool:
        """True when nothing was left behind."""
        return not self.findings

    def __str__(self) -> str:
        """Return all findings, one a line."""
        return "\n".join(map(str, self.findings)) or "clean: nothing was left behind"


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
        for operation, codes in self.codes_by_operation().items():
            met = [code for code in codes if self.counts[operation, code]]
            found.append(f"{operation or 'any':8} {len(met)} of {len(codes)}: {', '.join(met) or 'none'}")
        return found

    def codes_by_operation(self) -> dict[str | None, list[str]]:
        """Return the documented codes of each operation, in documented order."""
        found: dict[str | None, list[str]] = {}
        for operation, code in self.titles:
            found.setdefault(operation, []).append(code)
        return found

    def fault(self, least: float | None) -> str:
        """Return why this is too little, or nothing."""
        if least is None or self.percentage >= least:
            return ""
        return f"{self.percentage:g}% of the documented answers were met, {least:g}% are asked for"


def coverage_page(coverage: Coverage) -> str:
    """Return the page."""
    return rendered("mockpos.testing", "coverage.html", coverage=coverage, operations=coverage.codes_by_operation())


def write_coverage_page(coverage: Coverage, path: Path) -> None:
    """Write the page to a file. Raises BadInput when that cannot be done."""
    try:
        path.write_text(coverage_page(coverage), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror or error})") from error
