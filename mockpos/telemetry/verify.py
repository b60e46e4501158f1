"""What a test says must have happened, checked against the calls that did; and the calls that came nearest.

Evicted calls are not there to be counted: where they could change the verdict, the verdict says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from heapq import nlargest
from typing import Any, ClassVar, NamedTuple

from marshmallow import ValidationError, validates_schema

from mockpos.domain.clock import rfc3339
from mockpos.domain.counted import counted
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.document import Document, call_summary, safe_text
from mockpos.telemetry.journal.query import CallPattern, PatternFields, pattern_of
from mockpos.validation.schema import ReadBy, shown

_MOST = 10**9
_LIMITS = ("min", "max")
_HOW_TO_COUNT = 'Must be a whole number from 0, or {"min": n, "max": n} with one of them or both'
_ESCAPED = _HOW_TO_COUNT.replace("{", "{{").replace("}", "}}")  # marshmallow formats its own messages
_WHOLE = {"type": "integer", "minimum": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Calls of a pattern, ``least`` to ``most`` of them; ``most`` None is without end."""

    pattern: CallPattern
    least: int
    most: int | None

    def is_met_by(self, count: int) -> bool:
        """Tell whether so many calls are what is expected."""
        return count >= self.least and (self.most is None or count <= self.most)

    def told(self) -> str:
        """Write for people how many calls are expected."""
        if self.least == self.most:
            return f"exactly {counted(self.least, 'call')}"
        if self.most is None:
            return f"at least {counted(self.least, 'call')}"
        return (
            f"at most {counted(self.most, 'call')}"
            if self.least == 0
            else f"{self.least} to {counted(self.most, 'call')}"
        )


_RANGE = {"type": "object", "properties": {"min": _WHOLE, "max": _WHOLE}, "additionalProperties": False}


def _count(value: Any) -> tuple[int, int | None]:
    """Read how many: a number, or an object with min, max or both. Return the least and the most."""
    if not isinstance(value, Mapping):
        exactly = _whole(value)
        return exactly, exactly
    if not value or any(name not in _LIMITS for name in value):
        raise ValidationError(f"{_HOW_TO_COUNT}.")
    least = _whole(value["min"]) if "min" in value else 0
    most = _whole(value["max"]) if "max" in value else None
    if most is not None and least > most:
        raise ValidationError("min is larger than max.")
    return least, most


class Expected(PatternFields):
    """Which calls, and how many of them. ``operation`` may be left out only where ``code`` says what is meant."""

    json_schema: ClassVar = {"anyOf": [{"required": ["operation"]}, {"required": ["code"]}]}
    count = ReadBy(
        _count,
        {"oneOf": [_WHOLE, {**_RANGE, "minProperties": 1}]},
        required=True,
        error_messages={"required": f"Missing. {_ESCAPED}.", "null": f"{_ESCAPED}, not null."},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_what_is_meant(self, _: Mapping[str, Any], given: Mapping[str, Any], **__: Any) -> None:
        """Refuse an expectation that would count calls of all operations."""
        if "operation" not in given and "code" not in given:
            raise ValidationError("Say hold, release or invoice; it may be left out only beside a code.", "operation")


def expectation_of(checked: Mapping[str, Any]) -> Expectation:
    """Return the expectation that checked fields state."""
    least, most = checked["count"]
    return Expectation(pattern=pattern_of(checked), least=least, most=most)


def _whole(value: Any) -> int:
    """Read a whole number as JSON Schema counts them: 2.0 is one. Bodies are read with decimals."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= _MOST or value % 1 != 0:
        raise ValidationError(f"{_HOW_TO_COUNT}, not {shown(value)}.")
    return int(value)


MOST = 3

_CANDIDATES = 50
_COLUMN = 40
_WEIGHTS = {"operation": 2, "code": 2, "global_id": 4, "remote_id": 3, "order_id": 4, "scenario": 1}
"""An id says more about which call was meant than how it ended."""


class Difference(NamedTuple):
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
                {**each._asdict(), "actual": None if each.actual is None else safe_text(each.actual)}
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
