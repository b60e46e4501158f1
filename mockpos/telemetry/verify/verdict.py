"""Checks what a test says must have happened against the calls that did, and explains a difference.

Evicted calls are not there to be counted: where they could change the verdict, the verdict says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.document import Document, call_summary
from mockpos.telemetry.verify.expectation import MOST, Expectation, NearMiss, context, nearest_calls, table

NO_CALLS = (
    "No call was recorded here at all. Does the client call this server, with this sandbox's key? "
    "Was the journal cleared or the sandbox reset in between?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer. ``safe`` is False when calls that were evicted could make it another one.

    ``matched`` are up to three of the calls found, newest first; ``nearest`` stands only where too few were.
    """

    satisfied: bool
    safe: bool
    found: int
    evicted: int
    expected: str
    text: str
    matched: tuple[CallRecord, ...] = ()
    nearest: tuple[NearMiss, ...] = ()

    def document(self) -> Document:
        """Return it as plain JSON."""
        return {
            "satisfied": self.satisfied,
            "safe": self.safe,
            "found": self.found,
            "expected": self.expected,
            "evicted": self.evicted,
            "text": self.text,
            "matched": [call_summary(call) for call in self.matched],
            "nearest": [miss.document() for miss in self.nearest],
        }


def verify(calls: Sequence[CallRecord], expectation: Expectation, evicted: int = 0) -> Verdict:
    """Count the calls, which are given newest first, and judge. ``evicted`` of them are lost."""
    matched = expectation.pattern.among(calls)
    found = len(matched)
    satisfied = expectation.is_met_by(found)
    is_short = found < expectation.least
    nearest = nearest_calls(expectation.pattern, calls) if is_short else ()
    safe = _is_safe(expectation, found, evicted)
    parts = [f"Expected {expectation.told()}, found {found}." if not satisfied else f"Found {found}, as expected."]
    if not safe:
        parts.append(f"Not safe: the journal had to evict older calls ({evicted}), which could change this.")
    if not satisfied:
        parts += _explained(expectation, calls, matched, nearest)
    return Verdict(
        satisfied=satisfied,
        safe=safe,
        found=found,
        evicted=evicted,
        expected=expectation.told(),
        text="\n".join(parts),
        matched=tuple(matched[:MOST]),
        nearest=nearest,
    )


def _is_safe(expectation: Expectation, found: int, evicted: int) -> bool:
    """Tell whether the verdict is the same for every count that is possible, from none of the evicted to all."""
    most = found + evicted
    if expectation.is_met_by(found):
        return expectation.is_met_by(most)
    return found >= expectation.least or most < expectation.least


def _explained(
    expectation: Expectation, calls: Sequence[CallRecord], matched: list[CallRecord], nearest: tuple[NearMiss, ...]
) -> list[str]:
    if not calls:
        return [NO_CALLS]
    if nearest:
        return [_heading(len(nearest)), *(table(expectation.pattern, miss) for miss in nearest)]
    if len(matched) < expectation.least:
        return ["Every call in the journal matches; there are no others."]
    return ["The newest that match:", *(f"  {context(call)}" for call in matched[:MOST])]


def _heading(count: int) -> str:
    return "The nearest call differs:" if count == 1 else f"The nearest {count} calls differ:"
