"""What a test says must have happened: a pattern of calls, and how many of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from mockpos.telemetry.journal.query import CallPattern, PatternFields, pattern_of
from mockpos.validation.problems import shown

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
            return f"exactly {_calls(self.least)}"
        if self.most is None:
            return f"at least {_calls(self.least)}"
        return f"at most {_calls(self.most)}" if self.least == 0 else f"{self.least} to {_calls(self.most)}"


class Count(fields.Field[tuple[int, int | None]]):
    """How many: a number, or an object with min, max or both. Loads the least and the most."""

    json_schema: ClassVar = {
        "oneOf": [
            _WHOLE,
            {
                "type": "object",
                "properties": {"min": _WHOLE, "max": _WHOLE},
                "additionalProperties": False,
                "minProperties": 1,
            },
        ]
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int, int | None]:
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
    count = Count(
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


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
