"""What people may ask the journal for: the fields of a call pattern, since when, and how many. Checked strictly.

Independent of HTTP: values come as the text of a query, or as parsed JSON.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.identifiers import LONGEST, is_global_id, opaque_id
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.telemetry.coverage import SUCCESS_CODES
from mockpos.telemetry.journal.filter import PATTERN_FIELDS, CallPattern, JournalFilter
from mockpos.validation.problems import nearest, shown
from mockpos.validation.schema import Strict

MOST = 10_000
USUAL = 100

_OPERATIONS = [operation.value for operation in Operation]
_CODES = [*SUCCESS_CODES.values(), *CATALOGUE.names(), *MOCK_CODES]


class OperationName(fields.Field[Operation]):
    """The name of an operation."""

    json_schema: ClassVar = {"type": "string", "enum": _OPERATIONS}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Operation:
        if value not in _OPERATIONS:
            raise ValidationError(f"{shown(value)} is no operation{nearest(value, _OPERATIONS)}.")
        return Operation(value)


class CodeName(fields.Field[str]):
    """A code of the catalogue, what succeeded, or a code of the mock's own."""

    json_schema: ClassVar = {"type": "string"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value not in _CODES:
            raise ValidationError(f"{shown(value)} is no code{nearest(value, _CODES)}.")
        return str(value)


class GlobalId(fields.Field[str]):
    """A Global ID."""

    json_schema: ClassVar = {"type": "string"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not is_global_id(value):
            raise ValidationError(f"{shown(value)} is no Global ID.")
        return value


class OpaqueId(fields.Field[str]):
    """An id as the operations take it: text, or a whole number that is kept as its decimal text."""

    json_schema: ClassVar = {"type": ["string", "integer"]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValidationError("Must be a string or a whole number.")
        try:
            return opaque_id(str(value))
        except ValueError as error:
            hint = str(error) if isinstance(value, str) else f"Must have 1 to {LONGEST} characters."
            raise ValidationError(hint) from None


class ScenarioName(fields.Field[str]):
    """The name of a scenario, known or not."""

    json_schema: ClassVar = {"type": "string"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Must be the name of a scenario.")
        try:
            return opaque_id(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class Since(fields.Field[Millis | str]):
    """A moment, or the id of a request."""

    json_schema: ClassVar = {"type": "string"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Millis | str:
        text = str(value)
        try:
            return parse_rfc3339(text)
        except (ValueError, OverflowError):
            if is_global_id(text):
                return text
        hint = " (a + in a query is written %2B)" if " " in text else ""
        raise ValidationError(f"Must be a time such as 2026-11-23T14:02:07.120Z, or the id of a request{hint}.")


class Limit(fields.Field[int]):
    """How many calls at most, as the text of a query."""

    json_schema: ClassVar = {"type": "integer", "minimum": 1, "maximum": MOST}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
            raise ValidationError(f"Must be a whole number from 1 to {MOST}.")
        return int(text)


class PatternFields(Strict):
    """What a call must be; what is left out may be anything."""

    operation = OperationName()
    code = CodeName(metadata={"description": "An error's code, or held, released, invoiced."})
    global_id = GlobalId()
    remote_id = OpaqueId()
    order_id = OpaqueId()
    scenario = ScenarioName()

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

    since = Since(
        metadata={"description": "A moment of the sandbox's clock, or a request id: the calls recorded after it."}
    )
    limit = Limit(metadata={"description": f"At most so many, the newest; {USUAL} if left out."})


def pattern_of(checked: Mapping[str, Any]) -> CallPattern:
    """Return the pattern that checked fields state."""
    return CallPattern(**{name: checked[name] for name in PATTERN_FIELDS if name in checked})


def filter_of(checked: Mapping[str, Any]) -> JournalFilter:
    """Return the filter that a checked query states."""
    return JournalFilter(pattern=pattern_of(checked), since=checked.get("since"), limit=checked.get("limit", USUAL))
