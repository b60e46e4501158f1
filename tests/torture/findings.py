"""A finding: something that is not as it was answered. It must not know who looked."""

from collections import Counter
from typing import NamedTuple

MOST_OF_A_KIND = 5


class Finding(NamedTuple):
    """What kind of promise was broken, and how, as a sentence."""

    kind: str
    detail: str


def shortened(findings: list[Finding]) -> list[Finding]:
    """Return a few findings of every kind, and how many more there are."""
    seen: Counter[str] = Counter()
    shown = []
    for finding in findings:
        seen[finding.kind] += 1
        if seen[finding.kind] <= MOST_OF_A_KIND:
            shown.append(finding)
    more = {kind: count - MOST_OF_A_KIND for kind, count in seen.items() if count > MOST_OF_A_KIND}
    return shown + [Finding(kind, f"and {count} more of this kind") for kind, count in more.items()]
