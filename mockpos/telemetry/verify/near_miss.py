"""Which recorded calls come nearest to what was expected, and in what they differ.

The text stands in two columns like WireMock's closest-stub table: a mark on each line that does not match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest

from mockpos.domain.clock import rfc3339
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.document import Document, call_summary, safe_text
from mockpos.telemetry.journal.query import CallPattern

MOST = 3

_CANDIDATES = 50
_COLUMN = 40
_WEIGHTS = {"operation": 2, "code": 2, "global_id": 4, "remote_id": 3, "order_id": 4, "scenario": 1}
"""An id says more about which call was meant than how it ended."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as expected."""

    field: str
    expected: str
    actual: str | None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A call that was almost the expected one."""

    call: CallRecord
    differences: tuple[Difference, ...]

    def document(self) -> Document:
        """Return it as plain JSON."""
        return {
            "request": call_summary(self.call),
            "differences": [
                {
                    "field": each.field,
                    "expected": each.expected,
                    "actual": None if each.actual is None else safe_text(each.actual),
                }
                for each in self.differences
            ],
        }


def nearest_calls(pattern: CallPattern, calls: Sequence[CallRecord]) -> tuple[NearMiss, ...]:
    """Return up to three calls that do not match, the nearest first. ``calls`` are given newest first.

    Fields that match count first, then how alike the others are, then how new the call is.
    """
    misses = [call for call in calls if not pattern.matches(call)]
    likely = nlargest(_CANDIDATES, misses, key=lambda call: _matching(pattern, call))  # stable: the newer first
    ranked = nlargest(MOST, likely, key=lambda call: (_matching(pattern, call), _likeness(pattern, call)))
    return tuple(NearMiss(call, _differences(pattern, call)) for call in ranked)


def table(pattern: CallPattern, miss: NearMiss) -> str:
    """Write expected and actual beside each other, one line for each field that is stated."""
    differing = {each.field for each in miss.differences}
    lines = [_line("", "Expected", f"Request {miss.call.request_id}", mark="")]
    for name, value in pattern.stated:
        mark = f"  <<<<< {name} does not match" if name in differing else ""
        lines.append(_line(name, value, getattr(miss.call, name), mark))
    return "\n".join([*lines, f"  {context(miss.call)}"])


def context(call: CallRecord) -> str:
    """Tell in one line what a call was."""
    asked = f"{call.method} {call.target}"
    outcome = f"{call.status} {call.code}".strip()
    return f"at {rfc3339(call.at)}: {_shown(asked)} -> {_shown(outcome)}, sent {call.sent}, {call.request_id}"


def _line(name: str, expected: str, actual: str | None, mark: str) -> str:
    return f"  {name:10} {_shown(expected):{_COLUMN}} | {_shown(actual):{_COLUMN if mark else 0}}{mark}"


def _shown(value: str | None) -> str:
    """Return a value that fits its column and holds nothing a terminal would obey: callers choose it."""
    if value is None:
        return "(none)"
    shown = value if value.isprintable() else ascii(value)[1:-1]
    return shown if len(shown) <= _COLUMN else shown[: _COLUMN - 3] + "..."


def _matching(pattern: CallPattern, call: CallRecord) -> int:
    return sum(_WEIGHTS[name] for name, value in pattern.stated if getattr(call, name) == value)


def _likeness(pattern: CallPattern, call: CallRecord) -> float:
    differing = _differences(pattern, call)
    return sum(
        _WEIGHTS[each.field] * SequenceMatcher(None, each.expected, each.actual or "", autojunk=False).ratio()
        for each in differing
    )


def _differences(pattern: CallPattern, call: CallRecord) -> tuple[Difference, ...]:
    pairs = [(name, value, getattr(call, name)) for name, value in pattern.stated]
    return tuple(Difference(name, value, actual) for name, value, actual in pairs if value != actual)
