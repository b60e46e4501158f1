"""Which documented answers were met, over any number of sandboxes: added up, and written for people.

Also as one page of HTML that needs no network and no script.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from mockpos.domain.errors import BadInput

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


_STYLE = """
:root{color-scheme:light dark;--met:#1a7f37;--never:#a40e26;--line:#8885}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left}
th:last-child,td:last-child{width:50%}code{overflow-wrap:anywhere}td.n{text-align:right}
.met{color:var(--met)}.never{color:var(--never)}
@media(prefers-color-scheme:dark){:root{--met:#56d364;--never:#ff7b72}}
@media(max-width:40rem){th:last-child,td:last-child{width:auto}}
"""


def coverage_page(coverage: Coverage) -> str:
    """Return the page."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>mockpos coverage</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>Coverage of response codes</h1><p>{escape(coverage.summary())}.</p>",
    ]
    for operation in dict.fromkeys(operation for operation, _ in coverage.titles):
        parts.append(f"<h2>{escape(operation or 'any operation')}</h2>")
        parts.append("<table><tr><th>code</th><th>calls</th><th>what it says, or how to meet it</th></tr>")
        parts += [_row(coverage, (of, code)) for of, code in coverage.titles if of == operation]
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>", ""])


def _row(coverage: Coverage, pair: Pair) -> str:
    count = coverage.counts[pair]
    kind, shown = ("met", f"{count:,}") if count else ("never", "never")
    what = coverage.titles[pair] if count else coverage.how.get(pair, coverage.titles[pair])
    return f'<tr><td><code>{escape(pair[1])}</code></td><td class="n {kind}">{shown}</td><td>{escape(what)}</td></tr>'


def write_coverage_page(coverage: Coverage, path: Path) -> None:
    """Write the page to a file. Raises BadInput when that cannot be done."""
    try:
        path.write_text(coverage_page(coverage), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror or error})") from error
