"""Which codes a scenario may force on which operation: those the catalogue documents for it."""

from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.domain.codes import CATALOGUE

_WITH_BODY = frozenset({Operation.HOLD, Operation.INVOICE})
"""A release has no body in the default contract, so it does not document what only bodies can meet."""

UNCERTAIN = frozenset(code.code for code in CATALOGUE if code.outcome_unknown)
"""The codes that may be answered although the call was committed."""


def documented_codes(operation: Operation) -> list[ResponseCode]:
    """List the codes that one operation documents, in the catalogue's order."""
    return CATALOGUE.of(operation, has_body=operation in _WITH_BODY)


def operations_of(code: str) -> tuple[Operation, ...]:
    """Return the operations that document a code; none for the codes that belong to no operation."""
    return tuple(
        operation for operation in Operation if any(known.code == code for known in documented_codes(operation))
    )


def documented_pairs() -> list[tuple[Operation, ResponseCode]]:
    """List every (operation, code) pair that scenarios can answer."""
    return [(operation, code) for operation in Operation for code in documented_codes(operation)]
