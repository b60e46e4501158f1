"""What a test says must have happened: a pattern of calls, and how many of them. Read strictly from parsed JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

from mockpos.telemetry.journal_filter import PATTERN_FIELDS, CallPattern
from mockpos.telemetry.journal_input import Errors, WrongFields, read_fields, refuse_unknown
from mockpos.validation.problems import shown

EXPECTATION_FIELDS = (*PATTERN_FIELDS, "count")

_LIMITS = ("min", "max")
_HOW_TO_COUNT = 'Must be a whole number from 0, or {"min": n, "max": n} with one of them or both'


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
            return f"exactly {_calls(self.least)}"
        if self.most is None:
            return f"at least {_calls(self.least)}"
        return f"at most {_calls(self.most)}" if self.least == 0 else f"{self.least} to {_calls(self.most)}"


def read_expectation(given: Mapping[str, object]) -> Expectation:
    """Read an expectation. ``operation`` may be left out only where ``code`` says what is meant.

    Raises WrongFields, naming every field that is wrong.
    """
    errors: Errors = {}
    refuse_unknown(given, EXPECTATION_FIELDS, errors)
    fields = read_fields(given, errors)
    if "operation" not in given and "code" not in given:
        errors["operation"] = ["Say hold, release or invoice; it may be left out only beside a code."]
    least, most = 0, None
    try:
        least, most = _count(given)
    except ValueError as error:
        errors["count"] = [str(error)]
    if errors:
        raise WrongFields(errors)
    pattern = CallPattern(**fields)  # type: ignore[arg-type]  # each reader returns what its field is
    return Expectation(pattern=pattern, least=least, most=most)


def _count(given: Mapping[str, object]) -> tuple[int, int | None]:
    if "count" not in given:
        raise ValueError(f"Missing. {_HOW_TO_COUNT}.")
    count = given["count"]
    if not isinstance(count, Mapping):
        exactly = _whole(count)
        return exactly, exactly
    if not count or any(name not in _LIMITS for name in count):
        raise ValueError(f"{_HOW_TO_COUNT}.")
    least = _whole(count["min"]) if "min" in count else 0
    most = _whole(count["max"]) if "max" in count else None
    if most is not None and least > most:
        raise ValueError("min is larger than max.")
    return least, most


def _whole(value: object) -> int:
    """Read a whole number as JSON Schema counts them: 2.0 is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value % 1 != 0:
        raise ValueError(f"{_HOW_TO_COUNT}, not {shown(value)}.")
    return int(value)


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
