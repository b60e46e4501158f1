"""What people may ask the journal for: the fields of a call pattern, since when, and how many. Checked strictly.

Independent of HTTP: values come as the text of a query, or as parsed JSON.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from marshmallow import ValidationError, validates_schema

from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.codes import CATALOGUE, MOCK_CODES
from mockpos.domain.identifiers import LONGEST, is_global_id, opaque_id
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.coverage import SUCCESS_CODES
from mockpos.validation.schema import ReadBy, Strict, nearest, shown

PATTERN_FIELDS = ("operation", "code", "global_id", "remote_id", "order_id", "scenario")
"""What a call can be asked for by, in the order that answers name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPattern:
    """What a call must be, exactly; what is None may be anything."""

    operation: Operation | None = None
    code: str | None = None
    global_id: str | None = None
    remote_id: str | None = None
    order_id: str | None = None
    scenario: str | None = None
    stated: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stated = [(name, getattr(self, name)) for name in PATTERN_FIELDS]
        object.__setattr__(self, "stated", tuple((name, value) for name, value in stated if value is not None))

    def matches(self, call: CallRecord) -> bool:
        """Tell whether a call is all that is stated."""
        return all(getattr(call, name) == value for name, value in self.stated)

    def among(self, calls: Iterable[CallRecord]) -> list[CallRecord]:
        """List the calls that match, in their order. Field by field is several times as fast as call by call."""
        left = list(calls)
        for name, value in self.stated:
            actual = attrgetter(name)
            left = [call for call in left if actual(call) == value]
        return left


MOST = 10_000
USUAL = 100

_OPERATIONS = [operation.value for operation in Operation]
_CODES = [*SUCCESS_CODES.values(), *CATALOGUE.names(), *MOCK_CODES]


def _operation(value: Any) -> Operation:
    if value not in _OPERATIONS:
        raise ValidationError(f"{shown(value)} is no operation{nearest(value, _OPERATIONS)}.")
    return Operation(value)


def _code(value: Any) -> str:
    if value not in _CODES:
        raise ValidationError(f"{shown(value)} is no code{nearest(value, _CODES)}.")
    return str(value)


def _global_id(value: Any) -> str:
    if not isinstance(value, str) or not is_global_id(value):
        raise ValidationError(f"{shown(value)} is no Global ID.")
    return value


def _opaque_id(value: Any) -> str:
    """Read an id as the operations take it: a whole number is kept as its decimal text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValidationError("Must be a string or a whole number.")
    try:
        return opaque_id(str(value))
    except ValueError as error:
        hint = str(error) if isinstance(value, str) else f"Must have 1 to {LONGEST} characters."
        raise ValidationError(hint) from None


def _scenario(value: Any) -> str:
    """Read the name of a scenario, known or not."""
    if not isinstance(value, str):
        raise ValidationError("Must be the name of a scenario.")
    return _opaque_id(value)


def _since(value: Any) -> Millis | str:
    """Read a moment, or the id of a request."""
    text = str(value)
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):
        if is_global_id(text):
            return text
    hint = " (a + in a query is written %2B)" if " " in text else ""
    raise ValidationError(f"Must be a time such as 2026-11-23T14:02:07.120Z, or the id of a request{hint}.")


def _limit(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise ValidationError(f"Must be a whole number from 1 to {MOST}.")
    return int(text)


_TEXT = {"type": "string"}
_ID = {"type": ["string", "integer"]}


class PatternFields(Strict):
    """What a call must be; what is left out may be anything."""

    operation = ReadBy(_operation, {"type": "string", "enum": _OPERATIONS})
    code = ReadBy(_code, _TEXT, metadata={"description": "An error's code, or held, released, invoiced."})
    global_id = ReadBy(_global_id, _TEXT)
    remote_id = ReadBy(_opaque_id, _ID)
    order_id = ReadBy(_opaque_id, _ID)
    scenario = ReadBy(_scenario, _TEXT)

    @validates_schema
    def check_code_fits(self, given: Mapping[str, Any], **_: Any) -> None:
        """Refuse a code that the operation never answers: such a question would always be answered with zero."""
        operation, code = given.get("operation"), given.get("code")
        if operation is None or code is None or code in MOCK_CODES:
            return
        if code in CATALOGUE:
            fits = operation in CATALOGUE[code].operations and CATALOGUE[code].scope is not Scope.NO_OPERATION
        else:
            fits = SUCCESS_CODES[operation] == code
        if not fits:
            raise ValidationError(f"The operation {operation} never answers {code}.", "code")


class JournalQuery(PatternFields):
    """Which calls are asked for; everything may be left out."""

    since = ReadBy(
        _since,
        _TEXT,
        metadata={"description": "A moment of the sandbox's clock, or a request id: the calls recorded after it."},
    )
    limit = ReadBy(
        _limit,
        {"type": "integer", "minimum": 1, "maximum": MOST},
        metadata={"description": f"At most so many, the newest; {USUAL} if left out."},
    )


def pattern_of(checked: Mapping[str, Any]) -> CallPattern:
    """Return the pattern that checked fields state."""
    return CallPattern(**{name: checked[name] for name in PATTERN_FIELDS if name in checked})
