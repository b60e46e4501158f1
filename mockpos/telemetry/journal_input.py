"""Reads what people ask the journal for, strictly: a wrong name or value is refused, with the one probably meant.

Must not know HTTP: values come as the text of a query, or as parsed JSON.
"""

from collections.abc import Callable, Iterable, Mapping

from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput
from mockpos.domain.identifiers import LONGEST, is_global_id, opaque_id
from mockpos.domain.mock_codes import MOCK_CODES
from mockpos.telemetry.coverage_pairs import SUCCESS_CODES
from mockpos.validation.problems import nearest, shown

Errors = dict[str, list[str]]

_OPERATIONS = [operation.value for operation in Operation]
_CODES = [*SUCCESS_CODES.values(), *CATALOGUE.names(), *MOCK_CODES]


class WrongFields(BadInput):
    """Some fields of a question are wrong. ``errors`` says for each of them what is."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(" ".join(f"{name}: {message}" for name, messages in errors.items() for message in messages))
        self.errors = errors


def refuse_unknown(given: Mapping[str, object], known: Iterable[str], errors: Errors) -> None:
    """Add an error for every name that is not known."""
    known = list(known)
    for name in given:
        if name not in known:
            errors[str(name)] = [f"Unknown field{nearest(name, known)}."]


def read_fields(given: Mapping[str, object], errors: Errors) -> dict[str, object]:
    """Read the fields of a call pattern that are given. Errors go where the caller collects them."""
    read: dict[str, object] = {}
    for name, reader in _READERS.items():
        if name in given:
            try:
                read[name] = reader(given[name])
            except ValueError as error:
                errors[name] = [str(error)]
    if "code" in read and "operation" in read:
        _check_code_fits(Operation(str(read["operation"])), str(read["code"]), errors)
    return read


def _operation(value: object) -> Operation:
    if value not in _OPERATIONS:
        raise ValueError(f"{shown(value)} is no operation{nearest(value, _OPERATIONS)}.")
    return Operation(str(value))


def _code(value: object) -> str:
    if value not in _CODES:
        raise ValueError(f"{shown(value)} is no code{nearest(value, _CODES)}.")
    return str(value)


def _global_id(value: object) -> str:
    if not isinstance(value, str) or not is_global_id(value):
        raise ValueError(f"{shown(value)} is no Global ID.")
    return value


def _opaque_id(value: object) -> str:
    """Read an id as the operations do: text, or a whole number that is kept as its decimal text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("Must be a string or a whole number.")
    try:
        return opaque_id(str(value))
    except ValueError as error:
        raise ValueError(str(error) if isinstance(value, str) else f"Must have 1 to {LONGEST} characters.") from error


def _scenario(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("Must be the name of a scenario.")
    return opaque_id(value)


def _check_code_fits(operation: Operation, code: str, errors: Errors) -> None:
    """Refuse a code that the operation never answers: such a question would always be answered with zero."""
    if code in MOCK_CODES:
        return
    if code in CATALOGUE:
        fits = operation in CATALOGUE[code].operations and CATALOGUE[code].scope is not Scope.NO_OPERATION
    else:
        fits = SUCCESS_CODES[operation] == code
    if not fits:
        errors["code"] = [f"The operation {operation} never answers {code}."]


_READERS: dict[str, Callable[[object], object]] = {
    "operation": _operation,
    "code": _code,
    "global_id": _global_id,
    "remote_id": _opaque_id,
    "order_id": _opaque_id,
    "scenario": _scenario,
}
